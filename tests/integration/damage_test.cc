// SPDX-License-Identifier: Apache-2.0
// Files that are damaged or of another version stop the start: path, offset and commit are named,
// no file is changed or removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/checksum.h"
#include "base/coding.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::string OnlyFileIn(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths.empty() ? "" : paths.front();
}

// Path and contents of every file but the locks.
std::map<std::string, std::string> Contents(const std::string& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename() == "LOCK") continue;
    if (entry.path().extension() == ".log") continue;  // what the nodes print
    contents[entry.path()] = ReadBytes(entry.path());
  }
  return contents;
}

class DamageTest : public ::testing::TestWithParam<std::string> {
 protected:
  // A cluster of one worker with a WAL of ten commits, killed; all of it below the watermark.
  void SetUp() override {
    cluster_ = std::make_unique<ClusterProcess>(GetParam(), directory_.path() + "/data", 1,
                                                std::vector<std::string>{"--synchronous-commit"});
    ASSERT_TRUE(cluster_->Start().ok()) << cluster_->output();
    const auto session = cluster_->client()->OpenSession();
    for (int i = 1; i <= 10; ++i) {
      api::Run run;
      api::Property* property = AddVertex(&run, "User", "id", i)->add_properties();
      property->set_key("text");
      property->mutable_value()->set_text(absl::StrCat("needle-", i, "-"));
      const auto made = session->Run(run);
      ASSERT_TRUE(made.ok()) << made.status();
      ASSERT_EQ(made->bookmark().csn(), static_cast<uint64_t>(i));
    }
  }
  std::string Folder(const std::string& name) const { return cluster_->data_dir() + "/" + name; }
  // Starts on the files as they are now.
  void ExpectStop(int exit_code, const std::vector<std::string>& says) {
    const auto before = Contents(cluster_->data_dir());
    cluster_->Launch();
    EXPECT_EQ(cluster_->WaitForExit(), exit_code) << cluster_->output();
    for (const std::string& text : says) EXPECT_THAT(cluster_->output(), HasSubstr(text));
    const auto after = Contents(cluster_->data_dir());
    for (const auto& [path, bytes] : before) {
      if (path.find("/master/") != std::string::npos) continue;  // a master logs its attempts
      ASSERT_TRUE(after.contains(path)) << path << " is gone";
      EXPECT_TRUE(after.at(path) == bytes) << path << " was changed";
    }
  }
  // The right file is back: nothing else has suffered.
  void ExpectWhole() {
    const CommandResult verify = RunTidemark({"verify", cluster_->data_dir()});
    EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
    EXPECT_THAT(verify.out, HasSubstr("10 vertices"));
  }

  TestDirectory directory_;
  std::unique_ptr<ClusterProcess> cluster_;
};

TEST_P(DamageTest, AWalRecordBelowTheWatermark) {
  cluster_->KillEverything();
  const std::string path = OnlyFileIn(Folder("worker-1/wal"));
  const std::string whole = ReadBytes(path);
  const size_t needle = whole.find("needle-6-");
  ASSERT_NE(needle, std::string::npos);
  std::string damaged = whole;
  damaged[needle] ^= 1;
  WriteBytes(path, damaged);
  ExpectStop(5, {path + ", offset ", "after csn 5: ", "Restore"});
  const size_t at = cluster_->output().find(", offset ") + 9;
  const size_t offset = std::stoul(cluster_->output().substr(at));
  EXPECT_LT(offset, needle);
  EXPECT_GT(offset, whole.find("needle-5-"));
  const CommandResult verify = RunTidemark({"verify", cluster_->data_dir()});
  EXPECT_EQ(verify.exit_code, 5) << verify.out;
  EXPECT_THAT(verify.out, HasSubstr(path));
  WriteBytes(path, whole);
  ExpectWhole();
}

TEST_P(DamageTest, AMasterLog) {
  cluster_->KillEverything();
  const std::string path = OnlyFileIn(Folder("master"));
  ASSERT_EQ(path, Folder("master/IDENTITY"));
  const std::string log = Folder("master/master-log.000001");
  const std::string whole = ReadBytes(log);
  const size_t needle = whole.find("User");  // the name of the label
  ASSERT_NE(needle, std::string::npos);
  std::string damaged = whole;
  damaged[needle] ^= 1;
  WriteBytes(log, damaged);
  ExpectStop(5, {log + ", offset ", "Restore the master's directory from a copy"});
  EXPECT_TRUE(ReadBytes(log) == damaged);
  WriteBytes(log, whole);
  ExpectWhole();
}

TEST_P(DamageTest, ASnapshot) {
  ASSERT_TRUE(cluster_->client()->SnapshotNow().ok());
  cluster_->KillEverything();
  const std::string path = OnlyFileIn(Folder("worker-1/snapshots"));
  const std::string whole = ReadBytes(path);
  std::string damaged = whole;
  damaged[whole.size() / 2] ^= 1;
  WriteBytes(path, damaged);
  ExpectStop(5, {path + ", offset ", "snapshot of csn 10: ", "Restore this directory from a copy"});
  WriteBytes(path, whole);
  ExpectWhole();
}

TEST_P(DamageTest, AnIdentityOfAnotherFormatVersion) {
  EXPECT_EQ(cluster_->Stop(), 0);
  const std::string path = Folder("worker-1/IDENTITY");
  const std::string whole = ReadBytes(path);
  const std::string version = "format-version 1\n";
  std::string other = whole.substr(0, whole.find("checksum "));
  ASSERT_NE(other.find(version), std::string::npos);
  other.replace(other.find(version), version.size(), "format-version 9\n");
  WriteBytes(path, other + absl::StrFormat("checksum %016x\n", Checksum64(other)));
  ExpectStop(3, {path + " has format version 9; this program reads version 1", "Use the program"});
  WriteBytes(path, whole);
  ExpectWhole();
}

// Sets the version in the header of a binary file.
std::string WithVersion(std::string bytes, uint32_t version) {
  constexpr size_t kVersionAt = 8;
  constexpr size_t kChecksumAt = 72;
  std::string field;
  AppendFixed32(&field, version);
  bytes.replace(kVersionAt, field.size(), field);
  std::string checksum;
  AppendFixed64(&checksum, Checksum64(bytes.substr(0, kChecksumAt)));
  bytes.replace(kChecksumAt, checksum.size(), checksum);
  return bytes;
}

TEST_P(DamageTest, BinaryFilesOfAnotherFormatVersion) {
  ASSERT_TRUE(cluster_->client()->SnapshotNow().ok());
  cluster_->KillEverything();
  for (const std::string& path :
       {OnlyFileIn(Folder("worker-1/wal")), OnlyFileIn(Folder("worker-1/snapshots")),
        Folder("master/master-log.000001")}) {
    const std::string whole = ReadBytes(path);
    WriteBytes(path, WithVersion(whole, 9));
    ExpectStop(3, {path + " has format version 9; this program reads version 1. Use the program"});
    WriteBytes(path, whole);
  }
  ExpectWhole();
}

INSTANTIATE_TEST_SUITE_P(Commands, DamageTest, ::testing::Values("server", "cluster"));

}  // namespace
}  // namespace tidemark::integration
