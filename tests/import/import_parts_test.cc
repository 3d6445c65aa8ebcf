// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/status.h"
#include "env/posix_file_system.h"
#include "import/bad_rows.h"
#include "import/id_map.h"
#include "import/limits.h"
#include "import/placement.h"
#include "import/row_values.h"
#include "import/slot_buckets.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

using graph::Value;
using graph::ValueType;
using ::testing::HasSubstr;

IdMap::Key KeyOf(uint32_t group, std::string_view id) {
  return IdMap::KeyOf({.number = group}, id).value();
}

TEST(IdMapTest, NumbersTextsAndGroupsDoNotMix) {
  IdMap ids;
  const std::vector<std::pair<uint32_t, std::string>> keys = {{0, "7"},
                                                              {0, "07"},
                                                              {0, "+7"},
                                                              {0, "7 "},
                                                              {0, "seven"},
                                                              {1, "7"},
                                                              {1, "seven"},
                                                              {0, "0"},
                                                              {0, "00"},
                                                              {0, "18446744073709551615"},
                                                              {0, "18446744073709551616"},
                                                              {0, "-1"},
                                                              {0, std::string("a\0b", 3)},
                                                              {0, "a"}};
  uint32_t sequence = 1;
  for (const auto& [group, id] : keys) {
    EXPECT_FALSE(ids.Find(KeyOf(group, id)).has_value()) << id;
    EXPECT_TRUE(ids.Insert(KeyOf(group, id), VertexId(SlotId(4095), sequence++))) << id;
  }
  sequence = 1;
  for (const auto& [group, id] : keys) {
    EXPECT_FALSE(ids.Insert(KeyOf(group, id), VertexId(SlotId(1), 99)));
    EXPECT_EQ(ids.Find(KeyOf(group, id)), VertexId(SlotId(4095), sequence++)) << id;
  }
  EXPECT_EQ(ids.size(), keys.size());
}

TEST(IdMapTest, IntegerIdsAreTheSameWhenTheirNumbersAre) {
  constexpr IdGroup kIntegers{.number = 0, .has_integer_ids = true};
  IdMap ids;
  // More than the table holds at first: entries are found again from their numbers alone.
  for (int64_t i = -3000; i < 3000; ++i) {
    ASSERT_TRUE(ids.Insert(*IdMap::KeyOf(kIntegers, std::to_string(i)),
                           VertexId(SlotId(1), static_cast<uint32_t>(i + 3001))));
  }
  for (const char* text : {"7", "07", "+7", " 7", "7 ", "0000000000000000000000000000007"}) {
    EXPECT_EQ(ids.Find(*IdMap::KeyOf(kIntegers, text)), VertexId(SlotId(1), 3008)) << text;
  }
  for (const char* text : {"-7", " -007"}) {
    EXPECT_EQ(ids.Find(*IdMap::KeyOf(kIntegers, text)), VertexId(SlotId(1), 2994)) << text;
  }
  for (const char* text : {"", "x", "1.0", "9223372036854775808"}) {
    EXPECT_FALSE(IdMap::KeyOf(kIntegers, text).has_value()) << text;
  }
}

TEST(IdMapTest, KeepsEverythingWhileItGrows) {
  constexpr uint32_t kCount = 50'000;
  IdMap ids;
  const auto name = [](uint32_t i) {
    return i % 2 == 0 ? std::to_string(i * 7919) : "node-" + std::to_string(i);
  };
  for (uint32_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(ids.Insert(KeyOf(i % 3, name(i)), VertexId(SlotId(7), i + 1)));
  }
  for (uint32_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(ids.Find(KeyOf(i % 3, name(i))), VertexId(SlotId(7), i + 1));
    ASSERT_FALSE(ids.Find(KeyOf(3, name(i))).has_value());
  }
}

TEST(PlacementTest, EveryWorkerGetsItsShareAndIdsAreDense) {
  for (const uint32_t worker_count : {1u, 3u, 5u, 64u}) {
    Placement placement(worker_count);
    std::map<NodeId, uint32_t> shares;
    std::set<VertexId> all;
    const uint32_t count = worker_count * kPlacementRunCount * 18;
    for (uint32_t i = 0; i < count; ++i) {
      const VertexId vertex = placement.NextVertex();
      all.insert(vertex);
      ++shares[OwnerOfSlot(vertex.slot(), worker_count)];
    }
    EXPECT_EQ(all.size(), count);
    EXPECT_EQ(shares.size(), worker_count);
    for (const auto& [worker, share] : shares) EXPECT_EQ(share, count / worker_count);
    uint32_t dense = 0;
    for (uint32_t slot = 0; slot < kSlotCount; ++slot) {
      dense += placement.next_vertex(SlotId(static_cast<uint16_t>(slot))) - 1;
    }
    EXPECT_EQ(dense, count);
  }
}

TEST(SlotBucketsTest, RecordsComeBackInOrderFromMemoryAndDisk) {
  env::PosixFileSystem files;
  for (const size_t memory_bytes : {size_t{10}, size_t{1} << 20}) {
    TemporaryFolder folder;
    SlotBuckets buckets(&files, folder.path() + "/spill", memory_bytes);
    std::map<uint16_t, std::string> expected;
    for (uint16_t i = 0; i < 200; ++i) {
      const uint16_t slot = i * 37 % 11;
      const std::string record = std::to_string(i) + ";";
      ASSERT_TRUE(buckets.Append(SlotId(slot), record).ok());
      expected[slot] += record;
    }
    EXPECT_EQ(buckets.spilled_bytes() > 0, memory_bytes == 10);
    for (const auto& [slot, text] : expected) {
      std::string got;
      const auto append = [&got](std::string_view run) {
        EXPECT_EQ(run.back(), ';');  // whole records
        got += run;
        return absl::OkStatus();
      };
      ASSERT_TRUE(buckets.ReadRuns(SlotId(slot), append).ok());
      EXPECT_EQ(got, text);
      EXPECT_EQ(buckets.slot_bytes(SlotId(slot)), text.size());
      buckets.Drop(SlotId(slot));
      EXPECT_EQ(buckets.slot_bytes(SlotId(slot)), 0u);
    }
  }
}

TEST(CellValueTest, TypesListsAndMissingValues) {
  const Column text{.name = "a"};
  const Column number{.name = "a", .type = ValueType::kInteger};
  const Column numbers{.name = "a", .type = ValueType::kInteger, .is_list = true};
  EXPECT_TRUE(CellValue(text, {"", false}, ';')->is_null());
  EXPECT_EQ(CellValue(text, {"", true}, ';')->string(), "");
  EXPECT_EQ(CellValue(text, {" x ", false}, ';')->string(), " x ");
  EXPECT_TRUE(CellValue(number, {"", true}, ';')->is_null());
  EXPECT_EQ(CellValue(number, {" -7 ", false}, ';')->integer(), -7);
  EXPECT_EQ(CellValue(numbers, {"1;2;3", false}, ';')->list().size(), 3u);
  EXPECT_TRUE(CellValue(numbers, {"", false}, ';')->is_null());
  EXPECT_EQ(CellValue({.name = "a", .is_list = true}, {"x;;y", false}, ';')->list()[1].string(),
            "");
  EXPECT_TRUE(
      CellValue({.name = "a", .type = ValueType::kBoolean}, {"true", false}, ';')->boolean());
  EXPECT_EQ(CellValue({.name = "a", .type = ValueType::kDate}, {"1970-01-02", false}, ';')
                ->date()
                .epoch_day,
            1);
  for (const auto& [column, cell] :
       {std::pair{number, "1.5"}, {numbers, "1;x"}, {text, "\xff\xfe"}, {numbers, "1;;2"}}) {
    EXPECT_EQ(CellValue(column, {cell, false}, ';').status().code(),
              absl::StatusCode::kInvalidArgument)
        << cell;
  }
}

TEST(BadRowsTest, ListsCountsAndLimits) {
  BadRows rows(3);
  EXPECT_TRUE(rows.Verdict().ok());
  EXPECT_TRUE(rows.Add(BadRowKind::kDangling, {"r.csv", 4}, "no node", true).ok());
  EXPECT_TRUE(rows.Verdict().ok());
  EXPECT_TRUE(rows.Add(BadRowKind::kDuplicateId, {"n.csv", 9}, "twice", false).ok());
  EXPECT_THAT(MessageOf(rows.Verdict()), HasSubstr("2 bad rows:\n  r.csv:4: no node"));
  EXPECT_TRUE(rows.Add(BadRowKind::kDangling, {"r.csv", 5}, "no node", true).ok());
  EXPECT_EQ(rows.count(BadRowKind::kDangling), 2u);
  EXPECT_EQ(rows.Report(), "r.csv:4: no node\nn.csv:9: twice\nr.csv:5: no node\n");
  EXPECT_THAT(MessageOf(rows.Add(BadRowKind::kDangling, {"r.csv", 6}, "no node", true)),
              HasSubstr("more than 3 bad rows"));
}

}  // namespace
}  // namespace tidemark::csv_import
