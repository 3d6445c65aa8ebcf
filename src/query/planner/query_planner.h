// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "query/binder/bound.h"
#include "query/eval/program.h"
#include "query/plan/fragment.h"

namespace tidemark::query {

// Builds the operators of one query, from the first clause on. `root_` gives the rows so far, and
// `layout_` says in which of its slots each variable is.
// Owner: MakePlan. Threads: one.
class QueryPlanner {
 public:
  explicit QueryPlanner(const bound::Statement& statement) : statement_(statement) {}

  absl::StatusOr<plan::Plan> Run();

 private:
  absl::Status PlanQuery(const bound::Query& query);
  absl::Status PlanUnion(const bound::Query& query);
  absl::Status PlanBranch(const bound::SingleQuery& branch);
  absl::Status PlanUnwind(const bound::Unwind& unwind);

  // plan_projection.cc
  absl::Status PlanProjection(const bound::Projection& projection);
  absl::Status PlanAggregates(const bound::Projection& projection);
  absl::Status PlanItems(const bound::Projection& projection);
  void PlanDistinct(absl::Span<const bound::VariableId> variables);
  absl::Status PlanOrder(const bound::Projection& projection);
  absl::Status PlanPage(const bound::Projection& projection);
  absl::Status PlanWhere(absl::Span<const bound::Predicate> where);
  // What ORDER BY, WHERE and the items of a projection still need, in the order of their numbers.
  std::vector<bound::VariableId> NeededBehindOrder(const bound::Projection& projection) const;

  absl::StatusOr<eval::Program> Compile(const bound::Expression& expression) const;
  // The slots of expressions; those that are in none yet are computed.
  absl::StatusOr<std::vector<uint32_t>> SlotsOf(
      absl::Span<const bound::Expression* const> expressions);
  // More slots at the end of the root's; an error when a row would have too many.
  absl::Status AddSlots(size_t count, Source source);
  // An error when a clause more would make the plan too large.
  absl::Status CheckOperatorCount(Source source) const;
  // The operator becomes the root, above the root so far. Its identifiers are the layout's.
  void Push(std::unique_ptr<plan::Operator> node, std::string details);
  // The root numbers its slots anew: they are these variables.
  void SetLayout(absl::Span<const bound::VariableId> variables);
  // The text of the statement there; empty for what the statement does not spell.
  std::string TextOf(Source source) const;
  std::string NameOf(bound::VariableId variable) const;
  std::string ItemText(bound::VariableId variable, Source source) const;

  const bound::Statement& statement_;
  std::unique_ptr<plan::Operator> root_;
  uint32_t operator_count_ = 0;
  uint32_t slot_count_ = 0;
  eval::Layout layout_;
};

}  // namespace tidemark::query
