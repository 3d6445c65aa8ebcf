// SPDX-License-Identifier: Apache-2.0
// A full disk is a state of the log, not its end: what was let in is logged in room that is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/durability/wal_fixture.h"

namespace tidemark::durability {
namespace {

using ::testing::HasSubstr;

class WalRoomTest : public WalTest {
 protected:
  // Asks until the log has said yes or that the disk is full.
  bool HasRoom(uint64_t bytes) {
    if (node_.writer()->HasRoom(bytes)) return true;
    node_.executor()->RunAll();
    return node_.writer()->HasRoom(bytes);
  }
  // Commits as long as there is room for it; returns the newest csn.
  uint64_t CommitWhileThereIsRoom(uint64_t csn) {
    while (HasRoom(2 * (50 + kMaxCommitOverheadBytes))) {
      ++csn;
      node_.Commit(csn, Mutations(csn, 50));
    }
    return csn;
  }
  // No file of the log is larger than it was made.
  void ExpectNothingHasGrown() {
    for (const std::string& path : files_.AllPaths()) {
      if (path.find(".wal") == std::string::npos) continue;
      EXPECT_EQ(files_.Bytes(path)->size(), 4096u) << path;
    }
  }
};

TEST_F(WalRoomTest, AFullDiskIsSaidBeforeARecordNeedsTheRoom) {
  Fill(1);
  files_.SetFreeBytes(0);
  const uint64_t csn = CommitWhileThereIsRoom(1);
  EXPECT_GT(csn, 5u);
  EXPECT_TRUE(node_.executor()->failure().ok()) << node_.executor()->failure();
  const absl::Status& full = node_.writer()->disk_full();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(full.message(), HasSubstr("the disk of d/wal is full: 4096 bytes are needed for "
                                        "d/wal/000000000002.wal.part, 0 bytes are free"));
  EXPECT_TRUE(node_.Sync(csn));
  ExpectNothingHasGrown();
}

TEST_F(WalRoomTest, TheLogGoesOnWhenThereIsRoomAgain) {
  Fill(1);
  files_.SetFreeBytes(0);
  const uint64_t csn = CommitWhileThereIsRoom(1);
  std::vector<bool> told;
  node_.writer()->set_on_disk_full(
      [&](const absl::Status& status) { told.push_back(status.ok()); });
  for (int second = 0; second < 3; ++second) {
    node_.executor()->FireTimers();
    node_.executor()->RunAll();
    EXPECT_FALSE(HasRoom(500));
  }
  EXPECT_TRUE(told.empty()) << "nothing has changed";
  files_.SetFreeBytes(1 << 20);
  node_.executor()->FireTimers();
  node_.executor()->RunAll();
  EXPECT_TRUE(node_.writer()->disk_full().ok());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0]);
  for (uint64_t next = csn + 1; next <= csn + 100; ++next) {
    ASSERT_TRUE(HasRoom(500));
    node_.Commit(next, Mutations(next, 50));
  }
  ASSERT_TRUE(node_.Sync(csn + 100));
  ExpectNothingHasGrown();
  EXPECT_EQ(LastCsn(), Csn(csn + 100));
}

// Another worker's commits move the watermark, for hours if need be.
TEST_F(WalRoomTest, WatermarksTakeNoRoomOnAFullDisk) {
  Fill(1);
  files_.SetFreeBytes(0);
  const uint64_t csn = CommitWhileThereIsRoom(1);
  ASSERT_TRUE(node_.Sync(csn));
  const WalPosition end = node_.writer()->state().end;
  for (uint64_t watermark = 1; watermark <= csn + 1000; ++watermark) {
    node_.writer()->NoteWatermark(Csn(watermark));
    node_.executor()->RunAll();
  }
  EXPECT_EQ(node_.writer()->state().end, end);
  EXPECT_EQ(node_.writer()->watermark(), Csn(csn + 1000));
  node_.writer()->CheckInvariants();
}

TEST_F(WalRoomTest, AStartOnAFullDiskNeedsNoRoomThatIsNotThere) {
  Fill(1);
  files_.SetFreeBytes(0);
  const uint64_t csn = CommitWhileThereIsRoom(1);
  ASSERT_TRUE(node_.Sync(csn));
  for (uint64_t epoch = 2; epoch <= 4; ++epoch) {
    node_.Destroy();
    files_.LosePower();
    ASSERT_TRUE(node_.Open().ok());
    ASSERT_TRUE(node_.Cut(epoch, csn)) << node_.executor()->failure();
    EXPECT_FALSE(HasRoom(1000));
    ExpectNothingHasGrown();
  }
  EXPECT_EQ(LastCsn(), Csn(csn));
}

// The segment that is made in advance is what a full disk has left: a start keeps it.
TEST_F(WalRoomTest, TheSegmentMadeInAdvanceOutlivesAStart) {
  Fill(1);
  ASSERT_TRUE(HasRoom(5000));
  ASSERT_NE(files_.Bytes(SegmentPath(2)), nullptr);
  files_.SetFreeBytes(0);
  node_.Destroy();
  files_.LosePower();
  ASSERT_TRUE(node_.Open().ok());
  ASSERT_TRUE(node_.Cut(2, 1)) << node_.executor()->failure();
  EXPECT_TRUE(node_.writer()->HasRoom(5000));
  const uint64_t csn = CommitWhileThereIsRoom(1);
  EXPECT_EQ(node_.writer()->state().end.segment, 2u);
  ASSERT_TRUE(node_.Sync(csn));
  ExpectNothingHasGrown();
  EXPECT_EQ(LastCsn(), Csn(csn));
}

}  // namespace
}  // namespace tidemark::durability
