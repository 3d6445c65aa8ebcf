// SPDX-License-Identifier: Apache-2.0
#include "worker/start_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/check.h"
#include "env/posix_file_system.h"

namespace tidemark::worker {
namespace {

class StartFilesTest : public ::testing::Test {
 protected:
  StartFilesTest() {
    CHECK(mkdtemp(path_.data()) != nullptr) << path_;
    directory_ =
        *durability::DataDirectory::Open(&files_, path_, durability::DirectoryRole::kWorker);
  }
  ~StartFilesTest() override { std::filesystem::remove_all(path_); }
  void WriteFile(const std::string& name, size_t bytes) {
    const auto file = files_.Open(path_ + "/" + name, env::OpenMode::kCreate);
    CHECK(file.ok() && (*file)->WriteAt(0, std::string(bytes, 'x')).ok());
  }

  std::string path_ = ::testing::TempDir() + "start-XXXXXX";
  env::PosixFileSystem files_;
  std::unique_ptr<durability::DataDirectory> directory_;
  StartProgress progress_;
};

TEST_F(StartFilesTest, AFreshDirectoryIsEmpty) {
  const auto read = ReadStartFiles(&files_, *directory_, &progress_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->snapshots.empty());
  const txn::RecoveredFiles described = DescribeFiles(*read);
  EXPECT_TRUE(described.wal_from_start);
  EXPECT_EQ(described.epoch, Epoch(0));
}

TEST_F(StartFilesTest, DamageIsNamedAndTheProgressCounts) {
  ASSERT_TRUE(directory_->Establish({{1, 2}, NodeId(1)}).ok());
  WriteFile("wal/000000000001.wal", 5000);
  const auto read = ReadStartFiles(&files_, *directory_, &progress_);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss) << read.status();
  EXPECT_NE(read.status().message().find("000000000001.wal"), std::string::npos) << read.status();
  EXPECT_EQ(progress_.all_bytes, 5000u);
  EXPECT_GT(progress_.reads.read_bytes, 0u);
}

TEST_F(StartFilesTest, ACancelledReadEndsAndIsNoDamage) {
  ASSERT_TRUE(directory_->Establish({{1, 2}, NodeId(1)}).ok());
  WriteFile("wal/000000000001.wal", 5000);
  progress_.reads.cancelled = true;
  const auto read = ReadStartFiles(&files_, *directory_, &progress_);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kCancelled) << read.status();
  EXPECT_EQ(progress_.reads.read_bytes, 0u);
}

TEST_F(StartFilesTest, UnfinishedSnapshotsGo) {
  ASSERT_TRUE(directory_->Establish({{1, 2}, NodeId(1)}).ok());
  WriteFile("snapshots/1-1.part", 10);
  ASSERT_TRUE(ReadStartFiles(&files_, *directory_, &progress_).ok());
  EXPECT_FALSE(files_.Exists(path_ + "/snapshots/1-1.part"));
}

}  // namespace
}  // namespace tidemark::worker
