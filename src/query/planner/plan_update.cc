// SPDX-License-Identifier: Apache-2.0
#include "query/planner/plan_update.h"

#include <string_view>

#include "query/text/error.h"

namespace tidemark::query {
namespace {

std::string_view ClauseText(bound::ClauseKind kind) {
  switch (kind) {
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
    default:
      return "This clause";
  }
}

}  // namespace

absl::Status AddUpdate(const bound::Clause& clause, StepBuilder* builder, Pipeline*) {
  return ToStatus(MakeError(ErrorId::kNotSupported, builder->statement().text, clause.source.offset,
                            {ClauseText(clause.kind)}));
}

absl::Status EmitUpdate(const Step&, const ColumnSet&, Emitter*) {
  return absl::InternalError("no clause is planned as an update");
}

}  // namespace tidemark::query
