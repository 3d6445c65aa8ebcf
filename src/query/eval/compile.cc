// SPDX-License-Identifier: Apache-2.0
// Expressions as instructions over registers.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "query/eval/compiler.h"
#include "query/functions/failures.h"
#include "query/text/error.h"

namespace tidemark::query::eval {

using bound::ExpressionKind;
using graph::Value;

namespace {

// More would take too long to be sent to a worker, and a column each when it is run.
constexpr size_t kMaxProgramSteps = 20'000;

}  // namespace

absl::StatusOr<Code> Compiler::Translate(const bound::Expression& expression, bool fold) {
  literals_ = LiteralParts(expression);
  if (fold) foldable_ = FoldableParts(expression);
  code_.result = Emit(expression);
  const size_t step_count =
      std::max(code_.instructions.size() + code_.rows.size(), code_.loads.size());
  if (step_count > kMaxProgramSteps) {
    return AtPlace(
        Failure(ErrorId::kUnexpectedSyntax,
                {absl::StrCat("An expression takes ", step_count, " steps, more than ",
                              kMaxProgramSteps, "; use parameters and lists for values")}),
        statement_, expression.source.offset);
  }
  if (!failure_.ok()) return failure_;
  return std::move(code_);
}

void Compiler::Refuse(Source source, std::string_view what) {
  if (!failure_.ok()) return;
  failure_ = AtPlace(NotSupportedYet(what), statement_, source.offset);
}

uint32_t Compiler::AddOperation(Operation operation) {
  code_.operations.push_back(std::move(operation));
  return static_cast<uint32_t>(code_.operations.size() - 1);
}

RegisterId Compiler::LoadOf(Load::From from, uint32_t index) {
  const auto [it, is_new] = loads_.try_emplace({from, index}, 0);
  if (!is_new) return it->second;
  it->second = NewRegister();
  code_.loads.push_back({from, index, it->second});
  return it->second;
}

RegisterId Compiler::ConstantOf(Value value) {
  code_.constants.push_back(std::move(value));
  return LoadOf(Load::From::kConstant, static_cast<uint32_t>(code_.constants.size() - 1));
}

RegisterId Compiler::RegisterOf(bound::VariableId variable) {
  if (const auto it = subjects_.find(variable); it != subjects_.end()) return it->second;
  const auto it = layout_.variables.find(variable);
  CHECK(it != layout_.variables.end()) << "variable " << variable << " has no slot";
  return LoadOf(Load::From::kSlot, it->second);
}

std::optional<RegisterId> Compiler::FindLeaf(const bound::Expression& expression) {
  if (layout_.computed != nullptr) {
    const auto it = layout_.computed->find(&expression);
    if (it != layout_.computed->end()) return RegisterOf(it->second);
  }
  // One of several may have no value, as -null has none: then its parts are looked at one by one.
  if (expression.kind <= ExpressionKind::kString || literals_.contains(&expression)) {
    if (std::optional<Value> literal = LiteralOf(expression)) {
      return ConstantOf(*std::move(literal));
    }
  }
  switch (expression.kind) {
    case ExpressionKind::kParameter:
      return LoadOf(Load::From::kParameter, As<bound::ParameterReference>(expression).parameter);
    case ExpressionKind::kVariable: {
      const bound::VariableId variable = As<bound::VariableReference>(expression).variable;
      if (IsLocal(variable)) return std::nullopt;
      return RegisterOf(variable);
    }
    case ExpressionKind::kSubplan: {
      // Its plan fills a column, so it cannot look at what has another value at each turn.
      const auto& subplan = As<bound::Subplan>(expression);
      for (const bound::VariableId argument : subplan.arguments) {
        if (!IsLocal(argument)) continue;
        Refuse(expression.source,
               "A pattern or subquery that uses the variable of a list expression around it");
        return ConstantOf(Value());
      }
      return RegisterOf(subplan.result);
    }
    case ExpressionKind::kProperty: {
      const auto& property = As<bound::Property>(expression);
      if (property.base->kind != ExpressionKind::kVariable) return std::nullopt;
      const bound::VariableId variable = As<bound::VariableReference>(*property.base).variable;
      const auto it = layout_.properties.find({variable, std::string(property.key.text)});
      if (it == layout_.properties.end()) return std::nullopt;
      return LoadOf(Load::From::kSlot, it->second);
    }
    default:
      break;
  }
  if (!foldable_.contains(&expression)) return std::nullopt;
  std::optional<Value> value = Fold(expression);
  if (value.has_value()) return ConstantOf(*std::move(value));
  foldable_.erase(&expression);
  return std::nullopt;
}

RegisterId Compiler::Compute(Operation operation, std::vector<RegisterId> arguments) {
  const RegisterId result = NewRegister();
  Instruction step{.kind = InstructionKind::kCompute, .result = result};
  step.source = operation.source;
  step.operation = AddOperation(std::move(operation));
  step.arguments = std::move(arguments);
  code_.instructions.push_back(std::move(step));
  return result;
}

void Compiler::Step(InstructionKind kind, std::vector<RegisterId> arguments, Source source) {
  Instruction step{.kind = kind, .source = source};
  step.arguments = std::move(arguments);
  code_.instructions.push_back(std::move(step));
}

RegisterId Compiler::Emit(const bound::Expression& expression) {
  if (const std::optional<RegisterId> leaf = FindLeaf(expression)) return *leaf;
  switch (expression.kind) {
    case ExpressionKind::kLogic:
      return EmitLogic(As<bound::Logic>(expression));
    case ExpressionKind::kOperation:
      return EmitChain(As<bound::Operation>(expression));
    case ExpressionKind::kComparison:
      return EmitComparison(As<bound::Comparison>(expression));
    case ExpressionKind::kCase:
      return EmitCase(As<bound::Case>(expression));
    case ExpressionKind::kListComprehension:
    case ExpressionKind::kListPredicate:
    case ExpressionKind::kReduce:
      return EmitNested(expression);
    default:
      if (IsCoalesce(expression)) return EmitCoalesce(As<bound::Call>(expression));
      return EmitApplied(expression);
  }
}

RegisterId Compiler::EmitApplied(const bound::Expression& expression) {
  Applied applied = AppliedOf(expression);
  std::vector<RegisterId> arguments;
  if (const std::optional<RegisterId> labels = LabelsOf(expression)) {
    applied.operation.kind = OperationKind::kHasLabelIds;
    return Compute(std::move(applied.operation), {*labels});
  }
  for (const bound::Expression* operand : applied.operands) arguments.push_back(Emit(*operand));
  return Compute(std::move(applied.operation), std::move(arguments));
}

std::optional<RegisterId> Compiler::LabelsOf(const bound::Expression& expression) {
  if (expression.kind != ExpressionKind::kHasLabels) return std::nullopt;
  const auto& test = As<bound::HasLabels>(expression);
  if (test.operand->kind != ExpressionKind::kVariable || test.is_either) return std::nullopt;
  const auto it = layout_.labels.find(As<bound::VariableReference>(*test.operand).variable);
  if (it == layout_.labels.end()) return std::nullopt;
  return LoadOf(Load::From::kSlot, it->second);
}

RegisterId Compiler::EmitChain(const bound::Operation& chain) {
  RegisterId left = Emit(*chain.operands[0]);
  for (size_t i = 0; i < chain.operators.size(); ++i) {
    const RegisterId right = Emit(*chain.operands[i + 1]);
    left = Compute({.kind = KindOf(chain.operators[i]), .source = chain.source}, {left, right});
  }
  return left;
}

RegisterId Compiler::EmitLogic(const bound::Logic& logic) {
  Step(InstructionKind::kBeginLogic, {}, logic.source);
  code_.instructions.back().logic = logic.op;
  for (const bound::Expression* operand : logic.operands) {
    const RegisterId value = Emit(*operand);
    Step(InstructionKind::kOperand, {value}, operand->source);
  }
  Step(InstructionKind::kEndLogic, {}, logic.source);
  return code_.instructions.back().result = NewRegister();
}

RegisterId Compiler::EmitComparison(const bound::Comparison& comparison) {
  const auto compare = [&](size_t i, RegisterId left, RegisterId right) {
    return Compute({.kind = KindOf(comparison.operators[i]), .source = comparison.source},
                   {left, right});
  };
  if (comparison.operators.size() == 1) {
    const RegisterId left = Emit(*comparison.operands[0]);
    return compare(0, left, Emit(*comparison.operands[1]));
  }
  Step(InstructionKind::kBeginLogic, {}, comparison.source);
  RegisterId left = Emit(*comparison.operands[0]);
  for (size_t i = 0; i < comparison.operators.size(); ++i) {
    const RegisterId right = Emit(*comparison.operands[i + 1]);
    Step(InstructionKind::kOperand, {compare(i, left, right)}, comparison.source);
    left = right;
  }
  Step(InstructionKind::kEndLogic, {}, comparison.source);
  return code_.instructions.back().result = NewRegister();
}

RegisterId Compiler::EmitCase(const bound::Case& node) {
  if (node.subject != bound::kNoVariable) subjects_[node.subject] = Emit(*node.subject_value);
  Step(InstructionKind::kBeginCase, {}, node.source);
  for (size_t i = 0; i < node.alternatives.size(); ++i) {
    const bound::CaseAlternative& alternative = node.alternatives[i];
    const RegisterId condition = Emit(*alternative.condition);
    Step(InstructionKind::kWhen, {condition}, alternative.condition->source);
    // WHEN a, b THEN c is two alternatives with one result.
    const bool is_last_of_result =
        i + 1 == node.alternatives.size() || node.alternatives[i + 1].result != alternative.result;
    if (!is_last_of_result) continue;
    Step(InstructionKind::kEnter, {}, alternative.result->source);
    const RegisterId result = Emit(*alternative.result);
    Step(InstructionKind::kTake, {result}, alternative.result->source);
  }
  if (node.otherwise != nullptr) {
    const RegisterId result = Emit(*node.otherwise);
    Step(InstructionKind::kTake, {result}, node.otherwise->source);
  }
  Step(InstructionKind::kEndCase, {}, node.source);
  return code_.instructions.back().result = NewRegister();
}

RegisterId Compiler::EmitCoalesce(const bound::Call& call) {
  Step(InstructionKind::kBeginCase, {}, call.source);
  for (const bound::Expression* argument : call.arguments) {
    const RegisterId value = Emit(*argument);
    Step(InstructionKind::kTakeNotNull, {value}, argument->source);
  }
  Step(InstructionKind::kEndCase, {}, call.source);
  return code_.instructions.back().result = NewRegister();
}

RegisterId Compiler::EmitNested(const bound::Expression& expression) {
  const uint32_t begin = here();
  EmitRows(expression);
  Instruction step{.kind = InstructionKind::kRunRows, .result = NewRegister(), .begin = begin};
  step.end = here();
  step.source = expression.source;
  code_.instructions.push_back(std::move(step));
  return code_.instructions.back().result;
}

absl::StatusOr<Program> Compile(const bound::Expression& expression, const Layout& layout,
                                std::string_view statement) {
  Program program;
  program.needs = NeedsOf(expression, layout.computed);
  program.may_raise = expression.may_raise;
  program.is_volatile = expression.is_volatile;
  program.is_constant = expression.is_constant;
  program.source = expression.source;
  ASSIGN_OR_RETURN(program.code, Compiler(&layout, statement).Translate(expression, /*fold=*/true));
  return program;
}

}  // namespace tidemark::query::eval
