// SPDX-License-Identifier: Apache-2.0
// A disk that is slow is not silent: each read of a cut counts as an answer.
#include "durability/wal/wal_cut.h"

#include <gtest/gtest.h>

#include <memory>

#include "durability/wal/disk_watch.h"
#include "env/clock.h"
#include "tests/durability/wal_fixture.h"

namespace tidemark::durability {
namespace {

// The watch looks at it whenever it hears of an answer.
class CountingClock : public env::Clock {
 public:
  int64_t NowMicros() override { return ++looks_ * 1'000'000; }
  int64_t WallMicros() override { return NowMicros(); }
  int64_t looks() const { return looks_; }

 private:
  int64_t looks_ = 0;
};

// How often the cut of an empty log in a segment of this size tells that the disk answers.
int64_t AnswersOfACut(uint64_t segment_bytes) {
  CrashFileSystem files;
  EXPECT_TRUE(files.MakeDirectory(kWalDirectory).ok());
  WalOptions options{.directory = kWalDirectory, .identity = kIdentity};
  options.segment_bytes = segment_bytes;
  auto first =
      CutWal(&files, options, *ScanWal(&files, kWalDirectory, kIdentity), {.epoch = Epoch(1)});
  EXPECT_TRUE(first.ok()) << first.status();
  CountingClock clock;
  options.watch = std::make_shared<DiskWatch>(&clock);
  options.watch->Asked();
  auto second =
      CutWal(&files, options, *ScanWal(&files, kWalDirectory, kIdentity), {.epoch = Epoch(2)});
  EXPECT_TRUE(second.ok()) << second.status();
  return clock.looks();
}

TEST(WalCutTest, ASlowDiskIsHeardOfInEveryPieceOfASegment) {
  EXPECT_GT(AnswersOfACut(2 << 20), AnswersOfACut(64 << 10));
}

}  // namespace
}  // namespace tidemark::durability
