// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/operator.h"

#include <algorithm>
#include <utility>

#include "exec/operators/aggregate.h"
#include "exec/operators/apply.h"
#include "exec/operators/change_graph.h"
#include "exec/operators/create.h"
#include "exec/operators/degree.h"
#include "exec/operators/delete.h"
#include "exec/operators/distinct_vertices.h"
#include "exec/operators/expand.h"
#include "exec/operators/expand_batch.h"
#include "exec/operators/fetch.h"
#include "exec/operators/filter.h"
#include "exec/operators/foreach.h"
#include "exec/operators/input.h"
#include "exec/operators/lookup.h"
#include "exec/operators/merge.h"
#include "exec/operators/page.h"
#include "exec/operators/pattern.h"
#include "exec/operators/procedure_call.h"
#include "exec/operators/project.h"
#include "exec/operators/remote.h"
#include "exec/operators/scan_page.h"
#include "exec/operators/scan_vertices.h"
#include "exec/operators/seek_edge.h"
#include "exec/operators/seek_index.h"
#include "exec/operators/set.h"
#include "exec/operators/sort.h"
#include "exec/operators/stored_count.h"
#include "exec/operators/trail.h"
#include "exec/operators/union.h"
#include "exec/operators/unwind.h"
#include "exec/operators/values.h"

namespace tidemark::exec {

using query::plan::OperatorKind;

Operator::Operator(const query::plan::Operator& plan, RunContext* context)
    : plan_(plan), context_(context) {
  if (context->profile != nullptr) {
    counts_rows_ = context->profiled_as == nullptr;
    profiled_ = context->profile->Of(counts_rows_ ? plan : *context->profiled_as);
  }
  for (const auto& input : plan.inputs) inputs_.push_back(MakeOperator(*input, context));
}

absl::StatusOr<Pulled> Operator::Pull(query::BatchRef* batch) {
  // Whoever pulls in a loop pauses here at the latest.
  if (context_->units <= 0) {
    *batch = query::BatchRef();
    return Pulled::kPause;
  }
  const std::string_view above = context_->account->SetOperator(NameOf(plan_));
  absl::StatusOr<Pulled> pulled = profiled_ == nullptr ? Next(batch) : PullMeasured(batch);
  context_->account->SetOperator(above);
  if (!pulled.ok() || *pulled != Pulled::kBatch) *batch = query::BatchRef();
  return pulled;
}

// What the inputs take while they are pulled is theirs.
absl::StatusOr<Pulled> Operator::PullMeasured(query::BatchRef* batch) {
  const auto now = [this] { return context_->clock == nullptr ? 0 : context_->clock->NowMicros(); };
  OperatorFigures& inside = context_->profile->inside;
  const OperatorFigures around = std::exchange(inside, {});
  const int64_t units_before = context_->units;
  const int64_t micros_before = now();
  absl::StatusOr<Pulled> pulled = Next(batch);
  const int64_t units = units_before - context_->units;
  const int64_t micros = now() - micros_before;
  OperatorFigures& own = profiled_->work;
  own.units += units - inside.units;
  own.micros += micros - inside.micros;
  if (counts_rows_ && pulled.ok() && *pulled == Pulled::kBatch) {
    own.rows += static_cast<int64_t>((*batch)->selected_count());
  }
  inside = {0, around.units + units, around.micros + micros};
  return pulled;
}

bool ChangesGraph(const query::plan::Operator& plan) {
  switch (plan.kind) {
    case OperatorKind::kCreate:
    case OperatorKind::kMerge:
    case OperatorKind::kSet:
    case OperatorKind::kDelete:
    case OperatorKind::kForeach:
      return true;
    default:
      return std::any_of(plan.inputs.begin(), plan.inputs.end(),
                         [](const auto& input) { return ChangesGraph(*input); });
  }
}

namespace {

// Those of home alone.
std::unique_ptr<Operator> MakeHomeOperator(const query::plan::Operator& plan, RunContext* context) {
  switch (plan.kind) {
    case OperatorKind::kCreate:
      return std::make_unique<Create>(plan, context);
    case OperatorKind::kSet:
      return std::make_unique<Set>(plan, context);
    case OperatorKind::kDelete:
      return std::make_unique<Delete>(plan, context);
    case OperatorKind::kMerge:
      return std::make_unique<Merge>(plan, context);
    case OperatorKind::kForeach:
      return std::make_unique<Foreach>(plan, context);
    case OperatorKind::kLookup:
      return std::make_unique<Lookup>(plan, context);
    case OperatorKind::kProcedureCall:
      return std::make_unique<ProcedureCall>(plan, context);
    case OperatorKind::kRemote:
      return std::make_unique<Remote>(plan, context);
    default:
      break;
  }
  LOG(FATAL) << "no operator of kind " << static_cast<int>(plan.kind);
}

// Those that look at the graph or at elements.
std::unique_ptr<Operator> MakeGraphOperator(const query::plan::Operator& plan,
                                            RunContext* context) {
  switch (plan.kind) {
    case OperatorKind::kScanVertices:
      return std::make_unique<ScanVertices>(plan, context);
    case OperatorKind::kChangeGraph:
      return std::make_unique<ChangeGraph>(plan, context);
    case OperatorKind::kScanPage:
      return std::make_unique<ScanPage>(plan, context);
    case OperatorKind::kSeekEdge:
      return std::make_unique<SeekEdge>(plan, context);
    case OperatorKind::kSeekIndex:
      return std::make_unique<SeekIndex>(plan, context);
    case OperatorKind::kExpand:
      if (ExpandBatch::CanRun(query::plan::As<query::plan::Expand>(plan))) {
        return std::make_unique<ExpandBatch>(plan, context);
      }
      return std::make_unique<Expand>(plan, context);
    case OperatorKind::kDistinctVertices:
      return std::make_unique<DistinctVertices>(plan, context);
    case OperatorKind::kDegree:
      return std::make_unique<Degree>(plan, context);
    case OperatorKind::kStoredCount:
      return std::make_unique<StoredCount>(plan, context);
    case OperatorKind::kFetch:
      return std::make_unique<Fetch>(plan, context);
    case OperatorKind::kFilterLabels:
      return std::make_unique<FilterLabels>(plan, context);
    case OperatorKind::kApply:
      return std::make_unique<Apply>(plan, context);
    case OperatorKind::kTrail:
      return std::make_unique<Trail>(plan, context);
    case OperatorKind::kDifferentEdges:
      return std::make_unique<DifferentEdges>(plan, context);
    case OperatorKind::kMakePath:
      return std::make_unique<MakePath>(plan, context);
    default:
      return MakeHomeOperator(plan, context);
  }
}

}  // namespace

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
    case OperatorKind::kInput:
      return std::make_unique<Input>(plan, context);
    default:
      return MakeGraphOperator(plan, context);
  }
}

std::unique_ptr<Operator> MakeFragment(const query::plan::Operator& root, query::BatchRef rows,
                                       RunContext* context) {
  context->input = std::move(rows);
  std::unique_ptr<Operator> made = MakeOperator(root, context);
  context->input = query::BatchRef();
  return made;
}

}  // namespace tidemark::exec
