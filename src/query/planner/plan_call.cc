// SPDX-License-Identifier: Apache-2.0
#include "query/planner/plan_call.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::query {
namespace {

// As the node's table of procedures knows it.
std::string NameOfShow(const bound::Show& show) {
  const bool is_index = show.show == bound::ShowWhat::kIndexes;
  const std::string name = is_index ? "SHOW INDEXES" : "SHOW CONSTRAINTS";
  return show.filter.empty() ? name : absl::StrCat(name, " ", ToAbsl(show.filter));
}

}  // namespace

absl::Status AddCall(const bound::Clause& clause, StepBuilder* builder, Pipeline* steps) {
  Step step{.kind = StepKind::kCall, .place = Place::kHome, .source = clause.source};
  step.call = &clause;
  const auto define = [&](absl::Span<const bound::Output> outputs) {
    for (const bound::Output& output : outputs) {
      step.defines.push_back(output.variable);
      builder->variables().NoteWithoutElements(output.variable);
    }
  };
  if (clause.kind == bound::ClauseKind::kShow) {
    define(bound::As<bound::Show>(clause).outputs);
    steps->push_back(std::move(step));
    return absl::OkStatus();
  }
  const auto& call = bound::As<bound::ProcedureCall>(clause);
  if (call.is_optional && !call.where.empty()) {
    return builder->Refuse("WHERE behind OPTIONAL CALL of a procedure", clause.source);
  }
  define(call.outputs);
  for (const bound::Expression* argument : call.arguments) {
    RETURN_IF_ERROR(builder->AddExpression(*argument, &step, steps));
  }
  steps->push_back(std::move(step));
  std::vector<const bound::Expression*> conditions;
  for (const bound::Predicate& predicate : call.where) conditions.push_back(predicate.condition);
  return builder->AddFilter(conditions, steps);
}

absl::Status EmitCall(const Step& step, Emitter* emitter) {
  auto node = std::make_unique<plan::ProcedureCall>();
  absl::Span<const bound::Output> outputs;
  if (step.call->kind == bound::ClauseKind::kShow) {
    const auto& show = bound::As<bound::Show>(*step.call);
    node->name = NameOfShow(show);
    outputs = show.outputs;
  } else {
    const auto& call = bound::As<bound::ProcedureCall>(*step.call);
    node->name = std::string(call.procedure->name);
    node->is_optional = call.is_optional;
    outputs = call.outputs;
    ASSIGN_OR_RETURN(node->arguments, emitter->SlotsOf(call.arguments));
  }
  std::vector<PlanColumn> columns;
  for (const bound::Output& output : outputs) {
    node->columns.push_back(output.column);
    columns.push_back({output.variable});
  }
  RETURN_IF_ERROR(emitter->AddColumns(columns, step.source));
  std::string details = node->name;
  return emitter->Push(std::move(node), std::move(details), step.source);
}

}  // namespace tidemark::query
