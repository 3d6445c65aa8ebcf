// SPDX-License-Identifier: Apache-2.0
#include "query/plan/operator.h"

namespace tidemark::query::plan {

std::string_view NameOf(const Operator& node) {
  switch (node.kind) {
    case OperatorKind::kValues:
      return "Values";
    case OperatorKind::kUnwind:
      return "Unwind";
    case OperatorKind::kProject:
      return "Projection";
    case OperatorKind::kFilter:
      return "Filter";
    case OperatorKind::kSkip:
      return "Skip";
    case OperatorKind::kLimit:
      return "Limit";
    case OperatorKind::kAggregate:
      return As<Aggregate>(node).calls.empty() ? "Distinct" : "Aggregation";
    case OperatorKind::kSort:
      return As<Sort>(node).limit.has_value() ? "Top" : "Sort";
    case OperatorKind::kUnion:
      return "Union";
  }
  return "Operator";
}

}  // namespace tidemark::query::plan
