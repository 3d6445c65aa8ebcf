// SPDX-License-Identifier: Apache-2.0
#include "tests/damage/test_cluster.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"
#include "graph/index_definition.h"

namespace tidemark::damage {
namespace {

constexpr int64_t kStepLimitMs = 60'000;
constexpr uint64_t kSeed = 7;

void PutFile(sim::SimDisk* disk, const std::string& path, const std::string& content) {
  sim::SimDirectory* at = disk->FindDirectory("").get();
  std::string_view rest = path;
  for (size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    sim::SimDirectory::Entry& entry = at->entries[std::string(rest.substr(0, slash))];
    if (entry.directory == nullptr) entry.directory = std::make_shared<sim::SimDirectory>();
    at = entry.directory.get();
    rest.remove_prefix(slash + 1);
  }
  const std::shared_ptr<sim::SimInode> inode = disk->NewInode();
  inode->Write(0, content);
  inode->Sync();
  at->entries[std::string(rest)].file = inode;
}

}  // namespace

TestCluster::TestCluster(const sim::ClusterOptions& options)
    : options_(options), cluster_(std::make_unique<sim::SimCluster>(&scheduler_, options, kSeed)) {
  cluster_->SetOnDeath([this](NodeId node, const std::string& reason) {
    if (!stopping_) deaths_.push_back(absl::StrCat("node ", node.value(), ": ", reason));
  });
}

TestCluster::~TestCluster() { sessions_.clear(); }

void TestCluster::Fill(const Image& image) {
  for (const auto& [path, content] : image) {
    for (const NodeId node : cluster_->nodes()) {
      const std::string folder =
          node == kMasterNode ? "master/" : absl::StrCat("worker-", node.value(), "/");
      if (path.starts_with(folder)) PutFile(&cluster_->disk(node), path, content);
    }
  }
}

Image TestCluster::Read() {
  Image image;
  for (const NodeId node : cluster_->nodes()) {
    for (const auto& [path, inode] : cluster_->disk(node).Files()) image[path] = inode->cached();
  }
  return image;
}

void TestCluster::StartAll() {
  for (const NodeId node : cluster_->nodes()) cluster_->Start(node);
}

void TestCluster::KillAll() {
  stopping_ = true;
  sessions_.clear();
  for (const NodeId node : cluster_->nodes()) cluster_->Stop(node, sim::Death::kKill);
  Pass(1);
  stopping_ = false;
}

void TestCluster::StopAll() {
  stopping_ = true;
  sessions_.clear();
  OnMaster([this] { cluster_->AccessMaster().node->Shutdown(); });
  const auto all_down = [this] {
    for (const NodeId node : cluster_->nodes()) {
      if (cluster_->IsUp(node)) return false;
    }
    return true;
  };
  CHECK(RunUntil(all_down, kStepLimitMs));
  stopping_ = false;
}

bool TestCluster::RunUntil(const std::function<bool()>& reached, int64_t limit_ms) {
  const int64_t end_micros = scheduler_.now_micros() + limit_ms * 1000;
  while (!reached()) {
    if (!deaths_.empty() || scheduler_.now_micros() > end_micros) return false;
    if (!scheduler_.RunOne()) return false;
  }
  return true;
}

bool TestCluster::WaitForOpen() {
  return RunUntil([this] { return cluster_->IsOpen(); }, kStepLimitMs);
}

void TestCluster::Pass(int64_t ms) { scheduler_.RunUntil(scheduler_.now_micros() + ms * 1000); }

void TestCluster::OnMaster(std::function<void()> fn) {
  cluster_->AccessMaster().executor->Post(std::move(fn));
}

session::Session* TestCluster::SessionAt(int index) {
  const auto at = static_cast<size_t>(index);
  if (sessions_.size() <= at) sessions_.resize(at + 1);
  if (sessions_[at] == nullptr) {
    sessions_[at] = std::make_unique<session::Session>(cluster_->AccessMaster().node->gateway());
  }
  return sessions_[at].get();
}

absl::StatusOr<session::RunOutcome> TestCluster::TryRun(const Operations& operations, int session) {
  std::optional<absl::StatusOr<session::RunOutcome>> answer;
  OnMaster([&] {
    SessionAt(session)->Run(operations, [&](absl::StatusOr<session::RunOutcome> outcome) {
      answer = std::move(outcome);
    });
  });
  CHECK(RunUntil([&] { return answer.has_value(); }, kStepLimitMs));
  return *std::move(answer);
}

std::vector<session::OperationResult> TestCluster::Run(const Operations& operations, int session) {
  absl::StatusOr<session::RunOutcome> outcome = TryRun(operations, session);
  CHECK(outcome.ok()) << outcome.status();
  return std::move(outcome->results);
}

void TestCluster::Begin(int session) {
  bool begun = false;
  OnMaster([&] {
    CHECK(SessionAt(session)->Begin({}).ok());
    begun = true;
  });
  CHECK(RunUntil([&] { return begun; }, kStepLimitMs));
}

void TestCluster::Commit(int session) {
  std::optional<absl::Status> answer;
  OnMaster([&] {
    SessionAt(session)->Commit(
        [&](absl::StatusOr<session::Bookmark> bookmark) { answer = bookmark.status(); });
  });
  CHECK(RunUntil([&] { return answer.has_value(); }, kStepLimitMs));
  CHECK(answer->ok()) << *answer;
}

void TestCluster::CreateIndex(const master::IndexRequest& request) {
  std::optional<absl::Status> answer;
  OnMaster([&] {
    cluster_->AccessMaster().node->schema()->Create(
        request, [&](absl::StatusOr<graph::IndexDefinition> made) { answer = made.status(); });
  });
  CHECK(RunUntil([&] { return answer.has_value(); }, kStepLimitMs));
  CHECK(answer->ok()) << *answer;
}

void TestCluster::TakeSnapshot() {
  std::optional<absl::Status> answer;
  OnMaster([&] {
    coordinator()->RequestSnapshot([&](absl::StatusOr<txn::CommitId> id) { answer = id.status(); });
  });
  CHECK(RunUntil([&] { return answer.has_value(); }, kStepLimitMs));
  CHECK(answer->ok()) << *answer;
}

std::string TestCluster::State() {
  const Csn csn = coordinator()->visible();
  std::string state = absl::StrCat("csn ", csn.value(), "\n");
  const durability::MasterLogState& log = coordinator()->log();
  for (const auto& [key, text] : log.names()) {
    absl::StrAppend(&state, "name ", static_cast<int>(key.first), " ", key.second, " ", text, "\n");
  }
  for (const auto& [id, record] : log.schema()) {
    graph::AppendIndexDefinition(record.definition, &state);
  }
  for (const NodeId node : cluster_->nodes()) {
    if (node == kMasterNode) continue;
    // A reading that moves no version; the shard has no const way to say so.
    auto* shard = const_cast<storage::Shard*>(&cluster_->worker(node)->engine()->shard());
    absl::StrAppend(&state, "\nworker ", node.value(), "\n");
    for (const graph::IndexDefinition& index : shard->schema()) {
      graph::AppendIndexDefinition(index, &state);
    }
    for (uint32_t slot = 0; slot < kSlotCount; ++slot) {
      const SlotId id(static_cast<uint16_t>(slot));
      if (!shard->Owns(id)) continue;
      storage::Shard::SnapshotCursor cursor;
      while (!shard->SnapshotSlot({csn, id, INT64_C(1) << 40, size_t{1} << 30}, &cursor, &state)) {
      }
    }
  }
  return state;
}

}  // namespace tidemark::damage
