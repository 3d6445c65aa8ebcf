// SPDX-License-Identifier: Apache-2.0
// Several DELETE in one statement: a vertex that still has edges waits for the last of them.
#include <vector>

#include "query/planner/plan_update.h"

namespace tidemark::query {
namespace {

bool IsPlainDelete(const Step& step) {
  return step.update != nullptr && step.update->kind == bound::ClauseKind::kDelete &&
         !bound::As<bound::Delete>(*step.update).is_detach;
}

void FindDeletes(Pipeline* steps, bool is_repeated, std::vector<Step*>* deletes,
                 bool* must_postpone) {
  for (Step& step : *steps) {
    if (IsPlainDelete(step)) {
      deletes->push_back(&step);
      *must_postpone = *must_postpone || is_repeated || deletes->size() > 1;
    }
    FindDeletes(&step.inner, true, deletes, must_postpone);
    for (Pipeline& branch : step.branches) {
      FindDeletes(&branch, is_repeated, deletes, must_postpone);
    }
  }
}

}  // namespace

void AddLastDelete(Pipeline* steps) {
  static const bound::Delete kNothing{{bound::Delete::kKind, {}}, false, {}};
  std::vector<Step*> deletes;
  bool must_postpone = false;
  FindDeletes(steps, false, &deletes, &must_postpone);
  if (!must_postpone) return;
  for (Step* step : deletes) step->postpones = true;
  Step last{.kind = StepKind::kUpdate, .place = Place::kHome};
  last.update = &kNothing;
  last.takes_postponed = true;
  steps->push_back(std::move(last));
}

}  // namespace tidemark::query
