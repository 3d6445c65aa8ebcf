// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/mutation.h"
#include "storage/graph_state.h"
#include "storage/shard.h"

namespace tidemark::storage {

// Writes of open transactions to vertices: new state in place, the old one in the undo chain.
// Rules and errors: class Shard. Threads: one.
class VertexWriter {
 public:
  explicit VertexWriter(GraphState* state) : state_(*state) {}

  absl::StatusOr<VertexId> Create(View view, const NewVertex& vertex,
                                  std::vector<KeyChange>* changed_keys);
  absl::Status Delete(View view, VertexId vertex, std::vector<KeyChange>* changed_keys);
  absl::Status SetLabel(View view, VertexId vertex, LabelId label, bool present,
                        std::vector<KeyChange>* changed_keys);
  absl::Status SetProperty(View view, VertexId vertex, KeyId key, std::string_view encoded_value,
                           std::vector<KeyChange>* changed_keys);
  // An intent without a change: conflicts with every other writer of the vertex.
  absl::Status Touch(View view, VertexId vertex);
  // Existence constraints over everything the transaction wrote. Contract:
  // Shard::ValidateBeforeCommit.
  absl::StatusOr<bool> Validate(TxId tx, Validation* validation, int64_t* units);

 private:
  // The state a write leaves behind.
  struct Change {
    bool exists = true;
    uint32_t label_set = 0;
    bool new_properties = false;
    std::string_view properties;
    graph::Mutation mutation;
  };
  // The record, when this transaction may change it: first updater wins.
  absl::StatusOr<VertexRecord*> FindWritable(View view, VertexId vertex);
  absl::Status CheckDeletable(View view, VertexId vertex, VertexRecord* record);
  // The first constraint that requires a property which the vertex lacks; null when none does.
  const graph::IndexDefinition* FindBroken(const VertexRecord& record, int64_t* units) const;
  absl::Status Apply(View view, VertexId vertex, const Change& change,
                     std::vector<KeyChange>* changed_keys);
  // Notes in the transaction's counts that a vertex has become another.
  void CountChange(Transaction* transaction, const Image& before, const Image& after);
  void SetState(Transaction* transaction, VertexId vertex, VertexRecord* record,
                const Change& change, const std::vector<IndexSet::Key>& keys);

  GraphState& state_;
};

}  // namespace tidemark::storage
