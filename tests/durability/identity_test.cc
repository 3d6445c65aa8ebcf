// SPDX-License-Identifier: Apache-2.0
#include "durability/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "tests/durability/wal_node.h"

namespace tidemark::durability {
namespace {

using ::testing::HasSubstr;

TEST(IdentityTest, RoundTrip) {
  const std::string text = EncodeIdentity(kIdentity);
  const absl::StatusOr<FileIdentity> decoded = DecodeIdentity(text, "IDENTITY");
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, kIdentity);
}

TEST(IdentityTest, EveryBitFlipAndTruncationIsRefused) {
  const std::string good = EncodeIdentity(kIdentity);
  for (size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] ^= static_cast<char>(1 << (i % 8));
    EXPECT_FALSE(DecodeIdentity(bad, "x").ok()) << i;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeIdentity(good.substr(0, size), "x").ok()) << size;
  }
  EXPECT_FALSE(DecodeIdentity(good + "x", "x").ok());
}

class DataDirectoryTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<DataDirectory>> Open() {
    return DataDirectory::Open(&files_, "d/worker-1", DirectoryRole::kWorker);
  }
  CrashFileSystem files_;
};

TEST_F(DataDirectoryTest, IsEmptyThenEstablishedForEver) {
  {
    auto directory = Open();
    ASSERT_TRUE(directory.ok()) << directory.status();
    EXPECT_FALSE((*directory)->identity().has_value());
    ASSERT_TRUE((*directory)->Establish(kIdentity).ok());
    EXPECT_TRUE(files_.Exists((*directory)->wal_path()));
    EXPECT_TRUE(files_.Exists((*directory)->snapshots_path()));
  }
  files_.LosePower();
  auto directory = Open();
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_EQ((*directory)->identity(), kIdentity);
  EXPECT_TRUE((*directory)->Establish(kIdentity).ok());
  FileIdentity other = kIdentity;
  other.node = NodeId(9);
  const absl::Status status = (*directory)->Establish(other);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(MessageOf(status), HasSubstr("node 1"));
  EXPECT_THAT(MessageOf(status), HasSubstr("node 9"));
}

TEST_F(DataDirectoryTest, InUseIsRefused) {
  auto first = Open();
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Open().status()));
  first->reset();
  EXPECT_TRUE(Open().ok());
}

TEST_F(DataDirectoryTest, FilesWithoutIdentityAreRefused) {
  ASSERT_TRUE(files_.MakeDirectory("d/worker-1").ok());
  ASSERT_TRUE(files_.Open("d/worker-1/stranger", env::OpenMode::kCreate).ok());
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(MessageOf(status), HasSubstr("stranger"));
}

TEST_F(DataDirectoryTest, DamagedIdentityIsRefused) {
  ASSERT_TRUE((*Open())->Establish(kIdentity).ok());
  (*files_.Bytes("d/worker-1/IDENTITY"))[25] ^= 1;
  EXPECT_TRUE(absl::IsDataLoss(Open().status()));
}

TEST_F(DataDirectoryTest, DirectoryOfTheOtherRoleIsRefused) {
  ASSERT_TRUE((*Open())->Establish(kIdentity).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(
      DataDirectory::Open(&files_, "d/worker-1", DirectoryRole::kMaster).status()));
}

TEST_F(DataDirectoryTest, CrashWhileEstablishingLeavesEmptyOrEstablished) {
  for (uint64_t step = 0; step < 10; ++step) {
    CrashFileSystem files(step);
    ASSERT_TRUE(files.MakeDirectory("d/worker-1").ok());
    files.CrashAfter(step);
    bool finished = false;
    {
      auto directory = DataDirectory::Open(&files, "d/worker-1", DirectoryRole::kWorker);
      if (directory.ok()) finished = (*directory)->Establish(kIdentity).ok();
    }
    files.LosePower();
    auto directory = DataDirectory::Open(&files, "d/worker-1", DirectoryRole::kWorker);
    ASSERT_TRUE(directory.ok()) << directory.status();
    if (finished) {
      EXPECT_TRUE((*directory)->identity().has_value());
    }
    EXPECT_TRUE((*directory)->Establish(kIdentity).ok());
  }
}

}  // namespace
}  // namespace tidemark::durability
