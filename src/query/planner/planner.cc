// SPDX-License-Identifier: Apache-2.0
#include "query/planner/planner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "query/batch/batch.h"
#include "query/planner/query_planner.h"
#include "query/planner/supported.h"
#include "query/text/error.h"

namespace tidemark::query {
namespace {

constexpr std::string_view kRange = "range";
// Operators call one another, so a plan may not be as deep as a text is long.
constexpr uint32_t kMaxPlanOperators = 1000;

// Whether the list is a range, which need not be made to be gone through.
bool IsRange(const bound::Expression& list) {
  return list.kind == bound::ExpressionKind::kCall &&
         bound::As<bound::Call>(list).function->name == kRange;
}

}  // namespace

absl::StatusOr<plan::Plan> MakePlan(const bound::Statement& statement) {
  RETURN_IF_ERROR(CheckSupported(statement));
  return QueryPlanner(statement).Run();
}

absl::StatusOr<plan::Plan> QueryPlanner::Run() {
  RETURN_IF_ERROR(PlanQuery(*statement_.query));
  plan::Plan plan;
  for (const bound::Column& column : statement_.query->columns) {
    plan.columns.push_back(layout_.variables.at(column.variable));
  }
  plan.home.root = std::move(root_);
  plan.home.operator_count = operator_count_;
  return plan;
}

absl::Status QueryPlanner::PlanQuery(const bound::Query& query) {
  if (query.branches.size() > 1) return PlanUnion(query);
  return PlanBranch(*query.branches[0]);
}

absl::Status QueryPlanner::PlanUnion(const bound::Query& query) {
  auto node = std::make_unique<plan::Union>();
  for (const bound::SingleQuery* branch : query.branches) {
    RETURN_IF_ERROR(PlanBranch(*branch));
    std::vector<uint32_t> slots;
    for (const bound::VariableId output : branch->outputs) {
      slots.push_back(layout_.variables.at(output));
    }
    node->columns.push_back(std::move(slots));
    node->inputs.push_back(std::move(root_));
  }
  std::vector<bound::VariableId> variables;
  for (const bound::Column& column : query.columns) variables.push_back(column.variable);
  SetLayout(variables);
  Push(std::move(node), "");
  if (!query.is_union_all) PlanDistinct(variables);
  return absl::OkStatus();
}

absl::Status QueryPlanner::PlanBranch(const bound::SingleQuery& branch) {
  SetLayout({});
  Push(std::make_unique<plan::Values>(), "");
  for (const bound::Part& part : branch.parts) {
    for (const bound::Clause* clause : part.clauses) {
      RETURN_IF_ERROR(CheckOperatorCount(clause->source));
      RETURN_IF_ERROR(PlanUnwind(bound::As<bound::Unwind>(*clause)));
    }
    if (part.projection == nullptr) continue;
    RETURN_IF_ERROR(CheckOperatorCount(part.projection->source));
    RETURN_IF_ERROR(PlanProjection(*part.projection));
  }
  return absl::OkStatus();
}

absl::Status QueryPlanner::PlanUnwind(const bound::Unwind& unwind) {
  auto node = std::make_unique<plan::Unwind>();
  node->offset = unwind.list->source.offset;
  if (IsRange(*unwind.list)) {
    for (const bound::Expression* bound : bound::As<bound::Call>(*unwind.list).arguments) {
      ASSIGN_OR_RETURN(node->programs.emplace_back(), Compile(*bound));
    }
  } else {
    ASSIGN_OR_RETURN(node->programs.emplace_back(), Compile(*unwind.list));
  }
  RETURN_IF_ERROR(AddSlots(1, unwind.source));
  layout_.variables[unwind.variable] = slot_count_ - 1;
  Push(std::move(node), ItemText(unwind.variable, unwind.list->source));
  return absl::OkStatus();
}

absl::StatusOr<eval::Program> QueryPlanner::Compile(const bound::Expression& expression) const {
  return eval::Compile(expression, layout_, statement_.text);
}

absl::StatusOr<std::vector<uint32_t>> QueryPlanner::SlotsOf(
    absl::Span<const bound::Expression* const> expressions) {
  auto node = std::make_unique<plan::Project>();
  std::vector<uint32_t> slots;
  std::vector<std::string> details;
  for (const bound::Expression* expression : expressions) {
    if (expression->kind == bound::ExpressionKind::kVariable) {
      const auto& reference = bound::As<bound::VariableReference>(*expression);
      slots.push_back(layout_.variables.at(reference.variable));
      continue;
    }
    slots.push_back(slot_count_ + static_cast<uint32_t>(node->programs.size()));
    ASSIGN_OR_RETURN(node->programs.emplace_back(), Compile(*expression));
    details.push_back(TextOf(expression->source));
  }
  if (node->programs.empty()) return slots;
  RETURN_IF_ERROR(AddSlots(node->programs.size(), expressions[0]->source));
  Push(std::move(node), absl::StrJoin(details, ", "));
  return slots;
}

absl::Status QueryPlanner::AddSlots(size_t count, Source source) {
  if (slot_count_ + count > kMaxBatchColumns) {
    return ToStatus(
        MakeError(ErrorId::kUnexpectedSyntax, statement_.text, source.offset,
                  {absl::StrCat("The statement computes more than ", kMaxBatchColumns,
                                " values for a row; put some of them into a list or a map")}));
  }
  slot_count_ += static_cast<uint32_t>(count);
  return absl::OkStatus();
}

absl::Status QueryPlanner::CheckOperatorCount(Source source) const {
  if (operator_count_ < kMaxPlanOperators) return absl::OkStatus();
  return ToStatus(MakeError(ErrorId::kUnexpectedSyntax, statement_.text, source.offset,
                            {absl::StrCat("The statement needs more than ", kMaxPlanOperators,
                                          " operators; divide it into several statements")}));
}

void QueryPlanner::Push(std::unique_ptr<plan::Operator> node, std::string details) {
  node->number = operator_count_++;
  node->details = std::move(details);
  for (const auto& [variable, slot] : layout_.variables) {
    const std::string name = NameOf(variable);
    if (!name.empty()) node->identifiers.push_back(name);
  }
  std::sort(node->identifiers.begin(), node->identifiers.end());
  if (root_ != nullptr) node->inputs.push_back(std::move(root_));
  root_ = std::move(node);
}

void QueryPlanner::SetLayout(absl::Span<const bound::VariableId> variables) {
  layout_.variables.clear();
  slot_count_ = 0;
  for (const bound::VariableId variable : variables) layout_.variables[variable] = slot_count_++;
}

std::string QueryPlanner::TextOf(Source source) const {
  return std::string(source.Of(statement_.text));
}

std::string QueryPlanner::NameOf(bound::VariableId variable) const {
  return std::string(statement_.variables[variable].name);
}

std::string QueryPlanner::ItemText(bound::VariableId variable, Source source) const {
  const std::string text = TextOf(source);
  const std::string name = NameOf(variable);
  return name.empty() || name == text ? text : absl::StrCat(text, " AS ", name);
}

}  // namespace tidemark::query
