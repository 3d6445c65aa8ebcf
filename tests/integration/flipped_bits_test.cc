// SPDX-License-Identifier: Apache-2.0
// Flipped bits on real processes: `verify` names file and offset, a start refuses with exit code 5
// or comes up with the same graph. tests/damage tries every bit; this is a sample of what a person
// sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int kFlipCount = 30;
const std::vector<std::string> kFlags = {"--wal-segment-mb=1", "--snapshot-on-exit=off"};

// Two workers with a snapshot and commits behind it, everything killed at once.
void MakeData(const std::string& data) {
  ClusterProcess server("cluster", data, 2, kFlags);
  ASSERT_TRUE(server.Start().ok()) << server.output();
  ASSERT_TRUE(server.client()->CreateIndex(UniqueIndex("User", "id")).ok());
  const auto session = server.client()->OpenSession();
  for (int round = 0; round < 2; ++round) {
    std::vector<uint64_t> ids;
    for (int i = 0; i < 20; ++i) {
      api::Run run;
      AddVertex(&run, "User", "id", round * 100 + i);
      const auto made = session->Run(run);
      ASSERT_TRUE(made.ok()) << made.status();
      ids.push_back(made->results(0).vertex());
    }
    api::Run edges;
    for (size_t i = 1; i < ids.size(); ++i) AddEdge(&edges, ids[i - 1], ids[i], "NEXT");
    ASSERT_TRUE(session->Run(edges).ok());
    if (round == 1) continue;
    ASSERT_TRUE(server.client()->SnapshotNow().ok());
  }
  ASSERT_TRUE(server.client()->FlushNow().ok());
  server.KillEverything();
}

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Flip {
  std::string path;  // below the data directory
  size_t offset = 0;
  int bit = 0;
};

// Somewhere in what was written or a little behind it; each file as likely as any other.
Flip RandomFlip(const std::string& data, std::mt19937_64* random) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    const bool is_log = entry.path().parent_path().filename() == "log";
    if (entry.is_regular_file() && entry.file_size() > 0 && !is_log) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  const fs::path path = paths[(*random)() % paths.size()];
  const std::string content = Read(path);
  const size_t size = std::min(content.size(), content.find_last_not_of('\0') + 1 + 64);
  return {fs::relative(path, data), (*random)() % size, static_cast<int>((*random)() % 8)};
}

void Apply(const Flip& flip, const std::string& data) {
  const fs::path path = fs::path(data) / flip.path;
  std::string content = Read(path);
  content[flip.offset] = static_cast<char>(content[flip.offset] ^ (1 << flip.bit));
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string DigestIn(const std::string& json) {
  const size_t at = json.find("\"graph_digest\"");
  return at == std::string::npos ? "" : json.substr(at, json.find(',', at) - at);
}

TEST(FlippedBitsTest, OnRealProcesses) {
  TestDirectory directory;
  const std::string original = directory.path() + "/original";
  ASSERT_NO_FATAL_FAILURE(MakeData(original));
  const CommandResult clean = RunTidemark({"verify", original, "--json"});
  ASSERT_EQ(clean.exit_code, 0) << clean.out;
  const std::string digest = DigestIn(clean.out);
  std::mt19937_64 random(11);
  int refused = 0;
  int found = 0;
  for (int i = 0; i < kFlipCount; ++i) {
    const std::string data = absl::StrCat(directory.path(), "/flip-", i);
    fs::copy(original, data, fs::copy_options::recursive);
    const Flip flip = RandomFlip(data, &random);
    SCOPED_TRACE(absl::StrCat("bit ", flip.bit, " of byte ", flip.offset, " of ", flip.path));
    Apply(flip, data);
    const CommandResult verify = RunTidemark({"verify", data, "--json"});
    EXPECT_THAT(verify.exit_code, ::testing::AnyOf(0, 5)) << verify.out;
    if (verify.exit_code == 5) {
      ++found;
      EXPECT_THAT(verify.out, HasSubstr(flip.path + ", offset "));
    } else {
      EXPECT_EQ(DigestIn(verify.out), digest);
    }
    ClusterProcess node(i % 2 == 0 ? "server" : "cluster", data, 2, kFlags);
    if (const std::optional<int> code = node.StartOrExit(); code.has_value()) {
      ++refused;
      EXPECT_EQ(*code, 5) << node.output();
      EXPECT_EQ(verify.exit_code, 5) << "verify finds nothing: " << node.output();
      EXPECT_THAT(node.output(), HasSubstr(flip.path + ", offset "));
    } else {
      EXPECT_EQ(node.Stop(), 0) << node.output();
      // Older snapshots and the older master log may still be damaged; a start does not need them.
      if (verify.exit_code == 0) {
        EXPECT_EQ(DigestIn(RunTidemark({"verify", data, "--json"}).out), digest);
      }
    }
    fs::remove_all(data);
  }
  std::printf("%d flips: %d refused by a start, %d found by verify\n", kFlipCount, refused, found);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace tidemark::integration
