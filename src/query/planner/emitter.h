// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "query/binder/bound.h"
#include "query/eval/program.h"
#include "query/plan/fragment.h"
#include "query/planner/made_expressions.h"
#include "query/planner/plan_variables.h"
#include "query/planner/step.h"
#include "query/planner/step_builder.h"

namespace tidemark::query {

// Turns steps that are in their places into operators: gives every column a slot and compiles the
// expressions.
// Owner: MakePlan. Threads: one. Errors: query::Error, also when a plan gets too large.
class Emitter {
 public:
  // All outlive it; it reads what the builder has made.
  Emitter(const PlanVariables& variables, StepBuilder* builder);

  absl::StatusOr<plan::Plan> Run(const Pipeline& steps,
                                 absl::Span<const bound::VariableId> columns);

  // What makes the operators of one step needs these; plan_update.h does too.

  // An inner pipeline as a fragment, and what the operator around it says of its slots.
  struct Inner {
    plan::Fragment fragment;
    std::vector<uint32_t> arguments;  // slots of the rows around it
    std::vector<uint32_t> returned;   // of its root: the number of the row, then the results
  };
  struct InnerForm {
    // A variable that is handed in before the arguments, from no slot of the rows around.
    std::optional<bound::VariableId> first = std::nullopt;
    bool returns_row_number = true;
    bool only_counts = false;  // nothing of its rows counts but how many there are
  };
  absl::StatusOr<Inner> EmitInner(const Pipeline& steps, const ColumnSet& arguments,
                                  const std::vector<PlanColumn>& results, const InnerForm& form);
  absl::StatusOr<eval::Program> Compile(const bound::Expression& expression);
  bool HasSlot(const PlanColumn& column) const;
  uint32_t SlotOf(const PlanColumn& column) const;
  uint32_t SlotOf(bound::VariableId variable) const { return SlotOf(PlanColumn{variable}); }
  // The slots of expressions; those that are in none yet are computed.
  absl::StatusOr<std::vector<uint32_t>> SlotsOf(
      absl::Span<const bound::Expression* const> expressions);
  // Those elements of `variables` that the rows have as a whole, by `uses`.
  std::vector<plan::WholeElement> WholeOf(const std::vector<bound::VariableId>& variables,
                                          const ColumnSet& uses) const;
  // New slots at the end of the root's; an error when a row would have too many.
  absl::Status AddColumns(const std::vector<PlanColumn>& columns, Source source);
  absl::Status AddSlots(size_t count, Source source);
  // The operator becomes the root, above the root so far.
  absl::Status Push(std::unique_ptr<plan::Operator> node, std::string details, Source source);
  // The root numbers its slots anew: they are these columns.
  void SetLayout(const std::vector<PlanColumn>& columns);

  // For people.
  std::string TextOf(const bound::Expression& expression) const;
  std::string TextOf(bound::VariableId variable) const { return variables_.TextOf(variable); }
  std::string TextOf(const PlanColumn& column) const;
  std::string TextOf(absl::Span<const bound::VariableId> variables) const;
  const bound::Statement& statement() const { return statement_; }
  const PlanVariables& variables() const { return variables_; }

 private:
  // The operators so far of the fragment that is being made.
  struct Rows {
    std::unique_ptr<plan::Operator> root;
    uint32_t operator_count = 0;
    uint32_t slot_count = 0;
    double estimate = 1;  // how many rows the root gives
    eval::Layout layout;
    absl::flat_hash_map<bound::VariableId, uint32_t> properties;  // slots of all of them
    std::optional<uint32_t> row_number;                           // the slot of the Input's
  };

  absl::Status EmitPipeline(const Pipeline& steps, const ColumnSet& after,
                            bool only_counts = false);
  absl::Status EmitStep(const Step& step, const ColumnSet& after);
  absl::Status EmitUnwind(const Step& step);
  absl::Status EmitFilter(const Step& step);
  absl::Status EmitCount(const Step& step);
  absl::Status EmitLookup(const Step& step);
  absl::Status EmitUnion(const Step& step);

  // emit_graph.cc
  absl::Status EmitScan(const Step& step);
  absl::Status EmitSeek(const Step& step);
  absl::Status EmitSeekEdge(const Step& step);
  absl::Status EmitTrail(const Step& step);
  absl::Status EmitFilterLabels(const Step& step);
  absl::Status EmitDifferentEdges(const Step& step);
  absl::Status EmitMakePath(const Step& step);
  absl::Status EmitFetch(const Step& step);
  absl::Status EmitApply(const Step& step, const ColumnSet& after);
  absl::Status EmitRemote(const Step& step, const ColumnSet& after);
  std::string TextOfEdge(const ExpandStep& expand) const;

  // emit_expand.cc
  // How an expansion is done, which follows from the steps behind it.
  struct ExpandForm {
    std::vector<bound::VariableId> other_edges;  // of a kDifferentEdges step that is part of it
    size_t last = 0;                             // the last step that is part of it
    bool is_degree = false;
    bool gives_ends = false;
  };
  // What the shard knows the number of: the vertices of a scan, or the edges that go out of or come
  // into all vertices of one.
  struct CountForm {
    size_t last = 0;  // the last step that is part of it
    const Step* expand = nullptr;
  };
  std::vector<ExpandForm> FormsOf(const Pipeline& steps, const std::vector<ColumnSet>& needed,
                                  bool only_counts) const;
  ExpandForm FormOf(const Pipeline& steps, size_t index, const std::vector<ColumnSet>& needed,
                    bool only_counts) const;
  absl::Status EmitExpand(const Step& step, const ExpandForm& form, const ColumnSet& after);
  std::optional<CountForm> CountFormOf(const Pipeline& steps, size_t index,
                                       const std::vector<ExpandForm>& forms,
                                       const std::vector<ColumnSet>& needed,
                                       bool only_counts) const;
  absl::Status EmitStoredCount(const Step& scan, const CountForm& form);
  absl::Status EmitDegree(const Step& step, const ExpandForm& form);
  // Slots that neither what is wanted behind nor these slots need.
  std::vector<uint32_t> UnreadSlots(const ColumnSet& after, std::vector<uint32_t> read) const;

  // emit_projection.cc
  absl::Status EmitProject(const Step& step);
  absl::Status EmitAggregate(const Step& step);
  absl::Status EmitDistinct(const Step& step);
  absl::Status EmitSort(const Step& step, const ColumnSet& after);

  std::optional<uint32_t> Find(const PlanColumn& column) const;
  void SetSlot(const PlanColumn& column, uint32_t slot);
  void Prune(const ColumnSet& after);
  std::optional<uint32_t> FindSlot(const bound::Expression& expression) const;

  const bound::Statement& statement_;
  const PlanVariables& variables_;
  MadeExpressions& make_;
  const eval::ComputedParts& computed_;
  const Statistics& statistics_;
  Rows rows_;
  mutable absl::Status error_;   // the first column without a slot
  uint32_t operator_count_ = 0;  // of all fragments
};

// Each once, in ascending order.
std::vector<uint32_t> IdsOf(absl::Span<const bound::Name> names);
// "A:B", for people.
std::string TextOfNames(absl::Span<const bound::Name> names, std::string_view separator);
// ":A:B", or nothing.
std::string LabelText(absl::Span<const bound::Name> labels);

}  // namespace tidemark::query
