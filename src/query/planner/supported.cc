// SPDX-License-Identifier: Apache-2.0
#include "query/planner/supported.h"

#include <string_view>

#include "base/status.h"
#include "query/binder/uses.h"
#include "query/text/error.h"

namespace tidemark::query {
namespace {

std::string_view ClauseText(bound::ClauseKind kind) {
  switch (kind) {
    case bound::ClauseKind::kMatch:
      return "MATCH";
    case bound::ClauseKind::kUnwind:
      return "UNWIND";
    case bound::ClauseKind::kProcedureCall:
      return "CALL of a procedure";
    case bound::ClauseKind::kShow:
      return "SHOW";
    case bound::ClauseKind::kSubquery:
      return "CALL with a subquery";
    case bound::ClauseKind::kCreate:
      return "CREATE";
    case bound::ClauseKind::kMerge:
      return "MERGE";
    case bound::ClauseKind::kSet:
      return "SET or REMOVE";
    case bound::ClauseKind::kDelete:
      return "DELETE";
    case bound::ClauseKind::kForeach:
      return "FOREACH";
  }
  return "This clause";
}

class Checker {
 public:
  explicit Checker(const bound::Statement& statement) : statement_(statement) {}

  absl::Status Check() {
    if (statement_.command != nullptr) {
      return Refuse("A command of the schema", statement_.command->source);
    }
    for (const bound::SingleQuery* branch : statement_.query->branches) {
      for (const bound::Part& part : branch->parts) RETURN_IF_ERROR(CheckPart(part));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Refuse(std::string_view what, Source source) const {
    return ToStatus(MakeError(ErrorId::kNotSupported, statement_.text, source.offset, {what}));
  }

  absl::Status CheckPart(const bound::Part& part) const {
    for (const bound::Clause* clause : part.clauses) {
      if (clause->kind != bound::ClauseKind::kUnwind) {
        return Refuse(ClauseText(clause->kind), clause->source);
      }
      RETURN_IF_ERROR(CheckExpression(*bound::As<bound::Unwind>(*clause).list));
    }
    return part.projection == nullptr ? absl::OkStatus() : CheckProjection(*part.projection);
  }

  absl::Status CheckProjection(const bound::Projection& projection) const {
    for (const bound::Projected& key : projection.keys) {
      RETURN_IF_ERROR(CheckExpression(*key.expression));
    }
    for (const bound::Aggregate& aggregate : projection.aggregates) {
      for (const auto* argument : aggregate.arguments) RETURN_IF_ERROR(CheckExpression(*argument));
    }
    for (const bound::Projected& item : projection.items) {
      RETURN_IF_ERROR(CheckExpression(*item.expression));
    }
    for (const bound::SortKey& key : projection.order) {
      RETURN_IF_ERROR(CheckExpression(*key.expression));
    }
    for (const bound::Predicate& predicate : projection.where) {
      RETURN_IF_ERROR(CheckExpression(*predicate.condition));
    }
    return absl::OkStatus();
  }

  absl::Status CheckExpression(const bound::Expression& expression) const {
    if (expression.kind == bound::ExpressionKind::kSubplan) {
      return Refuse("A pattern or subquery in an expression", expression.source);
    }
    absl::Status status;
    ForEachPart(expression, [&](const bound::Expression& part) {
      if (status.ok()) status = CheckExpression(part);
    });
    return status;
  }

  const bound::Statement& statement_;
};

}  // namespace

absl::Status CheckSupported(const bound::Statement& statement) {
  return Checker(statement).Check();
}

}  // namespace tidemark::query
