// SPDX-License-Identifier: Apache-2.0
#include "worker/snapshot_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "env/posix_file_system.h"
#include "env/posix_random.h"
#include "tests/worker/hand_executor.h"

namespace tidemark::worker {
namespace {

class SnapshotFilesTest : public ::testing::Test {
 protected:
  SnapshotFilesTest() {
    CHECK(mkdtemp(path_.data()) != nullptr) << path_;
    for (const uint64_t csn : {10, 20, 30}) std::ofstream(PathOf(csn)) << "a snapshot";
    Make(path_);
  }
  ~SnapshotFilesTest() override { std::filesystem::remove_all(path_); }

  void Make(const std::string& path) {
    snapshots_ = std::make_unique<SnapshotFiles>(
        env::Env{&executor_.clock(), &random_, &files_, &executor_}, path);
  }
  std::string PathOf(uint64_t csn) const {
    return path_ + "/" + durability::SnapshotName(Epoch(1), Csn(csn));
  }
  bool Has(uint64_t csn) { return files_.Exists(PathOf(csn)); }
  std::function<void()> Count() {
    return [this] { ++done_count_; };
  }

  std::string path_ = ::testing::TempDir() + "snapshots-XXXXXX";
  env::PosixFileSystem files_;
  env::PosixRandom random_;
  HandExecutor executor_;
  std::unique_ptr<SnapshotFiles> snapshots_;
  int done_count_ = 0;
};

TEST_F(SnapshotFilesTest, WhatIsNotKeptGoesButNothingNewer) {
  snapshots_->Retain({{Epoch(1), Csn(20)}}, Csn(20), Count());
  EXPECT_TRUE(Has(10)) << "a job does it";
  executor_.RunAll();
  EXPECT_EQ(done_count_, 1);
  EXPECT_FALSE(Has(10));
  EXPECT_TRUE(Has(20));
  EXPECT_TRUE(Has(30));
}

TEST_F(SnapshotFilesTest, WhatIsAboveGoes) {
  snapshots_->RemoveAbove(Csn(20), Count());
  executor_.RunAll();
  EXPECT_EQ(done_count_, 1);
  EXPECT_TRUE(Has(20));
  EXPECT_FALSE(Has(30));
}

TEST_F(SnapshotFilesTest, AFailureToRetainWaitsAndAFailureToRemoveEndsTheNode) {
  Make(PathOf(10));  // no folder
  snapshots_->Retain({}, Csn(20), Count());
  executor_.RunAll();
  EXPECT_TRUE(executor_.failure().ok());
  snapshots_->RemoveAbove(Csn(20), Count());
  executor_.RunAll();
  EXPECT_FALSE(executor_.failure().ok());
  EXPECT_EQ(done_count_, 0);
}

TEST_F(SnapshotFilesTest, NothingIsToldAfterItIsGone) {
  snapshots_->RemoveAbove(Csn(20), Count());
  snapshots_ = nullptr;
  executor_.RunAll();
  EXPECT_EQ(done_count_, 0);
}

}  // namespace
}  // namespace tidemark::worker
