// SPDX-License-Identifier: Apache-2.0
// Many clients at once on real processes. TIDEMARK_TEST_SCALE=acceptance runs the full sizes.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "base/status.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using Edge = std::pair<int, int>;

std::string SlashdotPath() {
  const char* folder = std::getenv("TIDEMARK_TEST_DATA");
  std::string path = TIDEMARK_SOURCE_DIR "/../shared/data";
  if (folder != nullptr) path = folder;
  path += "/soc-slashdot0902/relationships.csv";
  return std::ifstream(path).good() ? path : "";
}

std::vector<Edge> ReadEdges(const std::string& path, size_t limit) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::vector<Edge> edges;
  while (edges.size() < limit && std::getline(file, line)) {
    const size_t comma = line.find(',');
    edges.emplace_back(std::stoi(line.substr(0, comma)), std::stoi(line.substr(comma + 1)));
  }
  return edges;
}

// Runs `work(i)` on `count` threads.
template <typename Fn>
void RunClients(int count, Fn work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

// Runs a batch as a transaction of its own until it is certain that it is done, once: one whose
// outcome is unknown is looked up by the unique marker that it writes.
void RunOnce(client::Client* client, client::ClientSession* session, const api::Run& run,
             int64_t marker) {
  while (true) {
    const auto result = session->Run(run);
    if (result.ok()) return;
    if (client::IsRetryable(result.status())) {
      SleepMs(20);
      continue;
    }
    ASSERT_EQ(result.status().code(), absl::StatusCode::kUnknown) << result.status();
    while (true) {
      ASSERT_TRUE(client->WaitUntilOpen(60'000).ok());
      api::Run look;
      AddLookup(&look, "Marker", "number", marker);
      const auto found = session->Run(look);
      if (!found.ok()) {
        SleepMs(20);
        continue;
      }
      if (found->results(0).vertices_size() == 1) return;
      break;
    }
  }
}

class SlashdotLoad {
 public:
  SlashdotLoad(ClusterProcess* cluster, std::vector<Edge> edges)
      : cluster_(cluster), edges_(std::move(edges)) {}

  void LoadVertices() {
    int count = 0;
    for (const Edge& edge : edges_) count = std::max({count, edge.first, edge.second});
    ids_.resize(static_cast<size_t>(count) + 1);
    const auto session = cluster_->client()->OpenSession();
    for (int begin = 1; begin <= count; begin += 1000) {
      api::Run run;
      const int end = std::min(begin + 999, count);
      for (int i = begin; i <= end; ++i) AddVertex(&run, "User", "id", i);
      const auto result = session->Run(run);
      ASSERT_TRUE(result.ok()) << result.status();
      for (int i = begin; i <= end; ++i) {
        ids_[static_cast<size_t>(i)] = result->results(i - begin).vertex();
      }
    }
  }

  void LoadEdges(int clients) {
    constexpr size_t kPerTransaction = 1000;
    RunClients(clients, [&](int) {
      const auto session = cluster_->client()->OpenSession();
      while (true) {
        const size_t begin = next_.fetch_add(kPerTransaction);
        if (begin >= edges_.size() || testing::Test::HasFatalFailure()) return;
        api::Run run;
        const auto marker = static_cast<int64_t>(begin);
        AddVertex(&run, "Marker", "number", marker);
        for (size_t i = begin; i < std::min(begin + kPerTransaction, edges_.size()); ++i) {
          AddEdge(&run, Id(edges_[i].first), Id(edges_[i].second), "LINK");
        }
        RunOnce(cluster_->client(), session.get(), run, marker);
      }
    });
  }

  // Kills each process once, and everything at the end, spread over the load.
  void KillOnTheWay() {
    const std::vector<int> victims = {1, 0, 2, 3};
    for (size_t i = 0; i < victims.size(); ++i) {
      WaitForShare((static_cast<double>(i) + 1) / 6);
      cluster_->Signal(victims[i], SIGKILL);
    }
    WaitForShare(5.0 / 6);
    cluster_->KillEverything();
    ASSERT_TRUE(cluster_->Start().ok()) << cluster_->output();
  }

  void RemoveMarkers() {
    const auto session = cluster_->client()->OpenSession();
    for (int rest = -1; rest != 0;) {
      api::Run scan;
      scan.add_operations()->mutable_scan_label()->set_label("Marker");
      const auto found = session->Run(scan);
      ASSERT_TRUE(found.ok()) << found.status();
      rest = found->results(0).vertices_size();
      api::Run remove;
      for (const api::Vertex& vertex : found->results(0).vertices()) {
        remove.add_operations()->mutable_delete_vertex()->mutable_vertex()->set_id(vertex.id());
      }
      if (rest != 0) {
        const auto removed = session->Run(remove);
        ASSERT_TRUE(removed.ok()) << removed.status();
      }
    }
  }

  // Every edge is there once.
  void CheckEdges() {
    std::map<uint64_t, int> numbers;
    for (size_t i = 1; i < ids_.size(); ++i) numbers[ids_[i]] = static_cast<int>(i);
    std::vector<Edge> found;
    const auto session = cluster_->client()->OpenSession();
    constexpr size_t kPerBatch = 500;
    for (size_t begin = 1; begin < ids_.size(); begin += kPerBatch) {
      api::Run run;
      const size_t end = std::min(begin + kPerBatch, ids_.size());
      for (size_t i = begin; i < end; ++i) {
        api::Expand* expand = run.add_operations()->mutable_expand();
        expand->mutable_vertex()->set_id(ids_[i]);
        expand->set_direction(api::OUTGOING);
      }
      const auto results = client::RunToEnd(session.get(), run);
      ASSERT_TRUE(results.ok()) << results.status();
      for (size_t i = begin; i < end; ++i) {
        for (const api::Neighbour& neighbour : (*results)[i - begin].neighbours()) {
          found.emplace_back(static_cast<int>(i), numbers.at(neighbour.vertex()));
        }
      }
    }
    std::sort(found.begin(), found.end());
    std::sort(edges_.begin(), edges_.end());
    EXPECT_EQ(found.size(), edges_.size());
    EXPECT_TRUE(found == edges_) << "the edges differ";
  }

 private:
  uint64_t Id(int number) const { return ids_[static_cast<size_t>(number)]; }

  void WaitForShare(double share) {
    const auto target = static_cast<size_t>(share * static_cast<double>(edges_.size()));
    while (next_ < target) SleepMs(2);
  }

  ClusterProcess* const cluster_;
  std::vector<Edge> edges_;
  std::vector<uint64_t> ids_;
  std::atomic<size_t> next_{0};
};

TEST(LoadTest, SlashdotThroughTheApiWithEveryProcessKilledOnTheWay) {
  const std::string path = SlashdotPath();
  if (path.empty()) GTEST_SKIP() << "SKIPPED: soc-slashdot0902 is not there";
  TestDirectory directory;
  ClusterProcess cluster("cluster", directory.path() + "/data", 3, {"--synchronous-commit"});
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  ASSERT_TRUE(cluster.client()->CreateIndex(UniqueIndex("Marker", "number")).ok());
  SlashdotLoad load(&cluster, ReadEdges(path, AtAcceptanceScale() ? SIZE_MAX : 60'000));
  load.LoadVertices();
  std::thread killer([&] { load.KillOnTheWay(); });
  load.LoadEdges(8);
  killer.join();
  ASSERT_TRUE(cluster.WaitUntilOpen()) << cluster.output();
  load.RemoveMarkers();
  load.CheckEdges();
  std::printf("%s", cluster.ReadSteps().text.c_str());
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
  const CommandResult verify = RunTidemark({"verify", cluster.data_dir()});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  std::printf("%s", verify.out.c_str());
}

TEST(HubTest, ManyClientsAddEdgesToOneVertexWithoutAConflict) {
  TestDirectory directory;
  ClusterProcess cluster("cluster", directory.path() + "/data", 3);
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  const int clients = 32;
  const int per_client = AtAcceptanceScale() ? 10'000 : 500;
  constexpr int kPerTransaction = 100;
  const auto setup = cluster.client()->OpenSession();
  api::Run run;
  for (int i = 0; i <= clients; ++i) AddVertex(&run, "Node", "id", i);
  const auto made = setup->Run(run);
  ASSERT_TRUE(made.ok()) << made.status();
  const uint64_t hub = made->results(0).vertex();
  std::atomic<int> conflicts{0};
  RunClients(clients, [&](int i) {
    const auto session = cluster.client()->OpenSession();
    for (int done = 0; done < per_client;) {
      api::Run edges;
      for (int k = 0; k < kPerTransaction; ++k) {
        AddEdge(&edges, made->results(i + 1).vertex(), hub, "TO");
      }
      const auto result = session->Run(edges);
      if (result.ok()) {
        done += kPerTransaction;
      } else {
        EXPECT_EQ(result.status().code(), absl::StatusCode::kAborted) << result.status();
        ++conflicts;
      }
    }
  });
  EXPECT_EQ(conflicts, 0);
  api::Run expand;
  expand.add_operations()->mutable_expand()->mutable_vertex()->set_id(hub);
  EXPECT_EQ(ReadAll(setup.get(), expand).neighbours_size(), clients * per_client);
  std::printf("%s", cluster.ReadSteps().text.c_str());
}

TEST(BankTest, EveryReaderSeesTheSameSum) {
  TestDirectory directory;
  ClusterProcess cluster("cluster", directory.path() + "/data", 3);
  ASSERT_TRUE(cluster.Start().ok()) << cluster.output();
  constexpr int kAccounts = 30;
  constexpr int64_t kStart = 100;
  const auto setup = cluster.client()->OpenSession();
  std::vector<uint64_t> accounts;
  for (int i = 0; i < kAccounts; ++i) {  // one batch each: spread over the workers
    api::Run run;
    AddVertex(&run, "Account", "balance", kStart);
    const auto made = setup->Run(run);
    ASSERT_TRUE(made.ok()) << made.status();
    accounts.push_back(made->results(0).vertex());
  }
  std::atomic<bool> stop{false};
  std::atomic<int> transfers{0};
  std::atomic<int> reads{0};
  const auto transfer = [&](client::ClientSession* session, uint64_t from, uint64_t to) {
    api::Run read;
    AddGet(&read, from);
    AddGet(&read, to);
    const auto balances = session->Run(read);
    if (!balances.ok()) return balances.status();
    api::Run write;
    SetInteger(&write, from, "balance", IntegerOf(balances->results(0).vertices(0), "balance") - 1);
    SetInteger(&write, to, "balance", IntegerOf(balances->results(1).vertices(0), "balance") + 1);
    return session->Run(write).status();
  };
  RunClients(8, [&](int i) {
    const auto session = cluster.client()->OpenSession();
    uint64_t at = static_cast<uint64_t>(i);
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(AtAcceptanceScale() ? 20 : 4);
    while (std::chrono::steady_clock::now() < end && !stop) {
      at = at * 6364136223846793005u + 1442695040888963407u;
      if (i < 5) {
        const uint64_t from = accounts[(at >> 33) % kAccounts];
        const uint64_t to = accounts[(at >> 40) % kAccounts];
        if (from == to) continue;
        const auto done = session->RunTransaction(
            [&](client::ClientSession* inner) { return transfer(inner, from, to); });
        transfers += done.ok();
        continue;
      }
      api::Run run;
      for (const uint64_t account : accounts) AddGet(&run, account);
      const auto result = session->Run(run);
      if (!result.ok()) continue;
      int64_t sum = 0;
      for (const auto& one : result->results()) sum += IntegerOf(one.vertices(0), "balance");
      EXPECT_EQ(sum, kAccounts * kStart);
      if (sum != kAccounts * kStart) stop = true;
      ++reads;
    }
  });
  EXPECT_TRUE(transfers > 20 && reads > 20) << transfers << " and " << reads;
  const std::string steps = cluster.ReadSteps().text;
  std::printf("%d transfers, %d reads of it\n%s", transfers.load(), reads.load(), steps.c_str());
}

}  // namespace
}  // namespace tidemark::integration
