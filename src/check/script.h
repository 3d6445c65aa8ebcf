// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "check/client.h"

namespace tidemark::check {

enum class Outcome : uint8_t { kCommitted, kAborted, kUnknown };

// How a transaction ended.
struct Ending {
  Outcome outcome = Outcome::kAborted;
  absl::Status status;       // why it did not commit
  CommitPlace place;         // of a commit
  int64_t begun_micros = 0;  // just before Begin was asked for
  int64_t ended_micros = 0;  // just after the answer came
};

// What a transaction does next.
struct Step {
  enum class Kind : uint8_t { kRun, kCommit, kRollback };
  Kind kind = Kind::kCommit;
  std::vector<Operation> operations;

  static Step Run(std::vector<Operation> operations) { return {Kind::kRun, std::move(operations)}; }
  static Step Commit() { return {Kind::kCommit, {}}; }
  static Step Rollback() { return {Kind::kRollback, {}}; }
};

// One attempt at one transaction, as a step machine: told the results of a step it says what comes
// next; it never waits. Made by a workload, which outlives it.
// Threads: one.
class Script {
 public:
  virtual ~Script() = default;
  virtual bool read_only() const { return false; }
  // The commit that made the ids it uses: after a recovery that undid it they may name something
  // else, so the transaction must not begin (docs/decisions/ids-of-undone-commits.md).
  virtual std::optional<CommitPlace> after() const { return std::nullopt; }
  // `results`: of the operations of the last step; empty at first.
  virtual Step Next(const std::vector<OperationResult>& results) = 0;
  // Once, at the end.
  virtual void Ended(const Ending& ending) = 0;
};

using Results = std::vector<OperationResult>;
using StepFunction = std::function<Step(const Results&)>;

// A script that calls `steps` one after the other; the last one must commit or roll back.
std::unique_ptr<Script> MakeScript(bool read_only, std::vector<StepFunction> steps,
                                   std::function<void(const Ending&)> ended,
                                   std::optional<CommitPlace> after = std::nullopt);

// --- Operations, short to write.
Operation CreateVertex(std::string label, Properties properties);
Operation CreateEdge(VertexId source, VertexId target, std::string type);
Operation SetProperty(VertexId vertex, std::string key, PropertyValue value);
Operation DeleteVertex(VertexId vertex);
Operation DeleteEdge(EdgeId edge);
Operation GetVertex(VertexId vertex);
Operation FindVertex(std::string label, std::string key, int64_t value);
Operation ScanLabel(std::string label);
Operation Expand(VertexId vertex);

}  // namespace tidemark::check
