// SPDX-License-Identifier: Apache-2.0
// Procedures as the language sees them: what CALL may name, what it takes and what it gives.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/types/span.h"
#include "query/functions/cypher_type.h"

namespace tidemark::query {

struct ProcedureInput {
  std::string_view name;
  CypherType type;
  std::optional<int64_t> default_value;  // it may be left out, with all behind it
};

struct ProcedureOutput {
  std::string_view name;
  CypherType type;
};

struct ProcedureSignature {
  std::string_view name;  // with its namespaces: "db.labels"
  absl::Span<const ProcedureInput> inputs;
  absl::Span<const ProcedureOutput> outputs;  // none: it gives no rows, and the row stays
  bool writes = false;
};

// The procedures that a node offers. Owner: the node, longer than any statement. Threads: one.
class ProcedureCatalog {
 public:
  virtual ~ProcedureCatalog() = default;
  // By its exact name; nullptr when there is none.
  virtual const ProcedureSignature* Find(std::string_view name) const = 0;
  virtual absl::Span<const std::string_view> Names() const = 0;
};

}  // namespace tidemark::query
