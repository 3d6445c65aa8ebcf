// SPDX-License-Identifier: Apache-2.0
// The little of a client that workloads need: one conversation with the cluster, one transaction at
// a time. The simulator implements it over the session library, in Cypher or with typed operations,
// the drill in Cypher over Bolt.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"

namespace tidemark::check {

using PropertyValue = std::variant<int64_t, std::vector<int64_t>>;
using Properties = std::vector<std::pair<std::string, PropertyValue>>;

enum class OperationKind : uint8_t {
  kCreateVertex,  // label, properties. Result: vertex
  kCreateEdge,    // vertex = source, target, name = type. Result: edge
  kSetProperty,   // vertex, properties (replaces those named)
  kDeleteVertex,  // vertex, with its edges
  kDeleteEdge,    // edge
  kGetVertex,     // vertex. Result: vertices, none when it does not exist
  kFindVertex,    // label, properties[0]: by unique key. Result: vertices
  kScanLabel,     // label. Result: all vertices
  kExpand,        // vertex, all types, both directions. Result: all neighbours
};

// One operation; which fields count depends on the kind. A value type.
struct Operation {
  OperationKind kind = OperationKind::kGetVertex;
  VertexId vertex;
  VertexId target;
  EdgeId edge;
  std::string name;  // label or type
  Properties properties;
};

struct VertexRow {
  VertexId id;
  Properties properties;

  // The integer property `key`; -1 when it has none.
  int64_t Integer(const std::string& key) const;
  // The list property `key`; empty when it has none.
  std::vector<int64_t> List(const std::string& key) const;
};
struct NeighbourRow {
  VertexId vertex;
  EdgeId edge;
  bool outgoing = false;
};
struct OperationResult {
  VertexId vertex;
  EdgeId edge;
  std::vector<VertexRow> vertices;
  std::vector<NeighbourRow> neighbours;
};

// The place of a commit in the commit order; compares within one epoch only.
struct CommitPlace {
  Epoch epoch;
  Csn csn;

  friend constexpr auto operator<=>(const CommitPlace&, const CommitPlace&) = default;
};

// One client. Callbacks come once each, never after the client is destroyed; an implementation may
// give them inside the call.
// Owner: who runs a workload. Threads: one. Errors: kUnknown from Commit = outcome not known; every
// other error = the transaction is rolled back and a new Begin may follow.
class Client {
 public:
  using StatusCallback = std::function<void(absl::Status)>;
  using ResultsCallback = std::function<void(absl::StatusOr<std::vector<OperationResult>>)>;
  using CommitCallback = std::function<void(absl::StatusOr<CommitPlace>)>;

  virtual ~Client() = default;
  // `after`: the new transaction must see this commit; kFailedPrecondition when it was undone.
  virtual void Begin(bool read_only, std::optional<CommitPlace> after, StatusCallback done) = 0;
  virtual void Run(std::vector<Operation> operations, ResultsCallback done) = 0;
  virtual void Commit(CommitCallback done) = 0;
  virtual void Rollback(StatusCallback done) = 0;
  // A uniqueness constraint on one property; OK when it exists already.
  virtual void CreateUnique(const std::string& label, const std::string& key,
                            StatusCallback done) = 0;
};

}  // namespace tidemark::check
