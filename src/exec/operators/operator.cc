// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/operator.h"

#include <algorithm>

#include "exec/operators/aggregate.h"
#include "exec/operators/filter.h"
#include "exec/operators/page.h"
#include "exec/operators/project.h"
#include "exec/operators/sort.h"
#include "exec/operators/union.h"
#include "exec/operators/unwind.h"
#include "exec/operators/values.h"

namespace tidemark::exec {

using query::plan::OperatorKind;

Operator::Operator(const query::plan::Operator& plan, RunContext* context)
    : plan_(plan), context_(context) {
  for (const auto& input : plan.inputs) inputs_.push_back(MakeOperator(*input, context));
}

absl::StatusOr<Pulled> Operator::Pull(query::BatchRef* batch) {
  const std::string_view above = context_->account->SetOperator(NameOf(plan_));
  absl::StatusOr<Pulled> pulled = Next(batch);
  context_->account->SetOperator(above);
  if (pulled.ok() && *pulled == Pulled::kBatch) row_count_ += (*batch)->selected_count();
  return pulled;
}

bool CanRun(const query::plan::Operator& plan) {
  switch (plan.kind) {
    case OperatorKind::kInput:
    case OperatorKind::kRemote:
    case OperatorKind::kScanVertices:
    case OperatorKind::kSeekIndex:
    case OperatorKind::kExpand:
    case OperatorKind::kFetch:
    case OperatorKind::kFilterLabels:
    case OperatorKind::kDifferentEdges:
    case OperatorKind::kApply:
    case OperatorKind::kTrail:
    case OperatorKind::kMakePath:
    case OperatorKind::kLookup:
    case OperatorKind::kCreate:
    case OperatorKind::kMerge:
    case OperatorKind::kSet:
    case OperatorKind::kDelete:
    case OperatorKind::kForeach:
    case OperatorKind::kProcedureCall:
    case OperatorKind::kShow:
      return false;
    default:
      break;
  }
  const query::plan::Fragment* const inner = InnerOf(plan);
  return (inner == nullptr || CanRun(*inner->root)) &&
         std::all_of(plan.inputs.begin(), plan.inputs.end(),
                     [](const auto& input) { return CanRun(*input); });
}

std::unique_ptr<Operator> MakeOperator(const query::plan::Operator& plan, RunContext* context) {
  switch (plan.kind) {
    case OperatorKind::kValues:
      return std::make_unique<Values>(plan, context);
    case OperatorKind::kUnwind:
      return std::make_unique<Unwind>(plan, context);
    case OperatorKind::kProject:
      return std::make_unique<Project>(plan, context);
    case OperatorKind::kFilter:
      return std::make_unique<Filter>(plan, context);
    case OperatorKind::kSkip:
      return std::make_unique<Skip>(plan, context);
    case OperatorKind::kLimit:
      return std::make_unique<Limit>(plan, context);
    case OperatorKind::kAggregate:
      return std::make_unique<Aggregate>(plan, context);
    case OperatorKind::kSort:
      return std::make_unique<Sort>(plan, context);
    case OperatorKind::kUnion:
      return std::make_unique<Union>(plan, context);
    default:
      break;  // see CanRun
  }
  LOG(FATAL) << "no operator of kind " << static_cast<int>(plan.kind);
}

}  // namespace tidemark::exec
