// SPDX-License-Identifier: Apache-2.0
// Room that is promised to transactions, and records that no segment has room for.
#include "worker/room_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/durability/wal_fixture.h"

namespace tidemark::worker {
namespace {

using ::testing::HasSubstr;

class RoomBookTest : public durability::WalTest {
 protected:
  void SetUp() override {
    Fill(1);
    book_ = std::make_unique<RoomBook>(durability::SmallSegments(), node_.writer(), &files_);
  }
  // Asks until the answer is yes or no.
  absl::Status Ask(uint64_t batch_bytes) {
    for (int i = 0; i < 100; ++i) {
      const absl::StatusOr<bool> may_write = book_->MayWrite(batch_bytes, 1);
      if (!may_write.ok()) return may_write.status();
      if (*may_write) return absl::OkStatus();
      node_.executor()->RunAll();
    }
    return absl::DeadlineExceededError("asked 100 times");
  }

  std::unique_ptr<RoomBook> book_;
};

TEST_F(RoomBookTest, ALargeRecordIsLetInWhenTheDiskHasRoomForIt) {
  files_.SetFreeBytes(1 << 20);
  EXPECT_TRUE(Ask(20'000).ok());
}

// All segments that it may fill are there, but its own would have to grow.
TEST_F(RoomBookTest, ALargeRecordIsRefusedWhenItsSegmentCannotGrow) {
  files_.SetFreeBytes(1 << 20);
  ASSERT_TRUE(Ask(20'000).ok());
  files_.SetFreeBytes(30'000);
  const absl::Status refused = Ask(20'000);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("worker 1 refuses a write of 20000 bytes: it is large for a segment of its "
                        "log, which has 4096 bytes, and the disk of d/wal has 30000 bytes free"));
  EXPECT_TRUE(Ask(1'000).ok()) << "what fits into a segment is let in";
}

// What open transactions were promised counts.
TEST_F(RoomBookTest, PromisesCountUntilTheTransactionEnds) {
  files_.SetFreeBytes(0);
  ASSERT_TRUE(Ask(300).ok());
  book_->Promise(TxId(7), 1'000);
  const absl::Status refused = Ask(1'000);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("worker 1 refuses writes: the disk of"));
  book_->Forget(TxId(7));
  EXPECT_EQ(book_->promised_bytes(), 0u);
  EXPECT_TRUE(Ask(300).ok());
}

}  // namespace
}  // namespace tidemark::worker
