// SPDX-License-Identifier: Apache-2.0
#include "sim/simulation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "base/time_units.h"
#include "check/workloads/moving_key.h"

namespace tidemark::sim {
namespace {

constexpr uint64_t kLoadStream = 0x6c6f6164;
// Time limits of the phases of a run, in simulated time.
constexpr int64_t kOpenLimit = 60 * kMicrosPerSecond;
constexpr int64_t kScriptLimit = 120 * kMicrosPerSecond;
constexpr int64_t kLoadLimit = 300 * kMicrosPerSecond;
constexpr int64_t kLivenessLimit = 120 * kMicrosPerSecond;
constexpr size_t kMaxReportedCount = 20;
constexpr char kIndexName[] = "side";
constexpr char kConstraintName[] = "moving";

ClusterOptions OptionsForSetup(const Scenario& scenario) {
  ClusterOptions options = scenario.cluster;
  if (scenario.wal_during_setup) options.coordinator.wal = true;
  return options;
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, std::ostream* trace)
    : scenario_(scenario),
      random_(scenario.seed, kLoadStream),
      cluster_(&scheduler_, OptionsForSetup(scenario), scenario.seed),
      faults_(&scheduler_, &cluster_, scenario_) {
  scheduler_.trace().SetSink(trace);
  scheduler_.trace().AddText(0, "scenario", scenario_.ToString());
  for (const std::string& name : scenario_.workloads) {
    workloads_.push_back(check::MakeWorkload(name));
    CHECK(workloads_.back() != nullptr) << name;
  }
  for (uint32_t i = 0; i < scenario_.client_count; ++i) {
    ClientLoop loop;
    loop.client = std::make_unique<SimClient>(
        &scheduler_, [this] { return cluster_.AccessMaster(); },
        i < scenario_.cypher_client_count ? Language::kCypher : Language::kTyped, scenario_.seed,
        i);
    loop.runner = std::make_unique<check::Runner>(loop.client.get(),
                                                  [this] { return scheduler_.now_micros(); });
    cluster_.AddClient(loop.client.get());
    clients_.push_back(std::move(loop));
  }
  AddBulkClients();
  cluster_.SetOnDeath(
      [this](NodeId node, const std::string& reason) { faults_.OnDeath(node, reason); });
  cluster_.SetOnOpen([this] { faults_.OnOpen(); });
  cluster_.SetOnCleanStop([this](uint64_t run) {
    if (unanswered_[run] == 0) return;
    Report(absl::StrCat("a clean stop has left ", unanswered_[run], " requests without answer"));
  });
}

void Simulation::AddBulkClients() {
  for (uint32_t i = 0; i < scenario_.bulk_client_count; ++i) {
    auto client = std::make_unique<SimClient>(
        &scheduler_, [this] { return cluster_.AccessMaster(); }, Language::kTyped, scenario_.seed,
        scenario_.client_count + i);
    cluster_.AddClient(client.get());
    bulk_clients_.push_back(std::make_unique<BulkClient>(&scheduler_, std::move(client)));
  }
}

Simulation::~Simulation() { *alive_ = false; }

RunResult Simulation::Run() {
  MakeDirectories();
  if (SetUp() && RunLoad() && CheckLiveness() && FinishClients() && ReadAndCheck("at the end")) {
    CheckRecoveries();
  }
  FillResult();
  return result_;
}

void Simulation::MakeDirectories() {
  for (const NodeId node : cluster_.nodes()) {
    auto process = std::make_shared<Process>();
    process->node = node;
    SimFileSystem files(&scheduler_, &cluster_.disk(node), process);
    const std::string name = node == kMasterNode ? "master" : absl::StrCat("worker-", node.value());
    CHECK(files.MakeDirectory(name).ok());
    CHECK(files.SyncDirectory("").ok());
    cluster_.Start(node);
    if (scenario_.crash_first_start && node != kMasterNode && random_.Chance(700)) {
      faults_.CrashFirstStart(node);
    }
  }
}

void Simulation::Report(std::string violation) {
  scheduler_.trace().AddText(0, "violation", violation);
  if (result_.violations.size() >= kMaxReportedCount) return;
  if (std::find(result_.violations.begin(), result_.violations.end(), violation) ==
      result_.violations.end()) {
    result_.violations.push_back(std::move(violation));
  }
}

bool Simulation::RunUntil(const std::function<bool()>& done, int64_t limit_micros,
                          const std::string& what) {
  const int64_t end = scheduler_.now_micros() + limit_micros;
  while (!done()) {
    if (!cluster_.violations().empty()) return false;
    if (scheduler_.now_micros() > end || !scheduler_.RunOne()) {
      Report(absl::StrCat("did not happen within ", limit_micros / kMicrosPerSecond, " s: ", what));
      return false;
    }
  }
  return true;
}

bool Simulation::WaitForOpen(const std::string& what) {
  return RunUntil([this] { return cluster_.IsOpen(); }, kOpenLimit, what);
}

bool Simulation::RunToCommit(const std::function<std::unique_ptr<check::Script>()>& make,
                             const std::string& what) {
  bool committed = false;
  auto start = std::make_shared<std::function<void()>>();
  *start = [this, &committed, &make, weak = std::weak_ptr(start)] {
    clients_[0].runner->Start(make(), [this, &committed, weak](const check::Ending& ending) {
      if (ending.outcome == check::Outcome::kCommitted) {
        committed = true;
        return;
      }
      scheduler_.After(random_.Between(1'000, 20'000), [weak] {
        if (const auto again = weak.lock()) (*again)();
      });
    });
  };
  (*start)();
  return RunUntil([&committed] { return committed; }, kScriptLimit, what);
}

bool Simulation::SetUp() {
  if (!WaitForOpen("a new cluster opens")) return false;
  // A first start that was over sooner than its crash.
  for (const NodeId node : cluster_.nodes()) cluster_.disk(node).faults() = DiskFaults();
  for (const auto& workload : workloads_) {
    for (const auto& [label, key] : workload->unique_keys()) {
      absl::Status status = absl::UnavailableError("not asked yet");
      bool answered = false;
      clients_[0].client->CreateUnique(label, key, [&](absl::Status got) {
        status = std::move(got);
        answered = true;
      });
      if (!RunUntil([&] { return answered; }, kScriptLimit, "a constraint is made")) return false;
      if (!status.ok()) {
        Report("a constraint was refused: " + status.ToString());
        return false;
      }
    }
    while (true) {
      // The workload makes a script each time it is asked, until the set-up has committed.
      std::unique_ptr<check::Script> probe = workload->Setup();
      if (probe == nullptr) break;
      auto first = std::make_shared<std::unique_ptr<check::Script>>(std::move(probe));
      const bool ok =
          RunToCommit([&] { return *first != nullptr ? std::move(*first) : workload->Setup(); },
                      absl::StrCat("the set-up of ", std::string(workload->name())));
      if (!ok) return false;
    }
  }
  if (!MakeDurable(/*by_snapshot=*/!wal() && !scenario_.wal_during_setup)) return false;
  if (scenario_.wal_during_setup) {
    cluster_.SetCoordinatorOptions(scenario_.cluster.coordinator);
    faults_.StopAll(Death::kKill);
    if (!WaitForOpen("the cluster goes on without a WAL")) return false;
  }
  old_copy_node_ = cluster_.nodes()[random_.Below(cluster_.nodes().size())];
  if (scenario_.check_old_copy) old_copy_ = cluster_.disk(old_copy_node_).Copy();
  return true;
}

bool Simulation::MakeDurable(bool by_snapshot) {
  bool durable = false;
  bool asked = false;
  uint64_t asked_run = 0;  // a master that dies takes the question with it
  auto ask = [&] {
    const MasterAccess access = cluster_.AccessMaster();
    if ((asked && access.run == asked_run) || access.node == nullptr || !cluster_.IsOpen()) return;
    asked = true;
    asked_run = access.run;
    access.executor->Post([by_snapshot, &durable, &asked, access] {
      txn::Coordinator* coordinator = access.node->coordinator();
      const Csn visible = coordinator->visible();
      // A snapshot round that was under way already covers less: then it is asked for again.
      auto done = [&durable, &asked, visible](const absl::StatusOr<Csn>& covered) {
        durable = covered.ok() && *covered >= visible;
        asked = durable;
      };
      if (!by_snapshot) {
        coordinator->RequestFlush(done);
      } else {
        coordinator->RequestSnapshot([done](const absl::StatusOr<txn::CommitId>& id) {
          if (!id.ok()) return done(id.status());
          done(id->csn);
        });
      }
    });
  };
  return RunUntil(
      [&] {
        ask();
        return durable;
      },
      kScriptLimit, by_snapshot ? "a snapshot is answered" : "a flush is answered");
}

void Simulation::StartTransaction(size_t client) {
  if (!load_runs_ && !(healed_ && clients_[client].commits_since_heal == 0)) return;
  check::Workload& workload = *workloads_[random_.Below(workloads_.size())];
  clients_[client].runner->Start(
      workload.NextTransaction(&random_), [this, client](const check::Ending& ending) {
        switch (ending.outcome) {
          case check::Outcome::kCommitted:
            ++result_.commits;
            if (healed_) ++clients_[client].commits_since_heal;
            break;
          case check::Outcome::kAborted:
            ++result_.aborts;
            break;
          case check::Outcome::kUnknown:
            ++result_.unknown_outcomes;
        }
        // Once there are enough commits, only the remaining faults are waited for.
        const int64_t max_pause = result_.commits < scenario_.commit_goal ? 8'000 : 100'000;
        const int64_t pause = random_.Between(0, ending.status.ok() ? max_pause : 100'000);
        scheduler_.After(pause, [this, alive = alive_, client] {
          if (*alive) StartTransaction(client);
        });
      });
}

std::function<void()> Simulation::NoteRequest(uint64_t run) {
  ++unanswered_[run];
  return [this, alive = alive_, run] {
    if (*alive) --unanswered_[run];
  };
}

void Simulation::RequestSnapshots() {
  if (scenario_.snapshot_request_micros == 0) return;
  scheduler_.After(scenario_.snapshot_request_micros, [this, alive = alive_] {
    if (!*alive || !load_runs_) return;
    const MasterAccess access = cluster_.AccessMaster();
    if (access.node != nullptr) {
      access.executor->Post([this, access] {
        const auto answered = NoteRequest(access.run);
        access.node->coordinator()->RequestSnapshot(
            [answered](const absl::StatusOr<txn::CommitId>&) { answered(); });
      });
    }
    RequestSnapshots();
  });
}

// Makes an index and a uniqueness constraint over what workloads write, drops them (often while
// they are built), makes them again. The constraint is never refused: the keys are unique.
void Simulation::RequestSchemaChanges(bool create) {
  if (scenario_.schema_change_micros == 0) return;
  int64_t delay_micros = scenario_.schema_change_micros;
  if (!create && random_.Chance(300)) delay_micros = random_.Between(0, 20'000);
  scheduler_.After(delay_micros, [this, alive = alive_, create] {
    if (!*alive || !load_runs_) return;
    const MasterAccess access = cluster_.AccessMaster();
    if (access.node != nullptr) {
      access.executor->Post([this, alive, create, access] {
        master::SchemaManager* const schema = access.node->schema();
        if (!create) {
          for (const char* name : {kConstraintName, kIndexName}) {
            schema->Drop(name,
                         [answered = NoteRequest(access.run)](const absl::Status&) { answered(); });
          }
          return;
        }
        master::IndexRequest unique;
        unique.name = kConstraintName;
        unique.kind = graph::IndexKind::kUnique;
        unique.label = check::MovingKeyWorkload::kConstraintLabel;
        unique.keys = {check::MovingKeyWorkload::kConstraintKey};
        schema->Create(unique, [this, alive, answered = NoteRequest(access.run)](const auto& made) {
          answered();
          if (*alive && absl::IsAlreadyExists(made.status())) {
            Report("unique keys were refused: " + made.status().ToString());
          }
        });
        master::IndexRequest wanted;
        wanted.name = kIndexName;
        wanted.label = "Marker";
        wanted.keys = {"group_0", "key"};
        schema->Create(wanted, [answered = NoteRequest(access.run)](
                                   const absl::StatusOr<graph::IndexDefinition>&) { answered(); });
      });
    }
    RequestSchemaChanges(!create);
  });
}

bool Simulation::RunLoad() {
  load_runs_ = true;
  result_.commits = 0;
  for (size_t i = 0; i < clients_.size(); ++i) StartTransaction(i);
  for (const auto& bulk : bulk_clients_) bulk->Start();
  RequestSnapshots();
  RequestSchemaChanges(/*create=*/true);
  faults_.Begin();
  return RunUntil(
      [this] {
        return result_.commits >= scenario_.commit_goal &&
               faults_.fault_count() >= scenario_.fault_goal;
      },
      kLoadLimit, "enough commits and faults");
}

bool Simulation::CheckLiveness() {
  faults_.Heal();
  healed_ = true;
  for (ClientLoop& loop : clients_) loop.commits_since_heal = 0;
  return RunUntil(
      [this] {
        return std::all_of(clients_.begin(), clients_.end(),
                           [](const ClientLoop& loop) { return loop.commits_since_heal > 0; });
      },
      kLivenessLimit, "every client commits after the faults have ended");
}

bool Simulation::FinishClients() {
  load_runs_ = false;
  for (const auto& bulk : bulk_clients_) bulk->Stop();
  healed_ = false;
  return RunUntil(
      [this] {
        return std::all_of(clients_.begin(), clients_.end(),
                           [](const ClientLoop& loop) { return loop.runner->idle(); });
      },
      kLivenessLimit, "every client gets its last answer");
}

bool Simulation::ReadAndCheck(const std::string& when) {
  check::LossRules rules;
  rules.newest_end_may_be_lost = !scenario_.cluster.coordinator.synchronous_commit &&
                                 (faults_.newest_end_may_be_lost() || !wal());
  for (const auto& workload : workloads_) {
    const std::string name(workload->name());
    if (!RunToCommit([&] { return workload->FinalRead(); }, "the final read of " + name)) {
      return false;
    }
    for (const std::string& violation : workload->Check(rules)) {
      Report(absl::StrCat(when, ": ", violation));
    }
  }
  return result_.violations.empty();
}

void Simulation::FillResult() {
  for (const std::string& violation : cluster_.violations()) Report(violation);
  SimNetwork& network = cluster_.network();
  if (network.most_unhandled_bytes() > network.options().max_unhandled_bytes) {
    Report(absl::StrCat("bulk fills the streams: ", network.most_unhandled_bytes(),
                        " bytes waited on one of them"));
  }
  result_.trace_hash = scheduler_.trace().hash();
  result_.event_count = scheduler_.event_count();
  result_.simulated_micros = scheduler_.now_micros();
  result_.recoveries = cluster_.recovery_count();
  result_.undone_commits = cluster_.undone_count();
  result_.snapshots = cluster_.snapshot_count();
  result_.fault_count = faults_.fault_count();
  result_.faults = faults_.counts();
  result_.worker_recoveries = cluster_.worker_recoveries();
}

}  // namespace tidemark::sim
