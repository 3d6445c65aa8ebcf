// SPDX-License-Identifier: Apache-2.0
#include "tests/txn/random_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "tests/txn/frame_text.h"

namespace tidemark::txn {

namespace {

// A verdict that promises that the transaction left nothing behind.
bool SaysRolledBack(const absl::StatusOr<CommitId>& verdict) {
  return !verdict.ok() && verdict.status().code() != absl::StatusCode::kUnknown;
}

std::string TextOfCommit(CommitId id) {
  return absl::StrCat(id.epoch.value(), "/", id.csn.value());
}

}  // namespace

RandomRunOptions OptionsOf(RunKind kind, uint64_t seed) {
  RandomRunOptions options;
  options.seed = seed;
  options.worker_count = 2 + seed % 2;
  options.coordinator.snapshot_interval_micros = 0;
  options.coordinator.wal = kind != RunKind::kWithoutWal;
  options.coordinator.synchronous_commit =
      kind == RunKind::kSynchronous || kind == RunKind::kSynchronousLongest;
  if (kind == RunKind::kSynchronousLongest || kind == RunKind::kAsynchronousLongest) {
    options.coordinator.recovery_point = RecoveryPoint::kLongest;
  }
  options.single_faults = kind == RunKind::kSingleFaults;
  options.older_directories = kind == RunKind::kOlderDirectories;
  options.power_loss = !options.single_faults;
  return options;
}

RandomRun::RandomRun(const RandomRunOptions& options)
    : options_(options),
      random_(options.seed),
      cluster_(options.coordinator, options.worker_count) {}

std::string RandomRun::Execute() {
  cluster_.StartMaster();
  for (uint32_t id = 1; id <= options_.worker_count; ++id) cluster_.StartWorker(NodeId(id));
  cluster_.Run();
  for (int i = 0; i < options_.steps && violation_.empty(); ++i) {
    Step();
    Check();
  }
  if (violation_.empty()) Finish();
  for (std::string& line : cluster_.TakeTrace()) trace_.push_back(std::move(line));
  return violation_;
}

void RandomRun::Step() {
  const uint64_t dice = Pick(100);
  if (dice < 70) {
    Happen();
  } else if (dice < 88) {
    ClientStep();
  } else if (dice < 92) {
    cluster_.Tick(static_cast<int64_t>(5000 + Pick(100000)));
  } else if (dice < 97) {
    RestartStep();
  } else if (dice < 98) {
    // Faults on top of a recovery are where the rules earn their keep.
    if (!IsOpen()) FaultStep();
  } else if (options_.older_directories && Chance(30)) {
    OlderDirectoryStep();
  } else {
    FaultStep();
  }
}

void RandomRun::Happen() {
  std::vector<Event> events = cluster_.Enabled(/*late=*/Chance(30));
  if (events.empty()) return;
  const Event& event = events[Pick(events.size())];
  // The master's disk is slow: many things happen before a record is durable.
  if (event.kind == Event::Kind::kLogSync && Chance(50)) return;
  cluster_.Do(event);
}

// --- Clients.

bool RandomRun::IsOpen() {
  return cluster_.master_up() && cluster_.coordinator().state() == ClusterState::kOpen;
}

void RandomRun::ClientStep() {
  if (!IsOpen()) return;
  const uint64_t dice = Pick(20);
  if (dice < 12) {
    BeginWrite();
  } else if (dice < 16) {
    BeginRead();
  } else if (dice < 18) {
    cluster_.coordinator().RequestSnapshot([](const absl::StatusOr<CommitId>&) {});
  } else if (dice < 19) {
    ChangeSchema();
  } else if (options_.coordinator.wal) {
    cluster_.coordinator().RequestFlush([](const absl::StatusOr<Csn>&) {});
  }
  // An older transaction asks to commit now and then, so that start and commit order differ.
  for (auto& [name, tx] : cluster_.transactions()) {
    if (!tx.asked && !tx.verdict.has_value() && Chance(40)) {
      cluster_.Commit(name);
      break;
    }
  }
}

void RandomRun::BeginWrite() {
  const std::string name = absl::StrCat("t", next_name_++);
  ModelTx& tx = cluster_.Begin(name, AccessMode::kWrite);
  if (tx.verdict.has_value()) return;
  CheckReadCsn(tx);
  for (uint32_t id = 1; id <= options_.worker_count; ++id) {
    if (Chance(60)) cluster_.Write(name, NodeId(id));
  }
  ++commit_count_;
  if (Chance(15) && !tx.participants.empty()) {  // uses a new label
    const TxId id = tx.begun.tx;
    const std::string label = "Label" + name;
    tx.asked = true;
    cluster_.coordinator().InternName(
        graph::NameKind::kLabel, label,
        [this, name, id, label](const absl::StatusOr<uint32_t>& label_id) {
          ModelTx& waiting = cluster_.transactions().at(name);
          if (!label_id.ok() || waiting.verdict.has_value() || !IsOpen()) return;
          labels_[id] = label;
          cluster_.Commit(name);
        });
  } else if (Chance(70)) {
    cluster_.Commit(name);
  }
}

// Each change makes an index of its own, so that its record can be told from the others.
void RandomRun::ChangeSchema() {
  graph::IndexDefinition definition;
  definition.id = IndexId(next_index_++);
  definition.kind = graph::IndexKind::kEdgeType;
  definition.type = TypeId(1);
  definition.name = absl::StrCat("index", definition.id.value());
  cluster_.coordinator().CommitSchema(definition, [](const absl::StatusOr<CommitId>&) {});
}

void RandomRun::BeginRead() {
  const std::string name = absl::StrCat("r", next_name_++);
  ModelTx& tx = cluster_.Begin(name, Chance(50) ? AccessMode::kRead : AccessMode::kWrite);
  if (tx.verdict.has_value()) return;
  CheckReadCsn(tx);
  if (Chance(80)) cluster_.FinishRead(name);
}

// Strong snapshot isolation: it sees everything that was acknowledged before it began.
void RandomRun::CheckReadCsn(const ModelTx& tx) {
  for (const auto& [name, other] : cluster_.transactions()) {
    if (!other.verdict.has_value() || !other.verdict->ok() || other.participants.empty()) continue;
    const CommitId id = **other.verdict;
    if (IsLive(id) && id.csn > tx.begun.read_csn) {
      Violation(absl::StrCat(tx.name, " begins at ", tx.begun.read_csn.value(), " below ", name));
    }
  }
}

// --- Faults.

void RandomRun::FaultStep() {
  if (options_.single_faults && !IsWhole()) return;
  ++fault_count_;
  const NodeId node(1 + static_cast<uint32_t>(Pick(options_.worker_count)));
  const bool power = options_.power_loss && Chance(50);
  const uint64_t dice = Pick(options_.single_faults ? 8 : 10);
  if (dice < 3) {
    if (power) {
      cluster_.LosePowerOfWorker(node, Pick(cluster_.disk(node).PowerLossChoices()));
    } else {
      cluster_.KillWorker(node);
    }
  } else if (dice < 6) {
    cluster_.CutStream(node);
  } else if (dice < 8) {
    if (power) {
      cluster_.LosePowerOfMaster(Pick(1 + cluster_.unsynced_log_count()));
    } else if (cluster_.master_up()) {
      cluster_.KillMaster();
    }
  } else {  // everything at once
    for (uint32_t id = 1; id <= options_.worker_count; ++id) {
      WorkerDisk& disk = cluster_.disk(NodeId(id));
      if (power) {
        cluster_.LosePowerOfWorker(NodeId(id), Pick(disk.PowerLossChoices()));
      } else {
        cluster_.KillWorker(NodeId(id));
      }
    }
    if (power) {
      cluster_.LosePowerOfMaster(Pick(1 + cluster_.unsynced_log_count()));
    } else if (cluster_.master_up()) {
      cluster_.KillMaster();
    }
  }
}

// A worker comes back with a copy of its directory from some time ago. It is refused, or nothing is
// missing below the watermark; then the operator gives it the right one.
void RandomRun::OlderDirectoryStep() {
  const NodeId node(1 + static_cast<uint32_t>(Pick(options_.worker_count)));
  if (!backups_.contains(node) || Chance(30)) {
    backups_[node] = cluster_.disk(node);
    backups_[node].durable = backups_[node].wal;  // a copy is made of what can be read, and synced
    return;
  }
  ++fault_count_;
  cluster_.KillWorker(node);
  const WorkerDisk present = std::exchange(cluster_.disk(node), backups_.at(node));
  for (int i = 0; i < 3; ++i) {
    RestartStep();
    cluster_.Run();
  }
  if (IsOpen()) {
    CheckOpened();
  } else {
    cluster_.KillWorker(node);
    cluster_.disk(node) = present;
  }
  backups_.erase(node);
}

void RandomRun::RestartStep() {
  if (!cluster_.master_up()) cluster_.StartMaster();
  for (uint32_t id = 1; id <= options_.worker_count; ++id) {
    if (cluster_.worker(NodeId(id)) == nullptr && Chance(70)) cluster_.StartWorker(NodeId(id));
  }
}

// The faults are over: everything must come to rest, open, with every client told.
void RandomRun::Finish() {
  for (int i = 0; i < 3; ++i) {
    RestartStep();
    for (uint32_t id = 1; id <= options_.worker_count; ++id) {
      if (cluster_.worker(NodeId(id)) == nullptr) cluster_.StartWorker(NodeId(id));
    }
    cluster_.Run();
    cluster_.Tick(200000);
    cluster_.Run();
  }
  Check();
  if (!violation_.empty()) return;
  if (!IsOpen()) {
    Violation("the cluster does not open again");
    return;
  }
  for (auto& [name, tx] : cluster_.transactions()) {
    if (!tx.asked && !tx.verdict.has_value()) cluster_.Commit(name);
  }
  cluster_.Run();
  cluster_.Tick(200000);
  cluster_.Run();
  for (const auto& [name, tx] : cluster_.transactions()) {
    if (!tx.verdict.has_value()) Violation(absl::StrCat(name, " is never told"));
  }
  Check();
}

// --- What must hold.

void RandomRun::Violation(const std::string& what) {
  if (violation_.empty()) violation_ = absl::StrCat("seed ", options_.seed, ": ", what);
}

// Open, and no worker has died or lost its stream without the master knowing yet.
bool RandomRun::IsWhole() {
  if (!IsOpen()) return false;
  const std::vector<Event> events = cluster_.Enabled(/*late=*/false);
  return std::none_of(events.begin(), events.end(),
                      [](const Event& event) { return event.kind == Event::Kind::kNotice; });
}

bool RandomRun::IsLive(CommitId id) { return !cluster_.coordinator().IsDead(id); }

void RandomRun::Check() {
  cluster_.CheckInvariants();
  for (uint32_t id = 1; id <= options_.worker_count; ++id) {
    ModelWorker* worker = cluster_.worker(NodeId(id));
    if (worker != nullptr && !worker->failed().ok()) Violation(MessageOf(worker->failed()));
  }
  if (cluster_.master_failed().has_value()) Violation(MessageOf(*cluster_.master_failed()));
  if (!violation_.empty() || !cluster_.master_up()) return;
  if (options_.coordinator.wal) CheckDurable();
  if (opened_ != cluster_.open_count() && IsOpen()) {
    opened_ = cluster_.open_count();
    CheckOpened();
  }
}

void RandomRun::CheckOpened() {
  const Csn visible = cluster_.coordinator().visible();
  CheckWorkers(visible);
  CheckVerdicts();
}

// All or nothing, and a prefix: each worker holds exactly its part of the live commits.
void RandomRun::CheckWorkers(Csn visible) {
  std::vector<std::map<Csn, TxId>> expected(options_.worker_count + 1);
  std::set<Csn> live;
  for (const auto& [id, commit] : cluster_.sent()) {
    if (id.csn > visible || !IsLive(id)) continue;
    if (!live.insert(id.csn).second) Violation(absl::StrCat("csn ", id.csn.value(), " twice"));
    commit.second.ForEach([&](NodeId node) { expected[node.value()][id.csn] = commit.first; });
    const auto label = labels_.find(commit.first);
    if (label == labels_.end()) continue;
    const auto& names = cluster_.durable_log().names();
    if (std::none_of(names.begin(), names.end(),
                     [&](const auto& item) { return item.second == label->second; })) {
      Violation(absl::StrCat("commit ", TextOfCommit(id), " uses a name that no record explains"));
    }
  }
  for (const CommitId& id : cluster_.schema_commits()) {
    const auto& schema = cluster_.durable_log().schema();
    if (!live.contains(id.csn) || !IsLive(id)) continue;
    if (std::none_of(schema.begin(), schema.end(), [&](const auto& item) {
          return item.second.epoch == id.epoch && item.second.csn == id.csn;
        })) {
      Violation(absl::StrCat("schema commit ", TextOfCommit(id), " has no record"));
    }
  }
  if (live.size() != visible.value()) Violation("a csn is missing in the commit order");
  for (uint32_t id = 1; id <= options_.worker_count; ++id) {
    ModelWorker* worker = cluster_.worker(NodeId(id));
    // It may have died already; the next recovery will look at it.
    if (worker == nullptr || worker->participant().phase() != Participant::Phase::kRunning)
      continue;
    std::map<Csn, TxId> held;
    for (const auto& [csn, entry] : worker->memory()) {
      if (csn <= visible) held[csn] = entry.tx;
    }
    if (held != expected[id]) {
      std::string list;
      for (const auto& [csn, tx] : held) {
        absl::StrAppend(&list, " ", csn.value(), "=", TextOfTx(tx.value()));
      }
      absl::StrAppend(&list, " instead of");
      for (const auto& [csn, tx] : expected[id]) {
        absl::StrAppend(&list, " ", csn.value(), "=", TextOfTx(tx.value()));
      }
      Violation(absl::StrCat("worker ", id, " holds", list));
    }
  }
}

void RandomRun::CheckVerdicts() {
  const bool sync = options_.coordinator.synchronous_commit;
  const bool strict = sync || (options_.single_faults && !options_.power_loss);
  for (const auto& [name, tx] : cluster_.transactions()) {
    if (!tx.verdict.has_value()) continue;
    if (tx.verdict->ok() && strict && !IsLive(**tx.verdict)) {
      Violation(
          absl::StrCat(name, " was acknowledged as ", TextOfCommit(**tx.verdict), " and is lost"));
    }
    if (tx.verdict->ok() && sync && tx.participants.empty() &&
        !IsLive({tx.begun.epoch, tx.begun.read_csn})) {
      Violation(absl::StrCat(name, " returned what was undone"));
    }
  }
  for (const auto& [id, commit] : cluster_.sent()) {
    if (!IsLive(id)) continue;
    for (const auto& [name, tx] : cluster_.transactions()) {
      if (tx.begun.tx != commit.first || !tx.verdict.has_value()) continue;
      if (SaysRolledBack(*tx.verdict)) {
        Violation(
            absl::StrCat(name, " was told that it is undone, but ", TextOfCommit(id), " is there"));
      }
    }
  }
}

// W claims that every commit <= W can be recovered from what is synced.
void RandomRun::CheckDurable() {
  const durability::MasterLogState& log = cluster_.durable_log();
  CheckRecoverable(log.watermark().csn);
  if (IsOpen() && cluster_.coordinator().watermark() > log.watermark().csn) {
    Violation("W is above what the master log has on disk");
  }
}

void RandomRun::CheckRecoverable(Csn watermark) {
  const durability::MasterLogState& log = cluster_.durable_log();
  for (uint32_t id = 1; id <= options_.worker_count; ++id) {
    const WorkerDisk& disk = cluster_.disk(NodeId(id));
    std::map<Csn, CommitId> held;
    for (const WorkerDisk::Snapshot& snapshot : disk.snapshots) {
      const bool complete =
          std::any_of(log.snapshots().begin(), log.snapshots().end(), [&](const auto& record) {
            return record.csn.value() == snapshot.file.csn() &&
                   record.epoch.value() == snapshot.file.epoch();
          });
      if (!complete) continue;
      for (const auto& [csn, entry] : snapshot.contents) held[csn] = entry.id;
    }
    std::set<CommitId> logged;
    for (const WalEntry& entry : disk.durable) {
      if (entry.kind == WalEntry::Kind::kCommit && !log.IsDead(entry.id.epoch, entry.id.csn)) {
        held[entry.id.csn] = entry.id;
        logged.insert(entry.id);
      }
    }
    for (const auto& [commit, sent] : cluster_.sent()) {
      if (commit.csn > watermark || log.IsDead(commit.epoch, commit.csn)) continue;
      if (!sent.second.Contains(NodeId(id))) continue;
      const auto it = held.find(commit.csn);
      if (it == held.end() || it->second != commit) {
        Violation(absl::StrCat("W is ", watermark.value(), " but worker ", id,
                               " cannot recover commit ", TextOfCommit(commit)));
      }
      // The WAL alone, too, as far as it reaches back.
      if (commit.csn > disk.complete_after && !logged.contains(commit)) {
        Violation(absl::StrCat("W is ", watermark.value(), " but the WAL of worker ", id,
                               " has a hole at ", TextOfCommit(commit)));
      }
    }
  }
}

}  // namespace tidemark::txn
