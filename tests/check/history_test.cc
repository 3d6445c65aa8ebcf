// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include "check/dependency_graph.h"
#include "check/list_history.h"
#include "check/promises.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tidemark::check {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using Lists = std::map<int64_t, std::vector<int64_t>>;

ListTransaction Tx(Lists reads, Lists appends, Outcome outcome = Outcome::kCommitted,
                   int64_t begun = 0, int64_t ended = 1000) {
  ListTransaction tx;
  tx.reads = std::move(reads);
  tx.appends = std::move(appends);
  tx.ending.outcome = outcome;
  tx.ending.begun_micros = begun;
  tx.ending.ended_micros = ended;
  return tx;
}

TEST(ListHistoryTest, AGoodHistory) {
  EXPECT_THAT(CheckListHistory({Tx({{1, {}}}, {{1, {10}}}), Tx({{1, {10}}}, {{1, {11}}}),
                                Tx({{1, {10, 11}}}, {})},
                               {{1, {10, 11}}}, {}),
              IsEmpty());
}

TEST(ListHistoryTest, AbortedRead) {
  EXPECT_THAT(CheckListHistory({Tx({}, {{1, {10}}}, Outcome::kAborted), Tx({{1, {10}}}, {})},
                               {{1, {10}}}, {}),
              Contains(HasSubstr("G1a")));
}

TEST(ListHistoryTest, IntermediateRead) {
  EXPECT_THAT(CheckListHistory({Tx({}, {{1, {10, 11}}}), Tx({{1, {10}}}, {})}, {{1, {10, 11}}}, {}),
              Contains(HasSubstr("G1b")));
}

TEST(ListHistoryTest, LostUpdate) {
  EXPECT_THAT(CheckListHistory({Tx({{1, {}}}, {{1, {10}}}), Tx({{1, {}}}, {{1, {11}}})},
                               {{1, {10, 11}}}, {}),
              Contains(HasSubstr("lost update")));
}

TEST(ListHistoryTest, WriteCycle) {
  EXPECT_THAT(CheckListHistory({Tx({}, {{1, {10}}, {2, {20}}}), Tx({}, {{1, {11}}, {2, {21}}})},
                               {{1, {10, 11}}, {2, {21, 20}}}, {}),
              Contains(HasSubstr("G0")));
}

TEST(ListHistoryTest, CircularInformationFlow) {
  EXPECT_THAT(CheckListHistory({Tx({{2, {20}}}, {{1, {10}}}), Tx({{1, {10}}}, {{2, {20}}})},
                               {{1, {10}}, {2, {20}}}, {}),
              Contains(HasSubstr("G1c")));
}

TEST(ListHistoryTest, ReadSkew) {
  EXPECT_THAT(CheckListHistory({Tx({}, {{1, {10}}, {2, {20}}}), Tx({{1, {10}}, {2, {}}}, {})},
                               {{1, {10}}, {2, {20}}}, {}),
              Contains(HasSubstr("read skew")));
}

TEST(ListHistoryTest, LongFork) {
  EXPECT_THAT(CheckListHistory({Tx({}, {{1, {10}}}), Tx({}, {{2, {20}}}),
                                Tx({{1, {10}}, {2, {}}}, {}), Tx({{1, {}}, {2, {20}}}, {})},
                               {{1, {10}}, {2, {20}}}, {}),
              Contains(HasSubstr("long fork")));
}

TEST(ListHistoryTest, WriteSkewIsAllowed) {
  EXPECT_THAT(
      CheckListHistory({Tx({{1, {}}, {2, {}}}, {{1, {10}}}), Tx({{1, {}}, {2, {}}}, {{2, {20}}})},
                       {{1, {10}}, {2, {20}}}, {}),
      IsEmpty());
}

TEST(ListHistoryTest, AReadMissesWhatWasAcknowledgedBefore) {
  const Outcome ok = Outcome::kCommitted;
  EXPECT_THAT(CheckListHistory({Tx({{1, {}}}, {{1, {10}}}, ok, 0, 5), Tx({{1, {}}}, {}, ok, 6, 9)},
                               {{1, {10}}}, {}),
              Contains(HasSubstr("stale")));
  EXPECT_THAT(CheckListHistory({Tx({{1, {}}}, {{1, {10}}}, ok, 0, 5), Tx({{1, {}}}, {}, ok, 4, 9)},
                               {{1, {10}}}, {}),
              IsEmpty());
}

TEST(ListHistoryTest, LostTransactionsAndTheirReadersAreLeftOut) {
  const std::vector<ListTransaction> history = {Tx({{1, {}}}, {{1, {10}}}), Tx({{1, {10}}}, {}),
                                                Tx({{1, {}}}, {{1, {11}}})};
  EXPECT_THAT(CheckListHistory(history, {{1, {11}}}, {.newest_end_may_be_lost = true}), IsEmpty());
  EXPECT_FALSE(CheckListHistory(history, {{1, {11}}}, {}).empty());
}

WriteRecord Record(uint64_t epoch, uint64_t csn, uint32_t found, int64_t begun = 0,
                   int64_t ended = 1000) {
  WriteRecord record;
  record.name = "t";
  record.parts = 2;
  record.parts_found = found;
  record.ending.outcome = Outcome::kCommitted;
  record.ending.place = {Epoch(epoch), Csn(csn)};
  record.ending.begun_micros = begun;
  record.ending.ended_micros = ended;
  return record;
}

TEST(PromisesTest, NothingAcknowledgedIsLost) {
  EXPECT_THAT(CheckPromises({Record(1, 1, 2), Record(1, 2, 0)}, {}), Contains(HasSubstr("lost")));
  EXPECT_THAT(CheckPromises({Record(1, 1, 2), Record(1, 2, 0)}, {.newest_end_may_be_lost = true}),
              IsEmpty());
}

TEST(PromisesTest, OnlyTheNewestEndOfAnEpochIsLost) {
  EXPECT_THAT(CheckPromises({Record(1, 1, 0), Record(1, 2, 2)}, {.newest_end_may_be_lost = true}),
              Contains(HasSubstr("not a prefix")));
  EXPECT_THAT(CheckPromises({Record(1, 2, 0), Record(2, 2, 2)}, {.newest_end_may_be_lost = true}),
              IsEmpty());
}

TEST(PromisesTest, NothingIsLostBelowAWatermarkThatWasSeen) {
  LossRules rules{.newest_end_may_be_lost = true, .watermarks = {{Epoch(1), Csn(1)}}};
  EXPECT_THAT(CheckPromises({Record(1, 1, 2), Record(1, 2, 0)}, rules), IsEmpty());
  rules.watermarks[Epoch(1)] = Csn(2);
  EXPECT_THAT(CheckPromises({Record(1, 1, 2), Record(1, 2, 0)}, rules),
              Contains(HasSubstr("below the watermark 2")));
}

TEST(PromisesTest, AllOrNothing) {
  EXPECT_THAT(CheckPromises({Record(1, 1, 1)}, {.newest_end_may_be_lost = true}),
              Contains(HasSubstr("half")));
}

TEST(PromisesTest, NothingAbortedIsThere) {
  WriteRecord record = Record(1, 1, 2);
  record.ending.outcome = Outcome::kAborted;
  EXPECT_THAT(CheckPromises({record}, {}), Contains(HasSubstr("aborted, but there")));
}

TEST(PromisesTest, ReturnedReadsAreNotUndone) {
  WriteRecord record = Record(1, 1, 0);
  record.ending.outcome = Outcome::kUnknown;
  EXPECT_THAT(CheckPromises({record}, {}), IsEmpty());
  record.was_read = true;
  EXPECT_THAT(CheckPromises({record}, {}), Contains(HasSubstr("undone")));
}

TEST(PromisesTest, CsnsFollowRealTime) {
  EXPECT_THAT(CheckPromises({Record(1, 2, 2, 0, 5), Record(1, 1, 2, 6, 9)}, {}),
              Contains(HasSubstr("real time")));
  EXPECT_THAT(CheckPromises({Record(1, 1, 2), Record(1, 1, 2)}, {}),
              Contains(HasSubstr("one csn")));
}

}  // namespace
}  // namespace tidemark::check
