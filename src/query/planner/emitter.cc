// SPDX-License-Identifier: Apache-2.0
#include "query/planner/emitter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "query/batch/batch.h"
#include "query/planner/estimate.h"
#include "query/planner/plan_call.h"
#include "query/planner/plan_update.h"
#include "query/text/error.h"

namespace tidemark::query {
namespace {

constexpr std::string_view kRange = "range";

// Whether the list is a range, which need not be made to be gone through.
bool IsRange(const bound::Expression& list) {
  return list.kind == bound::ExpressionKind::kCall &&
         bound::As<bound::Call>(list).function->name == kRange;
}

}  // namespace

std::string TextOfNames(absl::Span<const bound::Name> names, std::string_view separator) {
  return absl::StrJoin(names, ToAbsl(separator), [](std::string* out, const bound::Name& name) {
    absl::StrAppend(out, ToAbsl(name.text));
  });
}

Emitter::Emitter(const PlanVariables& variables, StepBuilder* builder)
    : statement_(builder->statement()),
      variables_(variables),
      make_(builder->make()),
      computed_(builder->computed()),
      statistics_(*builder->input().statistics) {}

absl::StatusOr<plan::Plan> Emitter::Run(const Pipeline& steps,
                                        absl::Span<const bound::VariableId> columns) {
  ColumnSet after;
  for (const bound::VariableId column : columns) after.insert({column});
  RETURN_IF_ERROR(Push(std::make_unique<plan::Values>(), "", {}));
  RETURN_IF_ERROR(EmitPipeline(steps, after));
  plan::Plan plan;
  for (const bound::VariableId column : columns) plan.columns.push_back(SlotOf(column));
  RETURN_IF_ERROR(error_);
  plan.home.root = std::move(rows_.root);
  plan.home.operator_count = rows_.operator_count;
  return plan;
}

absl::Status Emitter::EmitPipeline(const Pipeline& steps, const ColumnSet& after,
                                   bool only_counts) {
  const std::vector<ColumnSet> needed = NeededBehindEach(steps, after);
  const std::vector<ExpandForm> forms = FormsOf(steps, needed, only_counts);
  for (size_t i = 0; i < steps.size(); ++i) {
    const size_t first = i;
    if (const auto count = CountFormOf(steps, i, forms, needed, only_counts)) {
      RETURN_IF_ERROR(EmitStoredCount(steps[i], *count));
      i = count->last;
    } else if (steps[i].kind != StepKind::kExpand) {
      RETURN_IF_ERROR(EmitStep(steps[i], needed[i]));
    } else {
      const ExpandForm& form = forms[i];
      RETURN_IF_ERROR(form.is_degree ? EmitDegree(steps[i], form)
                                     : EmitExpand(steps[i], form, needed[form.last]));
      i = form.last;
    }
    const auto done = absl::MakeConstSpan(steps).subspan(first, i + 1 - first);
    rows_.estimate = EstimateRows(done, rows_.estimate, statistics_);
    rows_.root->estimated_rows = rows_.estimate;
    Prune(needed[i]);
  }
  return absl::OkStatus();
}

absl::Status Emitter::EmitStep(const Step& step, const ColumnSet& after) {
  switch (step.kind) {
    case StepKind::kUnwind:
      return EmitUnwind(step);
    case StepKind::kScan:
      return EmitScan(step);
    case StepKind::kSeek:
      return EmitSeek(step);
    case StepKind::kExpand:
      break;  // EmitPipeline has done it
    case StepKind::kTrail:
      return EmitTrail(step);
    case StepKind::kFilterLabels:
      return EmitFilterLabels(step);
    case StepKind::kFilter:
      return EmitFilter(step);
    case StepKind::kDifferentEdges:
      return EmitDifferentEdges(step);
    case StepKind::kMakePath:
      return EmitMakePath(step);
    case StepKind::kApply:
      return EmitApply(step, after);
    case StepKind::kProject:
      return EmitProject(step);
    case StepKind::kAggregate:
      return EmitAggregate(step);
    case StepKind::kDistinct:
      return EmitDistinct(step);
    case StepKind::kSort:
      return EmitSort(step, after);
    case StepKind::kSkip:
    case StepKind::kLimit:
      return EmitCount(step);
    case StepKind::kUnion:
      return EmitUnion(step);
    case StepKind::kUpdate:
      return EmitUpdate(step, after, this);
    case StepKind::kCall:
      return EmitCall(step, this);
    case StepKind::kFetch:
      return EmitFetch(step);
    case StepKind::kLookup:
      return EmitLookup(step);
    case StepKind::kRemote:
      return EmitRemote(step, after);
  }
  return absl::InternalError("a step of no kind");
}

absl::StatusOr<Emitter::Inner> Emitter::EmitInner(const Pipeline& steps, const ColumnSet& arguments,
                                                  const std::vector<PlanColumn>& results,
                                                  const InnerForm& form) {
  Inner inner;
  std::vector<PlanColumn> handed_in;
  if (form.first.has_value()) handed_in.push_back({*form.first});
  for (const PlanColumn& column : arguments) {
    inner.arguments.push_back(SlotOf(column));
    handed_in.push_back(column);
  }
  Rows around = std::exchange(rows_, Rows());
  rows_.estimate = around.estimate;
  SetLayout(handed_in);
  auto input = std::make_unique<plan::Input>();
  input->slot_count = rows_.slot_count;
  if (form.returns_row_number) rows_.row_number = rows_.slot_count;
  ++rows_.slot_count;
  RETURN_IF_ERROR(Push(std::move(input), "", {}));
  RETURN_IF_ERROR(EmitPipeline(steps, ColumnSet(results.begin(), results.end()), form.only_counts));
  if (form.returns_row_number) inner.returned.push_back(*rows_.row_number);
  for (const PlanColumn& column : results) inner.returned.push_back(SlotOf(column));
  inner.fragment = {std::move(rows_.root), rows_.operator_count};
  rows_ = std::move(around);
  return inner;
}

absl::Status Emitter::EmitUnwind(const Step& step) {
  const bound::Expression& list = *step.expressions[0];
  auto node = std::make_unique<plan::Unwind>();
  node->offset = list.source.offset;
  if (IsRange(list)) {
    for (const bound::Expression* bound : bound::As<bound::Call>(list).arguments) {
      ASSIGN_OR_RETURN(node->programs.emplace_back(), Compile(*bound));
    }
  } else {
    ASSIGN_OR_RETURN(node->programs.emplace_back(), Compile(list));
  }
  const bound::VariableId variable = step.defines[0];
  RETURN_IF_ERROR(AddColumns({{variable}}, step.source));
  const std::string text = TextOf(list);
  const std::string name = TextOf(variable);
  const bool is_plain = name == text || text.empty();
  return Push(std::move(node), is_plain ? name : absl::StrCat(text, " AS ", name), step.source);
}

absl::Status Emitter::EmitFilter(const Step& step) {
  auto node = std::make_unique<plan::Filter>();
  ASSIGN_OR_RETURN(node->condition, Compile(*make_.All(step.expressions)));
  std::vector<std::string> details;
  for (const bound::Expression* condition : step.expressions) details.push_back(TextOf(*condition));
  return Push(std::move(node), absl::StrJoin(details, " AND "), step.source);
}

absl::Status Emitter::EmitCount(const Step& step) {
  const bound::Expression& count = *step.expressions[0];
  ASSIGN_OR_RETURN(eval::Program program, Compile(count));
  if (step.kind == StepKind::kSkip) {
    auto node = std::make_unique<plan::Skip>();
    node->count = std::move(program);
    return Push(std::move(node), TextOf(count), step.source);
  }
  auto node = std::make_unique<plan::Limit>();
  node->count = std::move(program);
  return Push(std::move(node), TextOf(count), step.source);
}

absl::Status Emitter::EmitLookup(const Step& step) {
  auto node = std::make_unique<plan::Lookup>();
  for (const bound::VariableId variable : step.variables) node->slots.push_back(SlotOf(variable));
  node->takes_ends = step.looks_at_ends;
  node->whole = WholeOf(step.variables, step.uses);
  return Push(std::move(node), TextOf(step.variables), step.source);
}

absl::Status Emitter::EmitUnion(const Step& step) {
  auto node = std::make_unique<plan::Union>();
  for (size_t i = 0; i < step.branches.size(); ++i) {
    ColumnSet outputs;
    for (const bound::VariableId output : step.branch_outputs[i]) outputs.insert({output});
    SetLayout({});
    rows_.root = nullptr;
    rows_.estimate = 1;
    RETURN_IF_ERROR(Push(std::make_unique<plan::Values>(), "", {}));
    RETURN_IF_ERROR(EmitPipeline(step.branches[i], outputs));
    std::vector<uint32_t> slots;
    for (const bound::VariableId output : step.branch_outputs[i]) slots.push_back(SlotOf(output));
    node->columns.push_back(std::move(slots));
    node->inputs.push_back(std::move(rows_.root));
  }
  std::vector<PlanColumn> columns;
  for (const bound::VariableId column : step.defines) columns.push_back({column});
  SetLayout(columns);
  return Push(std::move(node), "", step.source);
}

absl::StatusOr<eval::Program> Emitter::Compile(const bound::Expression& expression) {
  rows_.layout.computed = &computed_;
  return eval::Compile(expression, rows_.layout, statement_.text);
}

absl::StatusOr<std::vector<uint32_t>> Emitter::SlotsOf(
    absl::Span<const bound::Expression* const> expressions) {
  auto node = std::make_unique<plan::Project>();
  std::vector<uint32_t> slots;
  std::vector<std::string> details;
  for (const bound::Expression* expression : expressions) {
    if (const std::optional<uint32_t> slot = FindSlot(*expression)) {
      slots.push_back(*slot);
      continue;
    }
    slots.push_back(rows_.slot_count + static_cast<uint32_t>(node->programs.size()));
    ASSIGN_OR_RETURN(node->programs.emplace_back(), Compile(*expression));
    details.push_back(TextOf(*expression));
  }
  if (node->programs.empty()) return slots;
  RETURN_IF_ERROR(AddSlots(node->programs.size(), expressions[0]->source));
  RETURN_IF_ERROR(Push(std::move(node), absl::StrJoin(details, ", "), expressions[0]->source));
  return slots;
}

// The slot of what is a column as it stands.
std::optional<uint32_t> Emitter::FindSlot(const bound::Expression& expression) const {
  const auto computed = computed_.find(&expression);
  if (computed != computed_.end()) return SlotOf(computed->second);
  if (expression.kind == bound::ExpressionKind::kVariable) {
    return SlotOf(bound::As<bound::VariableReference>(expression).variable);
  }
  if (expression.kind != bound::ExpressionKind::kProperty) return std::nullopt;
  const auto& property = bound::As<bound::Property>(expression);
  if (property.base->kind != bound::ExpressionKind::kVariable) return std::nullopt;
  const PlanColumn column{bound::As<bound::VariableReference>(*property.base).variable,
                          PlanColumnKind::kProperty, property.key.text, property.key.id};
  if (!HasSlot(column)) return std::nullopt;
  return SlotOf(column);
}

absl::Status Emitter::Push(std::unique_ptr<plan::Operator> node, std::string details,
                           Source source) {
  if (++operator_count_ > kMaxPlanOperators) return TooLarge(statement_.text, source);
  node->number = rows_.operator_count++;
  node->estimated_rows = rows_.estimate;
  node->details = std::move(details);
  for (const auto& [variable, slot] : rows_.layout.variables) {
    const std::string name = variables_.NameOf(variable);
    if (!name.empty()) node->identifiers.push_back(name);
  }
  std::sort(node->identifiers.begin(), node->identifiers.end());
  if (rows_.root != nullptr) node->inputs.push_back(std::move(rows_.root));
  rows_.root = std::move(node);
  return absl::OkStatus();
}

std::string Emitter::TextOf(const bound::Expression& expression) const {
  if (expression.source.length > 0) return std::string(expression.source.Of(statement_.text));
  // What the planner has made.
  switch (expression.kind) {
    case bound::ExpressionKind::kVariable:
      return TextOf(bound::As<bound::VariableReference>(expression).variable);
    case bound::ExpressionKind::kInteger:
      return absl::StrCat(bound::As<bound::IntegerLiteral>(expression).value);
    case bound::ExpressionKind::kIsNull:
      return absl::StrCat(TextOf(*bound::As<bound::IsNull>(expression).operand), " IS NOT NULL");
    case bound::ExpressionKind::kComparison: {
      const auto& node = bound::As<bound::Comparison>(expression);
      return absl::StrCat(TextOf(*node.operands[0]), " = ", TextOf(*node.operands[1]));
    }
    case bound::ExpressionKind::kCall: {
      const auto& node = bound::As<bound::Call>(expression);
      return absl::StrCat(ToAbsl(node.function->name), "(", TextOf(*node.arguments[0]), ")");
    }
    default:
      return "";
  }
}

std::string Emitter::TextOf(const PlanColumn& column) const {
  const std::string name = TextOf(column.variable);
  switch (column.kind) {
    case PlanColumnKind::kVariable:
      return name;
    case PlanColumnKind::kProperty:
      return absl::StrCat(name, ".", ToAbsl(column.key));
    case PlanColumnKind::kLabels:
      return absl::StrCat("labels(", name, ")");
    case PlanColumnKind::kProperties:
      return absl::StrCat(name, ".*");
  }
  return name;
}

std::string Emitter::TextOf(absl::Span<const bound::VariableId> variables) const {
  return absl::StrJoin(variables, ", ", [this](std::string* out, bound::VariableId variable) {
    absl::StrAppend(out, TextOf(variable));
  });
}

}  // namespace tidemark::query
