// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "exec/change_rows.h"
#include "exec/fragment_runs.h"
#include "session/backend.h"
#include "session/worker_changes.h"
#include "storage/shard.h"

namespace tidemark::session {

// Workers as shards in this process. What workers do, what they answer and what the session posts
// comes in a random order; only what is sent to one worker stays in its order. Threads: one.
class ShardBackend : public Backend {
 public:
  ShardBackend(uint32_t worker_count, uint64_t seed) : random_(seed) {
    for (uint32_t worker = 1; worker <= worker_count; ++worker) {
      shards_.push_back(
          std::make_unique<storage::Shard>(storage::ShardLimits(), worker_count, NodeId(worker)));
    }
    queues_.resize(worker_count);
    request_counts_.resize(worker_count);
  }

  void WhenReadable(const Bookmark&, std::function<void()> done) override { done(); }
  absl::StatusOr<BegunTransaction> Begin(const BeginOptions&) override {
    tx_ = tx_.Next();
    read_csns_[tx_] = csn_;
    return BegunTransaction{tx_, {Epoch(1), csn_}};
  }
  void RunFragment(TxId tx, NodeId worker, exec::FragmentStep step,
                   std::function<void(absl::StatusOr<std::string>)> done) override {
    if (step.kind != exec::FragmentStepKind::kClose) ++request_counts_[worker.value() - 1];
    queues_[worker.value() - 1].push_back({tx, std::move(step), std::move(done)});
    size_t waiting = 0;
    for (const auto& queue : queues_) waiting += queue.size();
    most_waiting_ = std::max(most_waiting_, waiting);
  }
  void Commit(TxId tx, std::function<void(absl::StatusOr<Bookmark>)> done) override {
    const absl::Status valid = Validate(tx);
    if (!valid.ok()) {
      Rollback(tx);
      return done(valid);
    }
    csn_ = csn_.Next();
    for (const auto& shard : shards_) {
      shard->TakePendingMutations(tx);
      shard->Commit(tx, csn_);
      int64_t units = INT64_MAX;
      CHECK(shard->ApplySome(&units));
    }
    done(Bookmark{Epoch(1), csn_});
  }
  void Rollback(TxId tx) override {
    for (auto& queue : queues_) {
      std::erase_if(queue, [tx](const Message& message) { return message.tx == tx; });
    }
    for (const auto& shard : shards_) {
      if (shard->Abort(tx)) continue;
      while (!shard->CollectSome(kUnitsOfGarbage)) {
      }
    }
  }
  void NoteUsed(TxId) override {}
  void NoteWaits(TxId) override {}
  void WatchTransaction(TxId, std::function<void(const absl::Status&)>) override {}
  void InternNames(std::vector<NameRequest> names,
                   std::function<void(absl::Status)> done) override {
    for (const NameRequest& name : names) {
      if (!names_.Find(name.kind, name.text).has_value()) {
        CHECK(names_.Add(name.kind, name.text).ok());
      }
    }
    done(absl::OkStatus());
  }
  // At once, and online at once.
  void ChangeSchema(SchemaChange change, std::function<void(absl::Status)> done) override {
    if (change.drops) {
      graph::IndexDefinition dropped = *schema_.FindByName(change.name);
      dropped.state = graph::IndexState::kDropped;
      Define(dropped);
      return done(absl::OkStatus());
    }
    graph::IndexDefinition definition;
    definition.kind = change.kind;
    definition.name = change.name;
    definition.label = LabelId(NameIdOf(graph::NameKind::kLabel, change.label));
    for (const std::string& key : change.keys) {
      definition.keys.push_back(KeyId(NameIdOf(graph::NameKind::kKey, key)));
    }
    const auto planned = schema_.Plan(definition, MakeUpIndexName(definition, names_));
    if (!planned.ok()) return done(planned.status());
    definition = *planned;
    definition.state = graph::IndexState::kOnline;
    Define(definition);
    done(absl::OkStatus());
  }
  void Post(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }
  MemoryBudget* result_memory() override { return &result_memory_; }
  const catalog::NameTable& names() const override { return names_; }
  const catalog::SchemaTable& schema() const override { return schema_; }
  uint32_t worker_count() const override { return static_cast<uint32_t>(shards_.size()); }
  NodeId NextPlacement() override {
    return NodeId(1 + static_cast<uint32_t>(random_() % shards_.size()));
  }
  void StartTrace(TxId, int64_t) override {}
  Trace TakeTrace(TxId) override { return {}; }

  // Commits the definition as it is.
  void Define(const graph::IndexDefinition& definition) {
    const TxId tx = Begin({})->tx;
    for (const auto& shard : shards_) shard->AddSchemaChange(tx, definition);
    Commit(tx, [](const auto&) {});
    schema_.Apply(definition, csn_);
  }
  // Works until nothing is left.
  void Run() {
    while (RunOne()) {
    }
  }
  // One message or posted step, chosen at random; false when there is none.
  bool RunOne() {
    std::vector<size_t> ready;
    for (size_t i = 0; i < queues_.size(); ++i) {
      if (!queues_[i].empty()) ready.push_back(i);
    }
    if (!posted_.empty()) ready.push_back(queues_.size());
    if (ready.empty()) return false;
    const size_t chosen = ready[random_() % ready.size()];
    if (chosen < queues_.size()) {
      Execute(shards_[chosen].get(), TakeFront(&queues_[chosen]));
    } else {
      TakeFront (&posted_)();
    }
    return true;
  }
  storage::Shard& OwnerOf(SlotId slot) {
    return *shards_[OwnerOfSlot(slot, worker_count()).value() - 1];
  }
  Csn csn() const { return csn_; }
  // The most steps of fragments that waited at workers at one time, since the last call.
  size_t TakeMostWaiting() { return std::exchange(most_waiting_, 0); }
  // How often each worker was asked for something since the last call: a request is one frame, its
  // answer another one.
  std::vector<size_t> TakeRequestCounts() {
    return std::exchange(request_counts_, std::vector<size_t>(worker_count()));
  }

 private:
  static constexpr int64_t kUnitsOfGarbage = 1000;

  absl::Status Validate(TxId tx) {
    for (const auto& shard : shards_) {
      storage::Validation validation;
      int64_t units = INT64_MAX;
      const absl::Status status = shard->ValidateBeforeCommit(tx, &validation, &units).status();
      if (status.ok()) continue;
      exec::ChangeFailure failure;
      failure.refused.emplace().index = validation.broken;
      return NameConstraint(exec::WithFailure(status, failure), *this);
    }
    return absl::OkStatus();
  }

  uint32_t NameIdOf(graph::NameKind kind, const std::string& text) {
    const auto found = names_.Find(kind, text);
    return found.has_value() ? *found : *names_.Add(kind, text);
  }

  MemoryBudget result_memory_{nullptr, uint64_t{256} << 20};  // nobody waits for it
  struct Message {
    TxId tx;
    exec::FragmentStep step;
    std::function<void(absl::StatusOr<std::string>)> done;
  };

  void Execute(storage::Shard* shard, const Message& message) {
    const storage::View view{read_csns_.at(message.tx), message.tx};
    const auto work = runs_.MakeWork({shard, view}, message.step);
    while (!work->RunSome(100)) {
    }
    if (!work->status().ok()) return message.done(work->status());
    message.done(work->TakeAnswer());
  }
  template <typename T>
  static T TakeFront(std::deque<T>* queue) {
    T front = std::move(queue->front());
    queue->pop_front();
    return front;
  }

  std::mt19937_64 random_;
  std::vector<std::unique_ptr<storage::Shard>> shards_;
  // Whenever somebody looks, a microsecond has gone by.
  class TickingClock : public env::Clock {
   public:
    int64_t NowMicros() override { return ++micros_; }
    int64_t WallMicros() override { return micros_; }

   private:
    int64_t micros_ = 0;
  };
  TickingClock clock_;
  // Numbers are unique at all shards.
  exec::FragmentRuns runs_{uint64_t{256} << 20, nullptr, &clock_};
  std::vector<std::deque<Message>> queues_;
  std::vector<size_t> request_counts_;
  size_t most_waiting_ = 0;
  std::deque<std::function<void()>> posted_;
  catalog::NameTable names_;
  catalog::SchemaTable schema_;
  std::map<TxId, Csn> read_csns_;
  TxId tx_;
  Csn csn_;
};

}  // namespace tidemark::session
