// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"
#include "query/text/suggestion.h"

namespace tidemark::query {
namespace {

std::string ArgumentCount(size_t count) {
  return absl::StrCat(count, count == 1 ? " argument" : " arguments");
}

size_t RequiredInputs(const ProcedureSignature& procedure) {
  size_t count = procedure.inputs.size();
  while (count > 0 && procedure.inputs[count - 1].default_value.has_value()) --count;
  return count;
}

}  // namespace

const bound::Clause* StatementBinder::BindProcedureCall(const CallClause& call, QueryState* state) {
  const ProcedureSignature* procedure = context_.procedures->Find(call.procedure.text);
  if (procedure == nullptr) {
    const std::string_view nearest = Nearest(call.procedure.text, context_.procedures->Names());
    Fail(ErrorId::kProcedureNotFound, call.procedure.source,
         {call.procedure.text,
          nearest.empty() ? "" : absl::StrCat("; did you mean `", ToAbsl(nearest), "`?")});
    return nullptr;
  }
  const std::vector<Expr> arguments = call.has_arguments
                                          ? BindProcedureArguments(call, *procedure)
                                          : ArgumentsFromParameters(call, *procedure);
  const std::vector<bound::Output> outputs = BindYield(call, *procedure, state);
  std::vector<bound::Predicate> where;
  if (call.yield.where != nullptr) SplitCondition(BindCondition(*call.yield.where), &where);
  state->writes = state->writes || procedure->writes;
  return arena_->New<bound::ProcedureCall>(bound::Clause{bound::ProcedureCall::kKind, call.source},
                                           call.optional, procedure, Keep(arguments), Keep(outputs),
                                           Keep(where));
}

std::vector<StatementBinder::Expr> StatementBinder::BindProcedureArguments(
    const CallClause& call, const ProcedureSignature& procedure) {
  std::vector<Expr> arguments = BindArguments(call.arguments);
  const size_t required = RequiredInputs(procedure);
  const size_t most = procedure.inputs.size();
  if (arguments.size() < required || arguments.size() > most) {
    const std::string takes = required == most
                                  ? ArgumentCount(most)
                                  : absl::StrCat(required, " to ", ArgumentCount(most));
    Fail(ErrorId::kInvalidNumberOfArguments, call.procedure.source,
         {call.procedure.text, takes, absl::StrCat(arguments.size())});
    return arguments;
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    CypherType wanted = procedure.inputs[i].type;
    if (wanted.Meets(kFloatType)) wanted = wanted | kIntegerType;
    Expect(arguments[i], wanted);
  }
  for (size_t i = arguments.size(); i < most; ++i) {
    arguments.push_back(Make<bound::IntegerLiteral>(kIntegerType, call.source, {},
                                                    *procedure.inputs[i].default_value));
  }
  return arguments;
}

// CALL name: each input is the parameter of its name.
std::vector<StatementBinder::Expr> StatementBinder::ArgumentsFromParameters(
    const CallClause& call, const ProcedureSignature& procedure) {
  std::vector<Expr> arguments;
  for (const ProcedureInput& input : procedure.inputs) {
    if (input.default_value.has_value()) {
      arguments.push_back(
          Make<bound::IntegerLiteral>(kIntegerType, call.source, {}, *input.default_value));
      continue;
    }
    arguments.push_back(Make<bound::ParameterReference>(
        kAnyType.OrNull(), call.source, {}, UseParameter(input.name, call.procedure.source)));
  }
  return arguments;
}

std::vector<bound::Output> StatementBinder::BindYield(const CallClause& call,
                                                      const ProcedureSignature& procedure,
                                                      QueryState* state) {
  std::vector<bound::Output> outputs;
  const auto add = [&](uint32_t column, const Name& name) {
    CypherType type = procedure.outputs[column].type;
    if (call.optional) type = type.OrNull();
    outputs.push_back({column, DeclareNew(name, type, state->scope)});
    if (state->is_alone) {
      state->columns.push_back({variables_[outputs.back().variable].name, outputs.back().variable});
      state->has_columns = true;
    }
  };
  for (const YieldItem& item : call.yield.items) {
    const std::optional<uint32_t> column = FindOutput(procedure, item.field.text);
    if (!column.has_value()) {
      Fail(ErrorId::kUndefinedVariable, item.field.source, {item.field.text});
      return outputs;
    }
    add(*column, item.alias.empty() ? item.field : item.alias);
  }
  const bool takes_all = call.yield.all || (state->is_alone && !call.yield.present);
  for (uint32_t i = 0; takes_all && i < procedure.outputs.size(); ++i) {
    add(i, {procedure.outputs[i].name, call.procedure.source});
  }
  if (!takes_all && !call.yield.present && !procedure.outputs.empty()) {
    FailLast(ErrorId::kUnexpectedSyntax, call.procedure.source,
             {"What a procedure gives inside of a query is named: CALL ... YIELD ..."});
  }
  return outputs;
}

std::optional<uint32_t> StatementBinder::FindOutput(const ProcedureSignature& procedure,
                                                    std::string_view name) {
  for (uint32_t i = 0; i < procedure.outputs.size(); ++i) {
    if (procedure.outputs[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace tidemark::query
