// SPDX-License-Identifier: Apache-2.0
// The inside of Compile.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "query/eval/program.h"

namespace tidemark::query::eval {

// What an expression computes from the values of others.
struct Applied {
  Operation operation;
  absl::InlinedVector<const bound::Expression*, 4> operands;
};
// REQUIRES: the expression is neither a leaf nor one whose parts are evaluated in an order of their
// own, as those of AND and CASE are.
Applied AppliedOf(const bound::Expression& expression);
OperationKind KindOf(bound::BinaryOperator op);
OperationKind KindOf(bound::ComparisonOperator op);
// coalesce() evaluates its arguments one after the other.
bool IsCoalesce(const bound::Expression& expression);
// The steps that decide a label test.
std::vector<LabelStep> LabelStepsOf(const bound::LabelTest& test);
// The largest parts of an expression that are literals, with or without a sign, or lists and maps
// of them, however large they are.
absl::flat_hash_set<const bound::Expression*> LiteralParts(const bound::Expression& expression);
// The value of such a part; nothing when it has none.
std::optional<graph::Value> LiteralOf(const bound::Expression& expression);
// The largest parts of an expression that Fold would take, as far as can be seen without trying.
absl::flat_hash_set<const bound::Expression*> FoldableParts(const bound::Expression& expression);

// Owner: Compile. Threads: one.
class Compiler {
 public:
  Compiler(const Layout* layout, std::string_view statement)
      : layout_(*layout), statement_(statement) {}

  // Constant parts are computed at once if `fold` says so.
  absl::StatusOr<Code> Translate(const bound::Expression& expression, bool fold);

 private:
  // A register with the value of the expression for all rows that are open.
  RegisterId Emit(const bound::Expression& expression);
  RegisterId EmitLogic(const bound::Logic& logic);
  RegisterId EmitChain(const bound::Operation& chain);
  RegisterId EmitComparison(const bound::Comparison& comparison);
  RegisterId EmitCase(const bound::Case& node);
  RegisterId EmitCoalesce(const bound::Call& call);
  RegisterId EmitApplied(const bound::Expression& expression);
  RegisterId EmitNested(const bound::Expression& expression);
  // The labels of the variable that n:A tests, when they are in a slot.
  std::optional<RegisterId> LabelsOf(const bound::Expression& expression);
  // A register that needs no instruction.
  std::optional<RegisterId> FindLeaf(const bound::Expression& expression);
  RegisterId RegisterOf(bound::VariableId variable);
  RegisterId LoadOf(Load::From from, uint32_t index);
  RegisterId ConstantOf(graph::Value value);
  RegisterId Compute(Operation operation, std::vector<RegisterId> arguments);
  void Step(InstructionKind kind, std::vector<RegisterId> arguments, Source source);

  // Row instructions that push the value of the expression.
  void EmitRows(const bound::Expression& expression);
  void EmitRowsLogic(const bound::Logic& logic);
  void EmitRowsChain(const bound::Operation& chain);
  void EmitRowsComparison(const bound::Comparison& comparison);
  void EmitRowsCase(const bound::Case& node);
  void EmitRowsCoalesce(const bound::Call& call);
  void EmitRowsLoop(const bound::Expression& expression);
  void EmitRowsReduce(const bound::Reduce& reduce);
  uint32_t Row(RowInstructionKind kind, Source source, uint32_t a = 0, uint32_t b = 0);
  void ApplyRows(Operation operation, uint32_t operand_count);
  uint32_t here() const { return static_cast<uint32_t>(code_.rows.size()); }
  void JumpHere(uint32_t instruction) { code_.rows[instruction].a = here(); }
  uint32_t NewLocal() { return code_.local_count++; }

  RegisterId NewRegister() { return code_.register_count++; }
  uint32_t AddOperation(Operation operation);
  void Refuse(Source source, std::string_view what);
  bool IsLocal(bound::VariableId variable) const { return locals_.contains(variable); }

  const Layout& layout_;
  const std::string_view statement_;
  Code code_;
  absl::Status failure_;
  absl::flat_hash_set<const bound::Expression*> literals_;
  absl::flat_hash_set<const bound::Expression*> foldable_;
  absl::flat_hash_map<std::pair<Load::From, uint32_t>, RegisterId> loads_;
  absl::flat_hash_map<bound::VariableId, RegisterId> subjects_;  // of CASE
  absl::flat_hash_map<bound::VariableId, uint32_t> locals_;
};

}  // namespace tidemark::query::eval
