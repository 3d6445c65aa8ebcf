// SPDX-License-Identifier: Apache-2.0
// Classes of failures that hit other databases, each by its name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "tests/durability/wal_fixture.h"

namespace tidemark::durability {
namespace {

using ::testing::HasSubstr;

class WalFailureTest : public WalTest {};

TEST_F(WalFailureTest, FsyncErrorThenSuccessEndsTheNode) {
  Fill(1);
  node_.Commit(2, "two");
  files_.FailNextSync();
  EXPECT_FALSE(node_.Sync(2));
  EXPECT_EQ(node_.executor()->failure().code(), absl::StatusCode::kUnavailable);
}

// The last record of a full segment is a watermark, which no later commit needs: without it the log
// would end there all the same.
TEST_F(WalFailureTest, FsyncErrorAtTheEndOfASegmentLosesNothingLater) {
  Fill(1);
  const auto end = [&] { return node_.writer()->state().end.offset; };
  uint64_t csn = 1;
  const auto commit = [&](size_t bytes) {
    ++csn;
    node_.Commit(csn, Mutations(csn, bytes));
  };
  const uint64_t usable = 4096 - WalSegmentReserveBytes(SmallSegments());
  while (end() + 50 + kMaxCommitOverheadBytes <= usable) commit(50);
  ASSERT_TRUE(node_.Sync(csn));
  node_.writer()->NoteWatermark(Csn(csn));
  node_.executor()->RunAll();
  ASSERT_EQ(node_.writer()->state().end.segment, 1u);
  commit(50);
  ASSERT_EQ(node_.writer()->state().end.segment, 2u);
  files_.FailNextSync();
  ASSERT_FALSE(node_.Sync(csn));

  node_.Destroy();
  files_.KillProcesses();
  ASSERT_TRUE(node_.Open().ok());
  ASSERT_TRUE(node_.Cut(2, csn));
  commit(50);
  ASSERT_TRUE(node_.Sync(csn));
  files_.LosePower();
  EXPECT_EQ(LastCsn(), Csn(csn));
}

TEST_F(WalFailureTest, FullDiskEndsTheNodeAndNothingHalfWrittenIsAppendedTo) {
  Fill(1);
  files_.FailNextWrite();
  node_.Commit(2, "two");
  EXPECT_EQ(node_.executor()->failure().code(), absl::StatusCode::kResourceExhausted);
  node_.Destroy();
  files_.KillProcesses();
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_EQ(node_.scanned().base.last_csn, Csn(1));
  ASSERT_TRUE(node_.Cut(2, 1));
  node_.Commit(2, "two again");
  EXPECT_EQ(LastCsn(), Csn(2));
}

TEST_F(WalFailureTest, EntrySizeReadFromATornTailIsNotBelieved) {
  Fill(1);
  const uint64_t end = node_.writer()->state().end.offset;
  std::string* bytes = files_.Bytes(SegmentPath(1));
  for (const uint32_t length : {0xffffffffu, kMaxRecordBodyBytes, 1000000u}) {
    std::string head(kRecordHeadBytes, '\x01');
    head.replace(8, 4, reinterpret_cast<const char*>(&length), 4);
    head.replace(13, 3, std::string(3, '\0'));
    bytes->replace(end, head.size(), head);
    EXPECT_EQ(LastCsn(), Csn(1)) << length;
  }
}

TEST_F(WalFailureTest, TornTailIsCutAndNotAppendedTo) {
  Fill(2);
  const uint64_t end = node_.writer()->state().end.offset;
  node_.Destroy();
  files_.Bytes(SegmentPath(1))->replace(end + 100, 500, std::string(500, '\x5c'));
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_EQ(node_.scanned().torn_bytes, 600u);
  ASSERT_EQ(node_.scanned().remarks.size(), 1u);
  EXPECT_THAT(node_.scanned().remarks[0], HasSubstr(SegmentPath(1)));
  ASSERT_TRUE(node_.Cut(2, 2));
  node_.Commit(3, "three");
  ASSERT_TRUE(node_.Sync(3));
  EXPECT_EQ(files_.Bytes(SegmentPath(1))->find('\x5c'), std::string::npos);
  EXPECT_EQ(LastCsn(), Csn(3));
}

TEST_F(WalFailureTest, ZeroesAreNotDamage) {
  Fill(2);
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_EQ(node_.scanned().torn_bytes, 0u);
  EXPECT_TRUE(node_.scanned().remarks.empty());
}

TEST_F(WalFailureTest, DamageBelowTheWatermarkIsRefusedWithPathOffsetAndCsn) {
  Fill(5);
  const WalPosition third = node_.writer()->state().tail[2].begin;
  node_.writer()->NoteWatermark(Csn(4));
  node_.executor()->RunAll();
  (*files_.Bytes(SegmentPath(1)))[third.offset + 60] ^= 1;
  const absl::Status status = Scan();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status), HasSubstr(SegmentPath(1)));
  EXPECT_THAT(MessageOf(status), HasSubstr(absl::StrCat("offset ", third.offset)));
  EXPECT_THAT(MessageOf(status), HasSubstr("csn 4"));
}

TEST_F(WalFailureTest, DamageAboveTheWatermarkIsACut) {
  Fill(5);
  const WalPosition fifth = node_.writer()->state().tail[4].begin;
  node_.writer()->NoteWatermark(Csn(4));
  node_.executor()->RunAll();
  (*files_.Bytes(SegmentPath(1)))[fifth.offset + 60] ^= 1;
  EXPECT_EQ(LastCsn(), Csn(4));
}

TEST_F(WalFailureTest, MissingEndIsFoundByWhatTheMasterKnows) {
  Fill(5);
  const WalPosition fifth = node_.writer()->state().tail[4].begin;
  std::string* bytes = files_.Bytes(SegmentPath(1));
  bytes->replace(fifth.offset, std::string::npos, bytes->size() - fifth.offset, '\0');
  EXPECT_TRUE(Scan().ok());
  EXPECT_TRUE(Scan({.watermark = Csn(4), .last_csn = Csn(4)}).ok());
  EXPECT_EQ(Scan({.watermark = Csn(5), .last_csn = Csn(5)}).code(), absl::StatusCode::kDataLoss);
}

TEST_F(WalFailureTest, TruncatedSegmentWithALaterFileBehindItIsRefused) {
  Fill(200, 100);
  node_.writer()->NoteWatermark(Csn(200));
  node_.executor()->RunAll();
  files_.Bytes(SegmentPath(2))->resize(2000);
  EXPECT_EQ(Scan().code(), absl::StatusCode::kDataLoss);
}

TEST_F(WalFailureTest, LaterFileIsNotAppliedOnTopOfATruncatedSegmentAboveTheWatermark) {
  Fill(200, 100);
  std::string* segment = files_.Bytes(SegmentPath(2));
  std::fill(segment->begin() + 2000, segment->end(), '\0');
  ASSERT_TRUE(node_.Open().ok());
  const uint64_t last = node_.scanned().base.last_csn.value();
  EXPECT_LT(last, 100u);
  const auto commits = node_.Replay();
  ASSERT_TRUE(commits.ok());
  EXPECT_EQ(commits->size(), last);
  ASSERT_TRUE(node_.Cut(2, last));
  EXPECT_FALSE(files_.Exists(SegmentPath(3)));
}

TEST_F(WalFailureTest, MissingSegmentIsRefused) {
  Fill(200, 100);
  ASSERT_TRUE(files_.Remove(SegmentPath(2)).ok());
  const absl::Status status = Scan();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status), HasSubstr(SegmentPath(2) + " is missing"));
}

TEST_F(WalFailureTest, NeverStartsEmptyOverAFileItCannotRead) {
  Fill(3);
  (*files_.Bytes(SegmentPath(1)))[30] ^= 1;
  const absl::Status status = Scan();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status), HasSubstr(SegmentPath(1) + ", offset 0"));
}

TEST_F(WalFailureTest, SegmentOfAnotherNodeIsRefusedWithBothIdentities) {
  Fill(3);
  FileIdentity other = kIdentity;
  other.node = NodeId(2);
  const absl::Status status = ScanWal(&files_, kWalDirectory, other).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("node 1"));
  EXPECT_THAT(MessageOf(status), HasSubstr("node 2"));
}

TEST_F(WalFailureTest, SegmentOfAnotherFormatVersionIsRefused) {
  Fill(1);
  std::string* bytes = files_.Bytes(SegmentPath(1));
  FileHeader header{.kind = FileKind::kWal, .format_version = 2, .identity = kIdentity};
  std::string text;
  AppendFileHeader(header, &text);
  bytes->replace(0, text.size(), text);
  const absl::Status status = Scan();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("format version 2"));
}

// Records that are valid each, but do not belong together.
TEST_F(WalFailureTest, PartsThatDoNotMatchTheirDigestAreRefused) {
  Fill(1);
  const WalPosition at = node_.writer()->state().end;
  node_.writer()->AppendPart(TxId(7), "part");
  node_.writer()->AppendCommit(
      {.csn = Csn(2), .tx = TxId(7), .participants = NodeSet(1), .mutations = "end"});
  ASSERT_TRUE(node_.Sync(2));
  ASSERT_EQ(node_.Replay(1)->at(2), "partend");
  std::string body;
  AppendWalTxPart({.tx = TxId(7), .index = 0, .mutations = "trap"}, &body);
  std::string record;
  AppendRecord(
      {.kind = static_cast<uint8_t>(WalRecordKind::kTxPart), .epoch = Epoch(1), .sequence = 3},
      body, RecordSeed(WalSegmentHeader(SmallSegments(), 1, Epoch(1))), &record);
  files_.Bytes(SegmentPath(1))->replace(at.offset, record.size(), record);
  const auto replayed = node_.Replay(1);
  EXPECT_TRUE(absl::IsDataLoss(replayed.status())) << replayed.status();
  EXPECT_THAT(MessageOf(replayed.status()), HasSubstr("digest"));
}

TEST_F(WalFailureTest, MissingDirectorySyncWouldLoseASegment) {
  // Segments are named durably before they are used.
  Fill(200, 100);
  node_.Destroy();
  for (int i = 0; i < 5; ++i) files_.LosePower();
  EXPECT_EQ(LastCsn(), Csn(200));
}

}  // namespace
}  // namespace tidemark::durability
