// SPDX-License-Identifier: Apache-2.0
// After a failed sync the page cache shows bytes that are neither on disk nor due to be written,
// and a later sync says OK without bringing them there. The process that failed ends; the next one
// takes those bytes for what the log holds, so it has to write them again before it may rely on
// them.
#include "durability/master_log/rewrite.h"

#include <gtest/gtest.h>

#include "durability/master_log/master_log.h"
#include "tests/durability/sample.h"
#include "tests/durability/wal_node.h"

namespace tidemark::durability {
namespace {

class RewriteTest : public ::testing::Test {
 protected:
  RewriteTest() : node_(&files_) {
    EXPECT_TRUE(node_.Open().ok());
    EXPECT_TRUE(node_.Cut(1, 0));
  }
  // The process dies of a failed sync, and another one takes over what it sees.
  void FailSyncAndRestart(uint64_t last) {
    files_.FailNextSync();
    ASSERT_FALSE(node_.Sync(last));
    ASSERT_FALSE(node_.executor()->failure().ok());
    files_.KillProcesses();
    node_.Destroy();
    ASSERT_TRUE(node_.Open().ok());
    ASSERT_EQ(node_.scanned().base.last_csn, Csn(last));
  }

  CrashFileSystem files_;
  WalNode node_;
};

TEST_F(RewriteTest, TheActiveSegment) {
  for (uint64_t csn = 1; csn <= 3; ++csn) node_.Commit(csn, SampleSlot(SlotId(4), 2));
  ASSERT_NO_FATAL_FAILURE(FailSyncAndRestart(3));
  ASSERT_TRUE(node_.Cut(2, 3));
  files_.LosePower();
  node_.Destroy();
  ASSERT_TRUE(node_.Open({Csn(3), Csn(3)}).ok());
  EXPECT_EQ(node_.scanned().base.last_csn, Csn(3));
  EXPECT_EQ(node_.Replay()->size(), 3u);
}

TEST_F(RewriteTest, AnEarlierSegment) {
  uint64_t csn = 0;
  while (node_.writer()->state().segments.size() < 3) {
    node_.Commit(++csn, SampleSlot(SlotId(4), 20));
  }
  ASSERT_NO_FATAL_FAILURE(FailSyncAndRestart(csn));
  ASSERT_TRUE(node_.Cut(2, csn));
  files_.LosePower();
  node_.Destroy();
  ASSERT_TRUE(node_.Open({Csn(csn), Csn(csn)}).ok());
  EXPECT_EQ(node_.Replay()->size(), csn);
}

TEST_F(RewriteTest, ACutInTheSameProcessHasNothingToRepair) {
  node_.Commit(1, SampleSlot(SlotId(4), 2));
  ASSERT_TRUE(node_.Cut(2, 1));
  files_.LosePower();
  node_.Destroy();
  ASSERT_TRUE(node_.Open({Csn(1), Csn(1)}).ok());
}

TEST_F(RewriteTest, TheMasterLog) {
  const MasterLogOptions options{.directory = "m",
                                 .identity = {.cluster = kIdentity.cluster, .node = kMasterNode},
                                 .growth_bytes = 4096};
  ASSERT_TRUE(files_.MakeDirectory("m").ok());
  ManualExecutor executor;
  auto log =
      MasterLog::Create(&files_, &executor, options, {.id = kIdentity.cluster, .worker_count = 1});
  ASSERT_TRUE(log.ok());
  (*log)->Append(EpochRecord{Epoch(1), Csn(0)});
  const uint64_t last = (*log)->Append(WatermarkRecord{Epoch(1), Csn(9), {{NodeId(1), Csn(9)}}});
  files_.FailNextSync();
  (*log)->SyncThrough(last, [] { FAIL() << "a sync that failed was reported as done"; });
  executor.RunAll();
  ASSERT_FALSE(executor.failure().ok());
  for (int restart = 0; restart < 2; ++restart) {
    if (restart == 0) {
      files_.KillProcesses();
    } else {
      files_.LosePower();
    }
    ManualExecutor next;
    log = MasterLog::Open(&files_, &next, options);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ((*log)->state().watermark().csn, Csn(9)) << restart;
    EXPECT_TRUE((*log)->remarks().empty()) << (*log)->remarks()[0];  // no copy had to help
    log->reset();
  }
}

TEST_F(RewriteTest, EveryByteOfTheRangeAndNoneBehindIt) {
  constexpr size_t kBytes = (2 << 20) + 777;
  constexpr size_t kRange = kBytes - 1000;
  std::string content(kBytes, '\0');
  for (size_t i = 0; i < kBytes; ++i) content[i] = static_cast<char>('a' + i % 23);
  ASSERT_TRUE(files_.MakeDirectory("e").ok());
  auto file = files_.Open("e/file", env::OpenMode::kCreate);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Preallocate(kBytes).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_TRUE(files_.SyncDirectory("e").ok());
  ASSERT_TRUE((*file)->WriteAt(0, content).ok());
  files_.FailNextSync();
  ASSERT_FALSE((*file)->Sync().ok());
  ASSERT_TRUE(RewriteInPlace(file->get(), kRange).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_EQ(*files_.Bytes("e/file"), content);
  files_.LosePower();
  EXPECT_EQ(*files_.Bytes("e/file"),
            content.substr(0, kRange) + std::string(kBytes - kRange, '\0'));
  // More than there is: to the end.
  file = files_.Open("e/file", env::OpenMode::kReadWrite);
  int pieces = 0;
  EXPECT_TRUE(RewriteInPlace(file->get(), kBytes + 5, [&pieces] { ++pieces; }).ok());
  EXPECT_EQ(files_.Bytes("e/file")->size(), kBytes);
  EXPECT_EQ(pieces, 3) << "whoever watches the disk hears of each";
}

}  // namespace
}  // namespace tidemark::durability
