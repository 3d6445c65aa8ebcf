// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "query/binder/bound_pattern.h"
#include "query/planner/planner.h"
#include "query/planner/step.h"

namespace tidemark::query {

// A way to find vertices by an index.
struct SeekChoice {
  Seek seek;
  uint32_t label = 0;
  std::vector<size_t> answered;  // predicates that hold for all it gives
  double rows = 0;
};

// The best index for a vertex of a pattern: unique keys, then equality, then a range or a prefix;
// nothing when no index fits. `is_known` says which variables have a value, `is_argument` which
// have one before the pattern is looked for.
std::optional<SeekChoice> ChooseSeek(const bound::PatternVertex& vertex,
                                     absl::Span<const bound::Predicate> predicates,
                                     absl::FunctionRef<bool(bound::VariableId)> is_known,
                                     absl::FunctionRef<bool(bound::VariableId)> is_argument,
                                     const PlannerInput& input);

// The element of the pattern whose id is asked for; nothing when no condition names it.
std::optional<SeekChoice> ChooseId(bound::VariableId element,
                                   absl::Span<const bound::Predicate> predicates,
                                   absl::FunctionRef<bool(bound::VariableId)> is_known,
                                   absl::FunctionRef<bool(bound::VariableId)> is_argument);

// Whether the value that a seek asks for is computed in a step before it: it may raise, or looks at
// elements.
bool MustComputeBeforeSeek(const bound::Expression& value);

}  // namespace tidemark::query
