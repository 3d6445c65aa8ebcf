// SPDX-License-Identifier: Apache-2.0
// Expressions as row instructions.
#include <utility>

#include "base/check.h"
#include "query/eval/compiler.h"

namespace tidemark::query::eval {

using bound::ExpressionKind;
using graph::Value;

uint32_t Compiler::Row(RowInstructionKind kind, Source source, uint32_t a, uint32_t b) {
  code_.rows.push_back({.kind = kind, .a = a, .b = b, .source = source});
  return here() - 1;
}

void Compiler::ApplyRows(Operation operation, uint32_t operand_count) {
  const Source source = operation.source;
  Row(RowInstructionKind::kApply, source, AddOperation(std::move(operation)), operand_count);
}

void Compiler::EmitRows(const bound::Expression& expression) {
  if (const std::optional<RegisterId> leaf = FindLeaf(expression)) {
    Row(RowInstructionKind::kPushRegister, expression.source, *leaf);
    return;
  }
  switch (expression.kind) {
    case ExpressionKind::kVariable:
      Row(RowInstructionKind::kPushLocal, expression.source,
          locals_.at(As<bound::VariableReference>(expression).variable));
      return;
    case ExpressionKind::kLogic:
      return EmitRowsLogic(As<bound::Logic>(expression));
    case ExpressionKind::kOperation:
      return EmitRowsChain(As<bound::Operation>(expression));
    case ExpressionKind::kComparison:
      return EmitRowsComparison(As<bound::Comparison>(expression));
    case ExpressionKind::kCase:
      return EmitRowsCase(As<bound::Case>(expression));
    case ExpressionKind::kListComprehension:
    case ExpressionKind::kListPredicate:
      return EmitRowsLoop(expression);
    case ExpressionKind::kReduce:
      return EmitRowsReduce(As<bound::Reduce>(expression));
    default:
      break;
  }
  if (IsCoalesce(expression)) return EmitRowsCoalesce(As<bound::Call>(expression));
  Applied applied = AppliedOf(expression);
  if (const std::optional<RegisterId> labels = LabelsOf(expression)) {
    applied.operation.kind = OperationKind::kHasLabelIds;
    Row(RowInstructionKind::kPushRegister, expression.source, *labels);
    return ApplyRows(std::move(applied.operation), 1);
  }
  for (const bound::Expression* operand : applied.operands) EmitRows(*operand);
  ApplyRows(std::move(applied.operation), static_cast<uint32_t>(applied.operands.size()));
}

void Compiler::EmitRowsChain(const bound::Operation& chain) {
  EmitRows(*chain.operands[0]);
  for (size_t i = 0; i < chain.operators.size(); ++i) {
    EmitRows(*chain.operands[i + 1]);
    ApplyRows({.kind = KindOf(chain.operators[i]), .source = chain.source}, 2);
  }
}

void Compiler::EmitRowsLogic(const bound::Logic& logic) {
  Row(RowInstructionKind::kBeginLogic, logic.source);
  code_.rows.back().logic = logic.op;
  std::vector<uint32_t> decisions;
  for (const bound::Expression* operand : logic.operands) {
    const uint32_t attempt = Row(RowInstructionKind::kTryOperand, operand->source);
    EmitRows(*operand);
    decisions.push_back(Row(RowInstructionKind::kOperand, operand->source));
    JumpHere(attempt);
  }
  for (const uint32_t decision : decisions) JumpHere(decision);
  Row(RowInstructionKind::kEndLogic, logic.source);
}

void Compiler::EmitRowsComparison(const bound::Comparison& comparison) {
  const auto compare = [&](size_t i) {
    ApplyRows({.kind = KindOf(comparison.operators[i]), .source = comparison.source}, 2);
  };
  if (comparison.operators.size() == 1) {
    EmitRows(*comparison.operands[0]);
    EmitRows(*comparison.operands[1]);
    return compare(0);
  }
  // Each operand in the middle is computed once. Null stands for one that raised.
  const uint32_t middle = NewLocal();
  const RegisterId null = ConstantOf(Value());
  Row(RowInstructionKind::kBeginLogic, comparison.source);
  std::vector<uint32_t> decisions;
  for (size_t i = 0; i < comparison.operators.size(); ++i) {
    const uint32_t attempt = Row(RowInstructionKind::kTryOperand, comparison.source);
    if (i == 0) {
      Row(RowInstructionKind::kPushRegister, comparison.source, null);
      Row(RowInstructionKind::kStoreLocal, comparison.source, middle);
      EmitRows(*comparison.operands[0]);
    } else {
      Row(RowInstructionKind::kPushLocal, comparison.source, middle);
      Row(RowInstructionKind::kPushRegister, comparison.source, null);
      Row(RowInstructionKind::kStoreLocal, comparison.source, middle);
    }
    EmitRows(*comparison.operands[i + 1]);
    Row(RowInstructionKind::kStoreLocal, comparison.source, middle);
    Row(RowInstructionKind::kPushLocal, comparison.source, middle);
    compare(i);
    decisions.push_back(Row(RowInstructionKind::kOperand, comparison.source));
    JumpHere(attempt);
  }
  for (const uint32_t decision : decisions) JumpHere(decision);
  Row(RowInstructionKind::kEndLogic, comparison.source);
}

void Compiler::EmitRowsCase(const bound::Case& node) {
  if (node.subject != bound::kNoVariable) {
    EmitRows(*node.subject_value);
    const uint32_t subject = locals_[node.subject] = NewLocal();
    Row(RowInstructionKind::kStoreLocal, node.source, subject);
  }
  std::vector<uint32_t> to_result;
  std::vector<uint32_t> to_end;
  for (size_t i = 0; i < node.alternatives.size(); ++i) {
    const bound::CaseAlternative& alternative = node.alternatives[i];
    EmitRows(*alternative.condition);
    const bool is_last_of_result =
        i + 1 == node.alternatives.size() || node.alternatives[i + 1].result != alternative.result;
    if (!is_last_of_result) {
      to_result.push_back(Row(RowInstructionKind::kJumpIfTrue, alternative.condition->source));
      continue;
    }
    const uint32_t to_next =
        Row(RowInstructionKind::kJumpUnlessTrue, alternative.condition->source);
    for (const uint32_t jump : to_result) JumpHere(jump);
    to_result.clear();
    EmitRows(*alternative.result);
    to_end.push_back(Row(RowInstructionKind::kJump, node.source));
    JumpHere(to_next);
  }
  if (node.otherwise != nullptr) {
    EmitRows(*node.otherwise);
  } else {
    Row(RowInstructionKind::kPushRegister, node.source, ConstantOf(Value()));
  }
  for (const uint32_t jump : to_end) JumpHere(jump);
}

void Compiler::EmitRowsCoalesce(const bound::Call& call) {
  std::vector<uint32_t> to_end;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    EmitRows(*call.arguments[i]);
    if (i + 1 < call.arguments.size()) {
      to_end.push_back(Row(RowInstructionKind::kJumpIfNotNull, call.source));
    }
  }
  for (const uint32_t jump : to_end) JumpHere(jump);
}

// A list comprehension or a quantifier.
void Compiler::EmitRowsLoop(const bound::Expression& expression) {
  LoopKind loop = LoopKind::kComprehension;
  bound::VariableId variable = 0;
  const bound::Expression* list = nullptr;
  const bound::Expression* where = nullptr;
  const bound::Expression* projection = nullptr;
  if (expression.kind == ExpressionKind::kListComprehension) {
    const auto& node = As<bound::ListComprehension>(expression);
    variable = node.variable;
    list = node.list;
    where = node.where;
    projection = node.projection;
  } else {
    const auto& node = As<bound::ListPredicate>(expression);
    constexpr LoopKind kLoops[] = {LoopKind::kAll, LoopKind::kAny, LoopKind::kNone,
                                   LoopKind::kSingle};
    loop = kLoops[static_cast<int>(node.predicate)];
    variable = node.variable;
    list = node.list;
    projection = node.where;
  }
  EmitRows(*list);
  const uint32_t local = locals_[variable] = NewLocal();
  const uint32_t begin = Row(RowInstructionKind::kBeginLoop, list->source);
  code_.rows[begin].loop = loop;
  const uint32_t next = Row(RowInstructionKind::kNext, expression.source, 0, local);
  if (where != nullptr) {
    EmitRows(*where);
    Row(RowInstructionKind::kJumpUnlessTrue, where->source, next);
  }
  if (projection != nullptr) {
    EmitRows(*projection);
  } else {
    Row(RowInstructionKind::kPushLocal, expression.source, local);
  }
  const bool is_list = loop == LoopKind::kComprehension;
  Row(is_list ? RowInstructionKind::kKeep : RowInstructionKind::kTally,
      is_list ? expression.source : projection->source);
  Row(RowInstructionKind::kJump, expression.source, next);
  JumpHere(begin);
  JumpHere(next);
}

void Compiler::EmitRowsReduce(const bound::Reduce& reduce) {
  EmitRows(*reduce.start);
  EmitRows(*reduce.list);
  const uint32_t accumulator = locals_[reduce.accumulator] = NewLocal();
  const uint32_t local = locals_[reduce.variable] = NewLocal();
  const uint32_t begin = Row(RowInstructionKind::kBeginLoop, reduce.list->source, 0, accumulator);
  code_.rows[begin].loop = LoopKind::kReduce;
  const uint32_t next = Row(RowInstructionKind::kNext, reduce.source, 0, local);
  EmitRows(*reduce.step);
  Row(RowInstructionKind::kStoreLocal, reduce.source, accumulator);
  Row(RowInstructionKind::kJump, reduce.source, next);
  JumpHere(begin);
  JumpHere(next);
}

}  // namespace tidemark::query::eval
