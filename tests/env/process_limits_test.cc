// SPDX-License-Identifier: Apache-2.0
#include "env/process_limits.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "env/posix_file_system.h"

namespace tidemark::env {
namespace {

class ControlGroupTest : public ::testing::Test {
 protected:
  ControlGroupTest() {
    char name[] = "/tmp/tidemark-cgroup-XXXXXX";
    root_ = mkdtemp(name);
  }
  ~ControlGroupTest() override { std::filesystem::remove_all(root_); }
  void Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  uint64_t Bytes() { return ControlGroupMemoryBytes(&files_, root_); }

  std::string root_;
  PosixFileSystem files_;
};

TEST_F(ControlGroupTest, NoControlGroupIsNoLimit) { EXPECT_EQ(Bytes(), UINT64_MAX); }

TEST_F(ControlGroupTest, TheLowestLimitOnTheWayUpCountsInVersionTwo) {
  Write("/proc/self/cgroup", "0::/system/database\n");
  Write("/sys/fs/cgroup/system/database/memory.max", "max\n");
  EXPECT_EQ(Bytes(), UINT64_MAX);
  Write("/sys/fs/cgroup/system/memory.max", "2147483648\n");
  EXPECT_EQ(Bytes(), uint64_t{2} << 30);
  Write("/sys/fs/cgroup/system/database/memory.max", "1073741824\n");
  EXPECT_EQ(Bytes(), uint64_t{1} << 30);
}

TEST_F(ControlGroupTest, AContainerSeesItsOwnGroupAsTheRoot) {
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/memory.max", "536870912\n");
  EXPECT_EQ(Bytes(), uint64_t{512} << 20);
}

TEST_F(ControlGroupTest, VersionOneHasAFolderOfItsOwn) {
  Write("/proc/self/cgroup", "12:cpu,cpuacct:/a\n5:memory:/docker/abc\n0::/\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_GE(Bytes(), uint64_t{1} << 62);
  Write("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "268435456\n");
  EXPECT_EQ(Bytes(), uint64_t{256} << 20);
  // The path is the host's, and the container's own group is mounted at the root.
  Write("/proc/self/cgroup", "5:memory:/docker/other\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
  EXPECT_EQ(Bytes(), uint64_t{128} << 20);
}

TEST(ProcessLimitsTest, NeverMoreMemoryThanTheMachineHas) {
  PosixFileSystem files;
  EXPECT_GT(UsableMemoryBytes(&files), uint64_t{64} << 20);
  EXPECT_LT(UsableMemoryBytes(&files), uint64_t{1} << 50);
}

TEST(ProcessLimitsTest, TheDescriptorLimitIsRaisedToTheMostThatIsAllowed) {
  rlimit limits = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limits), 0);
  const rlim_t before = limits.rlim_cur;
  limits.rlim_cur = 100;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limits), 0);
  EXPECT_EQ(DescriptorLimit(), 100u);
  EXPECT_EQ(RaiseDescriptorLimit(), limits.rlim_max);
  limits.rlim_cur = before;
  setrlimit(RLIMIT_NOFILE, &limits);
}

}  // namespace
}  // namespace tidemark::env
