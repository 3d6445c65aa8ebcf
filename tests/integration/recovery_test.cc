// SPDX-License-Identifier: Apache-2.0
// The main job on real processes: write, kill, come back.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

// Creates `count` users and a ring of edges over them; the ids.
absl::StatusOr<std::vector<uint64_t>> LoadRing(client::Client* client, int count) {
  const auto session = client->OpenSession();
  api::Run vertices;
  for (int i = 0; i < count; ++i) AddVertex(&vertices, "User", "id", i);
  ASSIGN_OR_RETURN(const api::RunResult made, session->Run(vertices));
  std::vector<uint64_t> ids;
  for (const api::OperationResult& result : made.results()) ids.push_back(result.vertex());
  api::Run edges;
  for (int i = 0; i < count; ++i) {
    AddEdge(&edges, ids[static_cast<size_t>(i)], ids[static_cast<size_t>((i + 1) % count)], "NEXT");
  }
  RETURN_IF_ERROR(session->Run(edges).status());
  return ids;
}

// The length of the ring through `start`, both ends of every edge checked; -1 when it is broken.
int WalkRing(client::Client* client, uint64_t start) {
  const auto session = client->OpenSession();
  uint64_t at = start;
  int length = 0;
  do {
    api::Run run;
    for (const api::Direction direction : {api::OUTGOING, api::INCOMING}) {
      api::Expand* expand = run.add_operations()->mutable_expand();
      expand->mutable_vertex()->set_id(at);
      expand->set_direction(direction);
    }
    const auto result = session->Run(run);
    if (!result.ok() || result->results(0).neighbours_size() != 1 ||
        result->results(1).neighbours_size() != 1) {
      return -1;
    }
    at = result->results(0).neighbours(0).vertex();
    ++length;
  } while (at != start && length < 1'000'000);
  return length;
}

std::string Digest(const std::string& data_dir) {
  const CommandResult verify = RunTidemark({"verify", data_dir, "--json"});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  const std::string key = "\"graph_digest\":\"";
  const size_t begin = verify.out.find(key);
  if (begin == std::string::npos) return "no digest in " + verify.out;
  return verify.out.substr(begin + key.size(), 32);
}

// Every recovery begins a new epoch; open in a later one means that the kill was noticed.
bool WaitForEpochAbove(ClusterProcess* cluster, uint64_t epoch) {
  for (int i = 0; i < 600; ++i) {
    const auto status = cluster->Status();
    if (status.ok() && status->state() == "open" && status->epoch() > epoch) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

class RecoveryTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RecoveryTest, ComesBackAfterACleanStopAndAfterAKillOfEverything) {
  TestDirectory directory;
  ClusterProcess cluster(GetParam(), directory.path() + "/data", 3, {"--synchronous-commit"});
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  const auto ids = LoadRing(cluster.client(), 300);
  ASSERT_TRUE(ids.ok()) << ids.status();
  EXPECT_EQ(WalkRing(cluster.client(), ids->front()), 300);
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
  const std::string digest = Digest(cluster.data_dir());

  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  EXPECT_EQ(WalkRing(cluster.client(), ids->front()), 300);
  cluster.KillEverything();
  EXPECT_EQ(Digest(cluster.data_dir()), digest);
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  EXPECT_EQ(WalkRing(cluster.client(), ids->front()), 300);
  const auto more = LoadRing(cluster.client(), 10);
  ASSERT_TRUE(more.ok()) << more.status();
  cluster.KillEverything();
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  EXPECT_EQ(WalkRing(cluster.client(), more->front()), 10);
  EXPECT_EQ(cluster.Stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(Commands, RecoveryTest, ::testing::Values("server", "cluster"));

// Starts a cluster on a copy of a directory, stops it cleanly, and gives the digest of what it had.
std::string DigestAfterStart(const std::string& original, const std::string& copy, int workers,
                             const std::string& without) {
  std::filesystem::copy(original, copy, std::filesystem::copy_options::recursive);
  for (int worker = 1; worker <= workers && !without.empty(); ++worker) {
    const std::string folder = absl::StrCat(copy, "/worker-", worker, "/", without);
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      std::filesystem::remove(file.path());
    }
  }
  ClusterProcess cluster("server", copy, workers);
  const absl::Status started = cluster.Start();
  EXPECT_TRUE(started.ok()) << started;
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
  return Digest(copy);
}

class SourceTest : public ::testing::TestWithParam<int> {};

TEST_P(SourceTest, SnapshotOnlyWalOnlyAndBothGiveTheSameGraph) {
  const int workers = GetParam();
  TestDirectory directory;
  const std::string data = directory.path() + "/data";
  ClusterProcess cluster("server", data, workers, {"--synchronous-commit"});
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  ASSERT_TRUE(LoadRing(cluster.client(), 200).ok());
  ASSERT_TRUE(LoadRing(cluster.client(), 100).ok());
  cluster.KillEverything();
  const std::string digest = Digest(data);
  EXPECT_EQ(DigestAfterStart(data, directory.path() + "/wal", workers, ""), digest);
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  ASSERT_TRUE(cluster.client()->SnapshotNow().ok());
  cluster.KillEverything();
  EXPECT_EQ(DigestAfterStart(data, directory.path() + "/both", workers, ""), digest);
  EXPECT_EQ(DigestAfterStart(data, directory.path() + "/snapshot", workers, "wal"), digest);
}

INSTANTIATE_TEST_SUITE_P(Workers, SourceTest, ::testing::Values(1, 3));

TEST(SingleKillTest, AKilledWorkerOrMasterLosesNothingEvenWithoutSynchronousCommit) {
  TestDirectory directory;
  ClusterProcess cluster("cluster", directory.path() + "/data", 3);
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  const auto status = cluster.Status();
  ASSERT_TRUE(status.ok());
  for (int node : {1, 0, 3}) {
    const auto ids = LoadRing(cluster.client(), 50);
    ASSERT_TRUE(ids.ok()) << ids.status();
    const auto before = cluster.Status();
    ASSERT_TRUE(before.ok()) << before.status();
    cluster.Signal(node, SIGKILL);
    ASSERT_TRUE(WaitForEpochAbove(&cluster, before->epoch())) << cluster.output();
    EXPECT_EQ(WalkRing(cluster.client(), ids->front()), 50)
        << "after the kill of node " << node << "\n"
        << cluster.output();
  }
  // The survivor was not touched.
  const auto after = cluster.Status();
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->workers(1).pid(), status->workers(1).pid());
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
}

}  // namespace
}  // namespace tidemark::integration
