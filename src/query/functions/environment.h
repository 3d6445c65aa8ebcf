// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "graph/value.h"

namespace tidemark::query {

using ValueOr = absl::StatusOr<graph::Value>;

// What functions and operators need besides their arguments. Elements are values that are ids; what
// is known of them was fetched before the expression runs, so nothing here waits.
// Owner: who evaluates expressions. Threads: one. Errors: an element that this transaction has
// deleted is DeletedEntityAccess (its type, ids and ends stay known).
class Environment {
 public:
  virtual ~Environment() = default;

  // The property of a vertex or edge; null when it has none of that name.
  virtual ValueOr Property(const graph::Value& element, std::string_view key) = 0;
  // All properties of a vertex or edge: a map.
  virtual ValueOr Properties(const graph::Value& element) = 0;
  // Their names: a list of strings, in the order of the key ids.
  virtual ValueOr Keys(const graph::Value& element) = 0;
  // A list of strings, in the order of the label ids.
  virtual ValueOr Labels(VertexId vertex) = 0;
  virtual std::string TypeName(TypeId type) = 0;

  // Milliseconds since 1970 at the begin of the statement.
  virtual int64_t StatementMillis() = 0;
  // 64 random bits: for each call others, for the same seed, row and call the same.
  virtual uint64_t RandomBits() = 0;

  // Called before a value of that many bytes is made. An error when the query may not have them.
  virtual absl::Status Reserve(size_t bytes) = 0;
};

}  // namespace tidemark::query
