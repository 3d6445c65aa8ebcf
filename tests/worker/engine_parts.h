// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "durability/wal/wal_reader.h"
#include "env/posix_file_system.h"
#include "env/posix_random.h"
#include "tests/exec/fragment_calls.h"
#include "tests/worker/hand_executor.h"
#include "worker/engine_context.h"

namespace tidemark::worker {

// What an engine or a part of it has told. Threads: one.
struct RecordedEvents : public EngineEvents {
  void OnWalSynced(Csn csn) override { synced.push_back(csn); }
  void OnApplied(Csn csn) override {
    applied.push_back(csn);
    if (on_applied) on_applied();
  }
  void OnSnapshotDone(const txn::Participant::SnapshotResult& result) override {
    snapshots.push_back(result);
  }
  void OnRecoveryDone(const absl::Status& status) override { recoveries.push_back(status); }
  void OnWalCut(Epoch new_epoch) override { cuts.push_back(new_epoch); }
  void OnExecuted(const wire::Execute& execute, absl::StatusOr<std::string> answer,
                  bool wrote) override {
    executed.push_back({execute.tx(), std::move(answer), wrote});
  }
  void OnIndexBuilt(IndexId index) override { built.push_back(index); }
  size_t HeldAnswerBytes() const override { return held_bytes; }

  struct Executed {
    uint64_t tx = 0;
    absl::StatusOr<std::string> answer;
    bool wrote = false;
  };
  std::vector<Csn> synced;
  std::vector<Csn> applied;
  std::vector<txn::Participant::SnapshotResult> snapshots;
  std::vector<absl::Status> recoveries;
  std::vector<Epoch> cuts;
  std::vector<Executed> executed;
  std::vector<IndexId> built;
  size_t held_bytes = 0;
  std::function<void()> on_applied;
};

// Steps that make these changes, as many as they need.
inline std::vector<wire::Execute> ExecutesOf(uint64_t tx, Csn read_csn,
                                             const std::vector<exec::Change>& changes) {
  std::vector<wire::Execute> executes;
  for (size_t begin = 0; begin < changes.size(); begin += query::kMaxBatchRows) {
    const size_t end = std::min(changes.size(), begin + query::kMaxBatchRows);
    const auto first = changes.begin() + static_cast<std::ptrdiff_t>(begin);
    wire::Execute& execute = executes.emplace_back();
    execute.set_tx(tx);
    execute.set_read_csn(read_csn.value());
    execute.set_kind(static_cast<uint32_t>(exec::FragmentStepKind::kOpen));
    execute.set_run(begin + 1);
    execute.set_call(exec::CallOf({first, changes.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  return executes;
}

inline std::vector<exec::Change> NewVertices(size_t count) {
  exec::Change create;
  create.kind = exec::ChangeKind::kCreateVertex;
  create.slot = SlotId(0);
  return std::vector<exec::Change>(count, create);
}

// A fresh directory of worker 1 of 1, an empty shard, and a loop that the test turns by hand.
class EngineParts : public ::testing::Test {
 protected:
  EngineParts() {
    CHECK(mkdtemp(path_.data()) != nullptr) << path_;
    directory_ =
        *durability::DataDirectory::Open(&files_, path_, durability::DirectoryRole::kWorker);
    context_.env = {&executor_.clock(), &random_, &files_, &executor_};
    context_.options.identity = {{1, 2}, NodeId(1)};
    context_.options.wal_segment_bytes = 1 << 20;
    context_.options.shard.worker_count = 1;
    context_.options.shard.self = NodeId(1);
    CHECK(directory_->Establish(context_.options.identity).ok());
    context_.directory = directory_.get();
    context_.events = &events_;
    context_.shard = std::make_unique<storage::Shard>(storage::ShardLimits(), 1, NodeId(1));
  }
  ~EngineParts() override { std::filesystem::remove_all(path_); }

  durability::WalState ScanWal() {
    auto state = durability::ScanWal(&files_, directory_->wal_path(), context_.options.identity);
    CHECK(state.ok()) << state.status();
    return *std::move(state);
  }
  storage::Shard& shard() { return *context_.shard; }
  void WriteVertices(TxId tx, int count) {
    const storage::NewVertex vertex{SlotId(0), {}, {}};
    for (int i = 0; i < count; ++i) {
      CHECK(shard().CreateVertex({shard().applied(), tx}, vertex, nullptr).ok());
    }
  }
  static txn::CommitOrder Commit(TxId tx, Csn csn) { return {Epoch(1), tx, csn, NodeSet(1), {}}; }
  // Commits in the shard alone.
  void CommitInShard(TxId tx, Csn csn) {
    shard().TakePendingMutations(tx);
    shard().Commit(tx, csn);
    int64_t units = 1 << 30;
    CHECK(shard().ApplySome(&units));
  }

  std::string path_ = ::testing::TempDir() + "engine-XXXXXX";
  env::PosixFileSystem files_;
  env::PosixRandom random_;
  HandExecutor executor_;
  RecordedEvents events_;
  std::unique_ptr<durability::DataDirectory> directory_;
  EngineContext context_;
};

}  // namespace tidemark::worker
