// SPDX-License-Identifier: Apache-2.0
// The operators that look at the graph.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "query/plan/plan_coding.h"
#include "query/planner/emitter.h"

namespace tidemark::query {

std::vector<uint32_t> IdsOf(absl::Span<const bound::Name> names) {
  std::vector<uint32_t> ids;
  for (const bound::Name& name : names) ids.push_back(name.id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::string LabelText(absl::Span<const bound::Name> labels) {
  return labels.empty() ? "" : absl::StrCat(":", TextOfNames(labels, ":"));
}

absl::Status Emitter::EmitScan(const Step& step) {
  auto node = std::make_unique<plan::ScanVertices>();
  node->labels = IdsOf(step.labels);
  RETURN_IF_ERROR(AddColumns({{step.element}}, step.source));
  return Push(std::move(node), absl::StrCat(TextOf(step.element), LabelText(step.labels)),
              step.source);
}

absl::Status Emitter::EmitSeekEdge(const Step& step) {
  auto node = std::make_unique<plan::SeekEdge>();
  const bound::Expression& id = *step.seek.equal[0];
  ASSIGN_OR_RETURN(node->equal.emplace_back(), Compile(id));
  node->direction = step.expand.direction;
  node->types = IdsOf(step.expand.edge->types);
  node->is_list = step.seek.is_list;
  node->is_element_id = step.seek.is_element_id;
  RETURN_IF_ERROR(AddColumns({{step.element}, {step.expand.from}, {step.expand.to}}, step.source));
  return Push(std::move(node),
              absl::StrCat(TextOfEdge(step.expand), " by id ", step.seek.is_list ? "IN " : "= ",
                           TextOf(id)),
              step.source);
}

absl::Status Emitter::EmitSeek(const Step& step) {
  const Seek& seek = step.seek;
  if (seek.is_edge) return EmitSeekEdge(step);
  auto node = std::make_unique<plan::SeekIndex>();
  node->index = seek.index;
  node->is_unique = seek.is_unique;
  node->is_id = seek.is_id;
  node->is_list = seek.is_list;
  node->is_element_id = seek.is_element_id;
  std::vector<std::string> conditions;
  const auto compile = [&](const bound::Expression* expression, std::string_view op,
                           std::optional<eval::Program>* program) -> absl::Status {
    if (expression == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(*program, Compile(*expression));
    conditions.push_back(absl::StrCat(ToAbsl(op), " ", TextOf(*expression)));
    return absl::OkStatus();
  };
  for (const bound::Expression* expression : seek.equal) {
    ASSIGN_OR_RETURN(node->equal.emplace_back(), Compile(*expression));
    conditions.push_back(absl::StrCat(seek.is_list ? "IN " : "= ", TextOf(*expression)));
  }
  const SeekRange& range = seek.range;
  RETURN_IF_ERROR(compile(range.first, range.includes_first ? ">=" : ">", &node->first));
  RETURN_IF_ERROR(compile(range.last, range.includes_last ? "<=" : "<", &node->last));
  RETURN_IF_ERROR(compile(range.prefix, "STARTS WITH", &node->prefix));
  node->includes_first = range.includes_first;
  node->includes_last = range.includes_last;
  RETURN_IF_ERROR(AddColumns({{step.element}}, step.source));
  return Push(std::move(node),
              absl::StrCat(TextOf(step.element), LabelText(step.labels), " by ", ToAbsl(seek.name),
                           " ", absl::StrJoin(conditions, ", ")),
              step.source);
}

// (a)-[r:T*1..3]->(b), as it is written.
std::string Emitter::TextOfEdge(const ExpandStep& expand) const {
  const bound::PatternEdge& edge = *expand.edge;
  // Of a path of variable length its one edge by turns.
  const bool is_step = edge.has_length && expand.edge_variable == edge.element;
  std::string inside = is_step ? "" : variables_.NameOf(edge.variable);
  if (!edge.types.empty()) absl::StrAppend(&inside, ":", TextOfNames(edge.types, "|"));
  if (edge.has_length && !is_step) {
    absl::StrAppend(&inside, "*", edge.min_length, "..");
    if (edge.max_length != bound::kUnbounded) absl::StrAppend(&inside, edge.max_length);
  }
  const std::string from = TextOf(expand.is_reversed ? expand.to : expand.from);
  const std::string to = TextOf(expand.is_reversed ? expand.from : expand.to);
  return absl::StrCat("(", from, ")", edge.direction == bound::PatternDirection::kIn ? "<" : "",
                      "-[", inside, "]-",
                      edge.direction == bound::PatternDirection::kOut ? ">" : "", "(", to, ")");
}

absl::Status Emitter::EmitTrail(const Step& step) {
  const ExpandStep& expand = step.expand;
  const bound::PatternEdge& edge = *expand.edge;
  auto node = std::make_unique<plan::Trail>();
  node->from = SlotOf(expand.from);
  node->min = edge.min_length;
  if (edge.max_length != bound::kUnbounded) node->max = edge.max_length;
  node->is_reversed = expand.is_reversed;
  if (expand.is_into) node->to = SlotOf(expand.to);
  for (const bound::VariableId other : expand.other_edges) {
    node->other_edges.push_back(SlotOf(other));
  }
  const std::vector<PlanColumn> results = {{edge.element}, {expand.inner_to}};
  ASSIGN_OR_RETURN(Inner inner,
                   EmitInner(step.inner, ArgumentsOf(step, {}), results, {expand.inner_from}));
  node->step = std::move(inner.fragment);
  node->arguments = std::move(inner.arguments);
  node->returned = std::move(inner.returned);
  std::vector<PlanColumn> columns = {{expand.edge_variable}};
  if (!expand.is_into) columns.push_back({expand.to});
  RETURN_IF_ERROR(AddColumns(columns, step.source));
  return Push(std::move(node), TextOfEdge(expand), step.source);
}

absl::Status Emitter::EmitFilterLabels(const Step& step) {
  auto node = std::make_unique<plan::FilterLabels>();
  node->vertex = SlotOf(step.element);
  node->labels = IdsOf(step.labels);
  return Push(std::move(node), absl::StrCat(TextOf(step.element), LabelText(step.labels)),
              step.source);
}

absl::Status Emitter::EmitDifferentEdges(const Step& step) {
  auto node = std::make_unique<plan::DifferentEdges>();
  for (const bound::VariableId edge : step.variables) node->edges.push_back(SlotOf(edge));
  return Push(std::move(node), absl::StrCat("different: ", TextOf(step.variables)), step.source);
}

absl::Status Emitter::EmitMakePath(const Step& step) {
  auto node = std::make_unique<plan::MakePath>();
  for (const bound::VariableId vertex : step.variables) node->vertices.push_back(SlotOf(vertex));
  for (const bound::VariableId edge : step.edges) node->edges.push_back(SlotOf(edge));
  RETURN_IF_ERROR(AddColumns({{step.defines[0]}}, step.source));
  return Push(std::move(node), absl::StrCat("path ", TextOf(step.defines[0])), step.source);
}

absl::Status Emitter::EmitFetch(const Step& step) {
  auto node = std::make_unique<plan::Fetch>();
  node->element = SlotOf(step.element);
  node->is_edge = variables_.IsEdge(step.element);
  std::vector<PlanColumn> columns;
  std::vector<std::string> details;
  for (const PlanColumn& column : step.fetched) {
    if (column.kind == PlanColumnKind::kProperty) node->keys.push_back(column.key_id);
    if (column.kind == PlanColumnKind::kLabels) node->wants_labels = true;
    if (column.kind == PlanColumnKind::kProperties) node->wants_all = true;
    columns.push_back(column);
    details.push_back(TextOf(column));
  }
  RETURN_IF_ERROR(AddColumns(columns, step.source));
  return Push(std::move(node), absl::StrJoin(details, ", "), step.source);
}

absl::Status Emitter::EmitApply(const Step& step, const ColumnSet& after) {
  auto node = std::make_unique<plan::Apply>();
  node->apply = step.apply;
  const bool gives_rows =
      step.apply == plan::ApplyKind::kJoin || step.apply == plan::ApplyKind::kOptional;
  std::vector<PlanColumn> results;
  if (gives_rows) {
    const ColumnSet defined = DefinedOf(step.inner, after);
    results.assign(defined.begin(), defined.end());
  } else if (step.apply == plan::ApplyKind::kCollect) {
    results = {{step.collected}};
  }
  InnerForm form;
  form.only_counts =
      step.apply == plan::ApplyKind::kExists || step.apply == plan::ApplyKind::kCount;
  ASSIGN_OR_RETURN(Inner inner, EmitInner(step.inner, ArgumentsOf(step, after), results, form));
  node->inner = std::move(inner.fragment);
  node->arguments = std::move(inner.arguments);
  node->returned = std::move(inner.returned);
  if (!gives_rows) results = {{step.defines[0]}};
  RETURN_IF_ERROR(AddColumns(results, step.source));
  return Push(std::move(node), "", step.source);
}

namespace {

// Whether the fragment finds a vertex by a key and looks at it, and cannot fail.
bool OnlyFinds(const Pipeline& steps) {
  return std::all_of(steps.begin(), steps.end(), [](const Step& step) {
    switch (step.kind) {
      case StepKind::kSeek:
        return step.seek.is_unique;
      case StepKind::kFetch:
      case StepKind::kFilterLabels:
        return true;
      case StepKind::kFilter:
        return std::none_of(step.expressions.begin(), step.expressions.end(),
                            [](const auto* one) { return one->may_raise || one->is_volatile; });
      default:
        return false;
    }
  });
}

// Whether nothing is done before but that workers are asked: the graph is as it was.
bool OnlyAsks(const plan::Operator* node) {
  if (node->kind != plan::OperatorKind::kRemote) return false;
  while (node->kind == plan::OperatorKind::kRemote) node = node->inputs[0].get();
  return node->kind == plan::OperatorKind::kValues;
}

}  // namespace

absl::Status Emitter::EmitRemote(const Step& step, const ColumnSet& after) {
  auto node = std::make_unique<plan::Remote>();
  node->route = step.remote.route;
  node->is_one_to_one = step.remote.is_one_to_one;
  const ColumnSet defined = DefinedOf(step.inner, after);
  const std::vector<PlanColumn> results(defined.begin(), defined.end());
  node->keeps_input =
      rows_.row_number.has_value() || node->is_one_to_one || defined.size() < after.size();
  std::string details = "all workers";
  if (node->route == plan::Route::kKey) {
    details = step.inner[0].seek.is_id ? "owner of the id" : "owner of the key";
  }
  if (step.remote.variable != bound::kNoVariable) {
    node->route_slot = SlotOf(step.remote.variable);
    details = absl::StrCat("owner of ", TextOf(step.remote.variable));
  }
  ASSIGN_OR_RETURN(Inner inner, EmitInner(step.inner, ArgumentsOf(step, after), results,
                                          {std::nullopt, node->keeps_input}));
  node->fragment = std::move(inner.fragment);
  node->sent = std::move(inner.arguments);
  node->returned = std::move(inner.returned);
  EncodeFragment(node.get());
  node->is_independent = node->route == plan::Route::kKey && node->keeps_input &&
                         node->sent.empty() && OnlyFinds(step.inner) && OnlyAsks(rows_.root.get());
  if (!node->keeps_input) SetLayout({});
  RETURN_IF_ERROR(AddColumns(results, step.source));
  return Push(std::move(node), std::move(details), step.source);
}

}  // namespace tidemark::query
