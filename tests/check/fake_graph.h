// SPDX-License-Identifier: Apache-2.0
// A graph in memory with snapshot isolation by copying everything, and switches that break it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "check/client.h"

namespace tidemark::check {

struct FakeState {
  struct Vertex {
    std::string label;
    std::map<std::string, PropertyValue> properties;
  };
  struct Edge {
    VertexId source;
    VertexId target;
    bool at_source = true;
    bool at_target = true;
  };
  std::map<VertexId, Vertex> vertices;
  std::map<EdgeId, Edge> edges;
};

// What the graph does wrong.
enum class FakeBug {
  kNone,
  kNoConflicts,
  kReadsNewest,
  kLosesCommits,
  kHalfCommits,
  kKeepsAborted,
  kStaleReads,
  kOneEndedEdges,
  kIgnoresUnique
};

class FakeGraph {
 public:
  FakeBug bug = FakeBug::kNone;
  FakeState newest;
  std::vector<FakeState> old_states;           // for stale reads
  std::map<uint64_t, uint64_t> changed_at;     // id -> csn, vertices and edges apart by the top bit
  std::map<uint64_t, int> writers;             // id -> client that holds it
  std::set<std::pair<uint64_t, int>> intents;  // (vertex, client that ties an edge to it)
  std::set<VertexId> deleting;
  std::set<std::pair<std::string, std::string>> unique;
  uint64_t csn = 0;
  uint64_t next_vertex = 1;
  uint64_t next_edge = 1;
  uint64_t commits = 0;
};

// One client of a FakeGraph; answers are given later, by Deliver, so that clients interleave.
class FakeClient final : public Client {
 public:
  FakeClient(FakeGraph* graph, int number) : graph_(graph), number_(number) {}

  void Begin(bool read_only, std::optional<CommitPlace> after, StatusCallback done) override;
  void Run(std::vector<Operation> operations, ResultsCallback done) override;
  void Commit(CommitCallback done) override;
  void Rollback(StatusCallback done) override;
  void CreateUnique(const std::string& label, const std::string& key, StatusCallback done) override;
  // Runs what was asked for. False when nothing was.
  bool Deliver();

 private:
  using Change = std::function<void(FakeState*)>;

  absl::StatusOr<OperationResult> Do(const Operation& operation);
  absl::StatusOr<OperationResult> Write(const Operation& operation);
  OperationResult Read(const Operation& operation) const;
  absl::Status Touch(uint64_t id);
  absl::Status CheckUnique(const Operation& operation, const std::string& label, VertexId self);
  absl::Status DeleteVertex(VertexId vertex);
  void Apply(Change change);
  void Release();

  FakeGraph* graph_;
  const int number_;
  std::function<void()> pending_;
  FakeState view_;
  uint64_t read_csn_ = 0;
  std::set<uint64_t> touched_;
  std::set<VertexId> deleting_;
  std::set<VertexId> created_;
  std::vector<Change> changes_;
};

}  // namespace tidemark::check
