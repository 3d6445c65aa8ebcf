// SPDX-License-Identifier: Apache-2.0
#include "master/schema_manager.h"

#include <utility>

#include "base/planted_bug.h"
#include "base/status.h"
#include "base/time_units.h"
#include "session/worker_changes.h"

namespace tidemark::master {

using graph::IndexDefinition;
using graph::IndexKind;
using graph::IndexState;
using graph::NameKind;

namespace {

// Between two tries to commit the end of a build that a full disk or a long queue refuses.
constexpr int64_t kRetryMicros = kMicrosPerSecond;

}  // namespace

SchemaManager::SchemaManager(txn::Coordinator* coordinator, env::Executor* executor, SendFrame send)
    : coordinator_(coordinator), executor_(executor), send_(std::move(send)) {}

absl::Status SchemaManager::CheckLoaded() const {
  if (stopping_) return absl::UnavailableError("the cluster is being stopped");
  if (loaded_epoch_ == coordinator_->epoch()) return absl::OkStatus();
  return absl::UnavailableError("the cluster is recovering its schema; try again");
}

void SchemaManager::Create(const IndexRequest& request, Done done) {
  std::vector<session::NameRequest> missing;
  const auto want = [&](NameKind kind, const std::string& text) {
    if (!text.empty() && !coordinator_->names().Find(kind, text).has_value()) {
      missing.push_back({kind, text});
    }
  };
  want(NameKind::kLabel, request.label);
  want(NameKind::kType, request.type);
  for (const std::string& key : request.keys) {
    if (key.empty()) return done(absl::InvalidArgumentError("a key of the index is empty"));
    want(NameKind::kKey, key);
  }
  if (missing.empty()) return PlanAndCommit(request, std::move(done));
  gateway_->InternNames(std::move(missing),
                        [this, request, done = std::move(done)](const absl::Status& status) {
                          if (!status.ok()) return done(status);
                          PlanAndCommit(request, done);
                        });
}

void SchemaManager::PlanAndCommit(const IndexRequest& request, Done done) {
  if (const absl::Status status = CheckLoaded(); !status.ok()) return done(status);
  const catalog::NameTable& names = coordinator_->names();
  IndexDefinition wanted;
  wanted.kind = request.kind;
  wanted.name = request.name;
  if (!request.label.empty()) {
    wanted.label = LabelId(*names.Find(NameKind::kLabel, request.label));
  }
  if (!request.type.empty()) wanted.type = TypeId(*names.Find(NameKind::kType, request.type));
  for (const std::string& key : request.keys) {
    wanted.keys.push_back(KeyId(*names.Find(NameKind::kKey, key)));
  }
  const IndexDefinition* equal = table_.FindEqual(wanted);
  if (equal != nullptr && (request.name.empty() || request.name == equal->name)) {
    if (equal->state == IndexState::kOnline) return done(*equal);
    builds_[equal->id].done.push_back(std::move(done));
    return;
  }
  absl::StatusOr<IndexDefinition> planned =
      table_.Plan(wanted, session::MakeUpIndexName(wanted, names));
  if (!planned.ok()) return done(planned.status());
  const IndexId id = planned->id;
  Done when_building = [](const auto&) {};
  (request.waits_until_online ? builds_[id].done.emplace_back() : when_building) = std::move(done);
  // The definition is in the table at once, so that a second request finds it.
  table_.Apply(*planned, Csn());
  CommitState(id, IndexState::kBuilding, [this, id, when_building](const auto& committed) {
    if (committed.ok()) {
      StartBuild(id);
      return when_building(committed);
    }
    if (const IndexDefinition* found = table_.FindById(id); found != nullptr) {
      IndexDefinition dropped = *found;
      dropped.state = IndexState::kDropped;
      table_.Apply(dropped, Csn());
    }
    Answer(id, committed.status());
    when_building(committed);
  });
}

void SchemaManager::CommitState(IndexId index, IndexState state, Done done) {
  changes_.push_back({index, state, std::move(done)});
  CommitNext();
}

void SchemaManager::CommitNext() {
  while (!committing_ && !changes_.empty()) {
    const absl::StatusOr<IndexDefinition> definition = Changed(changes_.front());
    const auto end = [this](const absl::StatusOr<IndexDefinition>& result) {
      const Done done = std::move(changes_.front().done);
      changes_.pop_front();
      done(result);
    };
    if (!definition.ok()) {
      end(definition);
      continue;
    }
    committing_ = true;
    const bool drops = definition->state == IndexState::kDropped;
    if (drops) table_.SetRetired(definition->id, true);
    coordinator_->CommitSchema(*definition, [this, end, drops, definition = *definition](
                                                const absl::StatusOr<txn::CommitId>& id) {
      committing_ = false;
      if (id.ok()) {
        table_.Apply(definition, id->csn);
      } else if (drops) {
        table_.SetRetired(definition.id, false);
      }
      end(id.ok() ? absl::StatusOr<IndexDefinition>(definition) : id.status());
      CommitNext();
    });
  }
}

absl::StatusOr<IndexDefinition> SchemaManager::Changed(const Change& change) const {
  RETURN_IF_ERROR(CheckLoaded());
  const IndexDefinition* found = table_.FindById(change.index);
  if (found == nullptr) return absl::NotFoundError("the index was dropped meanwhile");
  IndexDefinition definition = *found;
  definition.state = change.state;
  return definition;
}

void SchemaManager::StartBuild(IndexId index) {
  const uint64_t generation = next_generation_++;
  builds_[index].generation = generation;
  coordinator_->WhenOlderTransactionsEnd([this, index, generation] {
    const auto it = builds_.find(index);
    const IndexDefinition* definition = table_.FindById(index);
    if (it == builds_.end() || it->second.generation != generation || definition == nullptr ||
        coordinator_->state() != txn::ClusterState::kOpen || !CheckLoaded().ok()) {
      return;
    }
    Build& build = it->second;
    if (definition->kind == IndexKind::kUnique || definition->kind == IndexKind::kExists) {
      build.builder = std::make_unique<ConstraintBuilder>(
          gateway_, executor_, *definition,
          [this, index](const absl::Status& status) { OnBuilt(index, status); });
      return build.builder->Start();
    }
    build.waiting = NodeSet::FirstWorkers(coordinator_->worker_count());
    build.waiting.ForEach([&](NodeId worker) {
      wire::Frame frame;
      frame.set_epoch(coordinator_->epoch().value());
      frame.mutable_build_index()->set_index(index.value());
      send_(worker, std::move(frame));
    });
  });
}

void SchemaManager::OnIndexBuilt(NodeId from, const wire::IndexBuilt& built) {
  const IndexId index(built.index());
  const auto it = builds_.find(index);
  if (it == builds_.end() || !it->second.waiting.Contains(from)) return;
  it->second.waiting.Remove(from);
  if (it->second.waiting.empty()) OnBuilt(index, absl::OkStatus());
}

void SchemaManager::OnBuilt(IndexId index, const absl::Status& status) {
  const IndexState state = status.ok() ? IndexState::kOnline : IndexState::kDropped;
  CommitState(index, state, [this, index, status](const auto& committed) {
    if (committed.ok()) {
      Answer(index, status.ok() ? committed : status);
    } else if (committed.status().code() == absl::StatusCode::kResourceExhausted) {
      TryAgainLater(index, status);
    }
    // Else who dropped it has answered, or a recovery builds it again, and whoever waits goes on
    // waiting.
  });
}

void SchemaManager::TryAgainLater(IndexId index, const absl::Status& status) {
  const auto it = builds_.find(index);
  if (it == builds_.end()) return;
  executor_->RunAfter(kRetryMicros, [this, weak = std::weak_ptr<bool>(alive_), index, status,
                                     generation = it->second.generation] {
    if (weak.expired()) return;
    const auto build = builds_.find(index);
    if (build != builds_.end() && build->second.generation == generation) OnBuilt(index, status);
  });
}

void SchemaManager::Answer(IndexId index, const absl::StatusOr<IndexDefinition>& result) {
  const auto it = builds_.find(index);
  if (it == builds_.end()) return;
  const std::vector<Done> waiting = std::move(it->second.done);
  if (it->second.builder != nullptr) {
    it->second.builder->Cancel();
    // The builder may be the caller: it goes after its own call has returned.
    executor_->Post(
        [builder = std::shared_ptr<ConstraintBuilder>(std::move(it->second.builder))] {});
  }
  builds_.erase(it);
  for (const Done& done : waiting) done(result);
}

void SchemaManager::Drop(const std::string& name, std::function<void(absl::Status)> done) {
  if (const absl::Status status = CheckLoaded(); !status.ok()) return done(status);
  const IndexDefinition* definition = table_.FindByName(name);
  if (definition == nullptr) {
    return done(absl::NotFoundError(absl::StrCat("there is no index \"", name, "\"")));
  }
  CommitState(definition->id, IndexState::kDropped,
              [this, index = definition->id, done = std::move(done)](const auto& committed) {
                if (!committed.ok()) return done(committed.status());
                Answer(index, absl::AbortedError("the index was dropped while it was built"));
                done(absl::OkStatus());
              });
}

void SchemaManager::OnStopping() {
  if (PlantedBug("stop-leaves-builds-waiting")) return;
  stopping_ = true;
  while (!builds_.empty()) {
    Answer(builds_.begin()->first,
           absl::UnavailableError("the cluster is being stopped; an index that is not online yet "
                                  "is built when it has started again"));
  }
}

void SchemaManager::OnRecovered() {
  catalog::SchemaTable fresh;
  for (const auto& [id, record] : coordinator_->log().schema()) {
    fresh.Apply(record.definition, record.csn);
  }
  table_.ReplaceWith(std::move(fresh));
  loaded_epoch_ = coordinator_->epoch();
  for (auto& [id, build] : builds_) {
    // It may have begun a transaction between the recovery and this call.
    if (build.builder != nullptr) build.builder->Cancel();
    build.builder = nullptr;
  }
  std::vector<IndexId> gone;
  for (const auto& [id, build] : builds_) {
    if (table_.FindById(id) == nullptr) gone.push_back(id);
  }
  for (IndexId id : gone) {
    Answer(id, absl::UnavailableError("a recovery has undone the new index; create it again"));
  }
  for (const IndexDefinition& definition : table_.all()) {
    if (definition.state == IndexState::kBuilding) StartBuild(definition.id);
    if (definition.state == IndexState::kOnline) Answer(definition.id, definition);
  }
}

}  // namespace tidemark::master
