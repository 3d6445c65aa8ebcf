// SPDX-License-Identifier: Apache-2.0
// Runs tests/simulation/*.txt: steps, each with the whole trace of what it led to. With
// TIDEMARK_REWRITE_SCENARIOS set the traces in the files are replaced by the present ones, to be
// read before they are committed. The language: tests/simulation/README.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "tests/txn/model_cluster.h"

namespace tidemark::txn {
namespace {

using Words = std::vector<std::string>;

// One scenario being run.
class Scenario {
 public:
  void Step(const std::string& line) {
    const Words words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words[0] == "options") {
      const CoordinatorOptions options = ReadOptions(words);
      cluster_ = std::make_unique<ModelCluster>(options, workers_);
    } else if (words[0] == "settings") {
      cluster_->SetOptions(ReadOptions(words));
    } else if (!Process(words) && !Client(words)) {
      ADD_FAILURE() << "unknown step: " << line;
    }
    if (cluster_ != nullptr) cluster_->CheckInvariants();
  }
  std::vector<std::string> TakeTrace() {
    return cluster_ == nullptr ? std::vector<std::string>() : cluster_->TakeTrace();
  }

 private:
  static NodeId Node(const std::string& word) {
    uint32_t id = 0;
    EXPECT_TRUE(absl::SimpleAtoi(word, &id)) << word;
    return NodeId(id);
  }

  CoordinatorOptions ReadOptions(const Words& words) {
    CoordinatorOptions options;
    options.snapshot_interval_micros = 0;
    for (const std::string& word : words) {
      if (word == "sync") options.synchronous_commit = true;
      if (word == "longest") options.recovery_point = RecoveryPoint::kLongest;
      if (word == "wal=off") options.wal = false;
      if (absl::StartsWith(word, "workers=")) workers_ = Node(word.substr(8)).value();
    }
    return options;
  }

  bool Process(const Words& words) {
    const std::string& verb = words[0];
    const bool master = words.size() > 1 && words[1] == "master";
    const NodeId node = words.size() > 2 && words[1] == "worker" ? Node(words[2]) : NodeId();
    if (verb == "start") {
      master ? cluster_->StartMaster() : cluster_->StartWorker(node);
    } else if (verb == "opened") {  // the trace of this: cluster-start.txt
      cluster_->StartMaster();
      for (uint32_t id = 1; id <= workers_; ++id) cluster_->StartWorker(NodeId(id));
      cluster_->Run();
      cluster_->TakeTrace();
    } else if (verb == "kill") {
      master ? cluster_->KillMaster() : cluster_->KillWorker(node);
    } else if (verb == "power-off") {
      master ? cluster_->LosePowerOfMaster(0) : cluster_->LosePowerOfWorker(node, 0);
    } else if (verb == "cut") {
      cluster_->CutStream(node);
    } else if (verb == "backup") {
      backups_[node] = cluster_->disk(node);
    } else if (verb == "wipe") {
      cluster_->disk(node) = WorkerDisk();
    } else if (verb == "restore") {
      cluster_->disk(node) = backups_.at(node);
    } else if (verb == "hold" || verb == "release") {
      std::string what = words[1];
      if (words.size() > 2) absl::StrAppend(&what, " ", words[2]);
      verb == "hold" ? cluster_->Hold(what) : cluster_->Release(what);
    } else if (verb == "run") {
      cluster_->Run();
    } else if (verb == "late") {
      Late(words[1] == "master" ? Event::Kind::kLateToMaster : Event::Kind::kLateToWorker, node,
           words);
    } else if (verb == "tick") {
      cluster_->Tick(int64_t{1000} * Node(words[1]).value());
    } else if (verb == "status") {
      Status();
    } else {
      return false;
    }
    return true;
  }

  // late worker N / late master N: everything that is still on its way on streams that broke.
  void Late(Event::Kind kind, NodeId node, const Words& words) {
    if (node == NodeId()) node = Node(words[2]);
    while (true) {
      const auto events = cluster_->Enabled(/*late=*/true);
      const auto event = std::find_if(events.begin(), events.end(), [&](const Event& candidate) {
        return candidate.kind == kind && candidate.node == node;
      });
      if (event == events.end()) return;
      cluster_->Do(*event);
    }
  }

  void Status() {
    const ClusterStatus status = cluster_->coordinator().Status();
    std::string line =
        absl::StrCat("status: ", ToAbsl(NameOf(status.state)), " epoch ", status.epoch.value(),
                     " V ", status.visible.value(), " W ", status.watermark.value());
    if (status.undone.count > 0) {
      absl::StrAppend(&line, " undone ", status.undone.first.value(), " to ",
                      status.undone.last.value());
    }
    for (const WorkerStatus& worker : status.workers) {
      absl::StrAppend(&line, ", worker ", worker.node.value(), " ", ToAbsl(NameOf(worker.state)));
    }
    cluster_->Say(line);
  }

  bool Client(const Words& words) {
    const std::string& verb = words[0];
    Coordinator& coordinator = cluster_->coordinator();
    if (verb == "begin" || verb == "read") {
      cluster_->Begin(words[1], verb == "read" ? AccessMode::kRead : AccessMode::kWrite);
    } else if (verb == "write" || verb == "put") {  // put: begin, write, commit
      if (verb == "put") cluster_->Begin(words[1], AccessMode::kWrite);
      for (size_t i = 2; i < words.size(); ++i) cluster_->Write(words[1], Node(words[i]));
      if (verb == "put") cluster_->Commit(words[1]);
    } else if (verb == "commit") {
      cluster_->Commit(words[1]);
    } else if (verb == "rollback") {
      coordinator.Rollback(cluster_->transactions().at(words[1]).begun.tx);
    } else if (verb == "schema") {
      graph::IndexDefinition definition;
      definition.id = IndexId(Node(words[1]).value());
      definition.kind = graph::IndexKind::kEdgeType;
      definition.type = TypeId(1);
      definition.name = "index";
      coordinator.CommitSchema(definition, Teller("schema"));
    } else if (verb == "snapshot") {
      coordinator.RequestSnapshot(Teller("snapshot"));
    } else if (verb == "flush") {
      coordinator.RequestFlush([this](const absl::StatusOr<Csn>& csn) {
        cluster_->Say(csn.ok() ? absl::StrCat("client: flushed to ", csn->value())
                               : absl::StrCat("client: flush: ", MessageOf(csn.status())));
      });
    } else if (verb == "name") {
      coordinator.InternName(graph::NameKind::kLabel, words[1],
                             [this](const absl::StatusOr<uint32_t>& id) {
                               cluster_->Say(id.ok() ? absl::StrCat("client: name has id ", *id)
                                                     : MessageOf(id.status()));
                             });
    } else if (verb == "stop") {
      coordinator.Shutdown(/*snapshot=*/true);
    } else {
      return false;
    }
    return true;
  }

  CommitCallback Teller(const std::string& what) {
    return [this, what](const absl::StatusOr<CommitId>& id) {
      cluster_->Say(id.ok() ? absl::StrCat("client: ", what, " done at ", id->epoch.value(), "/",
                                           id->csn.value())
                            : absl::StrCat("client: ", what, ": ", MessageOf(id.status())));
    };
  }

  std::unique_ptr<ModelCluster> cluster_;
  std::map<NodeId, WorkerDisk> backups_;
  uint32_t workers_ = 2;
};

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

class ScenarioTest : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, TraceIsAsWritten) {
  const std::filesystem::path path =
      std::filesystem::path(TIDEMARK_SCENARIOS_DIR) / (GetParam() + ".txt");
  const std::string expected = ReadFile(path);
  Scenario scenario;
  std::string actual;
  const Words lines = absl::StrSplit(expected, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (absl::StartsWith(line, "    ")) continue;  // the trace of the step before
    if (line.empty() && i + 1 == lines.size()) break;
    absl::StrAppend(&actual, line, "\n");
    if (line.empty() || line[0] == '#') continue;
    scenario.Step(line);
    for (const std::string& traced : scenario.TakeTrace()) {
      absl::StrAppend(&actual, "    ", traced, "\n");
    }
  }
  if (std::getenv("TIDEMARK_REWRITE_SCENARIOS") != nullptr) {
    std::ofstream(path) << actual;
    return;
  }
  EXPECT_EQ(actual, expected);
}

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TIDEMARK_SCENARIOS_DIR)) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioTest, testing::ValuesIn(ScenarioNames()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace tidemark::txn
