// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "graph/value.h"
#include "query/eval/environment.h"
#include "storage/shard.h"

namespace tidemark::exec {

// Answers what expressions ask of elements from their packed properties and the ids of their
// labels.
// Owner: who runs programs. Threads: one. Errors: DeletedEntityAccess.
class PackedGraph : public query::eval::GraphAccess {
 public:
  // The names outlive the graph.
  explicit PackedGraph(const catalog::NameTable* names) : names_(*names) {}

  query::ValueOr Property(const graph::Value& element, std::string_view key) override;
  query::ValueOr Properties(const graph::Value& element) override;
  query::ValueOr Keys(const graph::Value& element) override;
  query::ValueOr Labels(VertexId vertex) override;
  std::string TypeName(TypeId type) override;

  const catalog::NameTable& names() const { return names_; }

 protected:
  // Of an element that exists; until the next call.
  virtual absl::StatusOr<std::string_view> PropertiesOf(const graph::Value& element) = 0;
  // Ascending.
  virtual absl::StatusOr<std::vector<uint32_t>> LabelsOf(VertexId vertex) = 0;

  static absl::Status Deleted(std::string_view what);

 private:
  const catalog::NameTable& names_;
};

// The elements of one shard, at a worker that has all of the graph.
// Owner: a run of a fragment. Threads: the shard's loop.
class ShardGraph final : public PackedGraph {
 public:
  // Both outlive the graph.
  ShardGraph(const catalog::NameTable* names, storage::Shard* shard, storage::View view)
      : PackedGraph(names), shard_(shard), view_(view) {}

 protected:
  absl::StatusOr<std::string_view> PropertiesOf(const graph::Value& element) override;
  absl::StatusOr<std::vector<uint32_t>> LabelsOf(VertexId vertex) override;

 private:
  storage::Shard* const shard_;
  const storage::View view_;
};

}  // namespace tidemark::exec
