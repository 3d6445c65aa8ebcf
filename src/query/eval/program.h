// SPDX-License-Identifier: Apache-2.0
// A compiled expression. Plain data that never changes: many runs may share it, on many threads.
// evaluator.h runs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "graph/value.h"
#include "query/binder/bound_expression.h"
#include "query/eval/code.h"

namespace tidemark::query::eval {

// What an expression reads. Variables of comprehensions and the like, which live inside of it, do
// not count.
struct Needs {
  struct PropertyOfVariable {
    bound::VariableId variable;
    std::string key;
    uint32_t key_id;  // 0: not known when the statement was bound

    bool operator==(const PropertyOfVariable&) const = default;
  };

  // All ascending, each once.
  std::vector<bound::VariableId> variables;
  std::vector<PropertyOfVariable> properties;  // variable.key
  std::vector<bound::VariableId> labels;       // tested by variable:A
  std::vector<bound::ParameterId> parameters;
  std::vector<const FunctionSignature*> functions;  // in the order of their use
  // It looks at elements in ways that no column answers: properties(n), keys(n), labels(n),
  // n[key], x.key and x:A of what is computed. Then Environment::graph must know them.
  bool looks_at_elements = false;
};
// Parts of expressions whose values stand in variables, because plans of their own compute them.
using ComputedParts = absl::flat_hash_map<const bound::Expression*, bound::VariableId>;
// `computed`: see Layout; nullptr: none.
Needs NeedsOf(const bound::Expression& expression, const ComputedParts* computed = nullptr);

// Where a program finds what it reads: slots of the batches that it runs over.
struct Layout {
  absl::flat_hash_map<bound::VariableId, uint32_t> variables;
  // The values of variable.key, by its name; null where the variable is null. A property without a
  // slot is looked up in Environment::graph for each row.
  absl::flat_hash_map<std::pair<bound::VariableId, std::string>, uint32_t> properties;
  // The ids of the labels of a vertex, a list of integers; null where it is null. Without a slot as
  // above.
  absl::flat_hash_map<bound::VariableId, uint32_t> labels;
  // Outlives the compiler; nullptr: none.
  const ComputedParts* computed = nullptr;
};

struct Program {
  Needs needs;
  bool may_raise = false;
  bool is_volatile = false;
  bool is_constant = false;
  Source source;

  Code code;
};

// Constant parts are computed here, unless they raise or take long: what raises is left to run
// time. The error says that something is not supported yet, and where in the text of the statement.
// REQUIRES: `layout` has every variable of NeedsOf(expression) but those whose uses its properties
// and labels answer.
absl::StatusOr<Program> Compile(const bound::Expression& expression, const Layout& layout,
                                std::string_view statement = {});

// The value of an expression that uses neither variables nor parameters and is not volatile;
// nothing when it raises, or takes longer or more memory than a small constant does.
std::optional<graph::Value> Fold(const bound::Expression& expression);

}  // namespace tidemark::query::eval
