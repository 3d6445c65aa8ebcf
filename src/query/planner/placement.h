// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "query/planner/made_expressions.h"
#include "query/planner/plan_variables.h"
#include "query/planner/step.h"

namespace tidemark::query {

// Puts steps in their places: those that run at workers become the inner pipelines of kRemote
// steps, as many of them together as can; what they read of elements is fetched (kFetch) where the
// element's owner works on the row anyway, and looked up (kLookup) where no column can answer.
// Owner: MakePlan, for one pipeline; it makes others for inner ones. Threads: one.
class Placement {
 public:
  // Where the rows come from.
  enum class Start : uint8_t {
    kOneRow,    // nothing comes before: one row without columns
    kAtHome,    // an operator around it hands them in, at home
    kAtWorker,  // likewise, at a worker that is alone
  };
  // The variables and the expressions outlive it.
  Placement(uint32_t worker_count, PlanVariables* variables, MadeExpressions* make, Start start)
      : variables_(*variables),
        make_(*make),
        is_alone_(worker_count == 1),
        worker_count_(worker_count),
        start_(start) {}

  // `known`: columns of properties and labels that are handed in. `after`: what is wanted behind.
  Pipeline Place(Pipeline steps, ColumnSet known, const ColumnSet& after);
  // Columns of properties and labels that its rows have in the end.
  const ColumnSet& known() const { return known_; }

 private:
  void PlaceStep(Step step, const ColumnSet& before, const ColumnSet& after);
  void PlaceInner(Step* step, const ColumnSet& after);
  void PlaceStreaming(Step step);
  void PlaceAtHome(Step step, const ColumnSet& after);
  void NoteAliases(const Step& step);
  // At home: what an expression of the step looks into is looked up before it.
  void AddLookup(const Step& step);
  // placement_partial.cc: workers do a part of what comes, when it can be divided.
  void AddPartial(Step* step, const ColumnSet& after);
  void AddPartialAggregate(Step* step);
  void AddPartialSort(Step* step, const ColumnSet& after);
  void AddPartialLimit(const Pipeline& steps, size_t index);
  // What the step looks up is taken from the rows, when it may be fetched where they come from.
  void WishForProperties(Step* step) const;
  void FetchForLookup(const Step& step);
  void ForgetProperties();
  void NoteEnds(const ExpandStep& expand);
  void NoteFound(const Step& step);
  void NoteGiven(const Step& step, const ColumnSet& after);
  void DropWishes(Step* step) const;
  bool CanFetchAll(bound::VariableId element) const;
  // Adds the columns of properties and labels that the step uses.
  void FetchFor(const ColumnSet& uses);
  void AddFetches(const ColumnSet& wanted, bool only_local);
  // Sees to it that the rows are at the owner of an element, or come from all workers.
  void GoToOwner(bound::VariableId element, bool drops_null);
  void GoToAll();
  void GoToKey();
  void GoHome();
  // The rows go home; what the steps behind need of elements that are here is fetched before.
  void CloseRemote();
  void OpenRemote(RemoteStep remote);
  void Append(Step step);

  bool AtWorker() const { return remote_.has_value() || start_ == Start::kAtWorker; }
  bool IsLocal(bound::VariableId element) const;
  bool IsNullable(bound::VariableId element) const {
    return !not_null_.contains(element) && variables_.IsNullable(element);
  }
  // Who stands for all elements of the same owner, as far as it is known.
  bound::VariableId OwnerOf(bound::VariableId element) const;
  bool UsesGraph(const Step& step) const;
  bool BeginsAtWorker(const Pipeline& steps, size_t from) const;

  PlanVariables& variables_;
  MadeExpressions& make_;
  const bool is_alone_;
  const uint32_t worker_count_;
  const Start start_;
  Pipeline out_;
  std::optional<Step> remote_;
  // The rows of the remote step are all that there are: it begins with one row.
  bool is_whole_ = false;
  // Each row that is sent must come back once: it may be null, or the order of the rows counts.
  bool is_strict_ = false;
  bool is_ordered_ = false;
  ColumnSet known_;
  ColumnSet wanted_;  // by the present step and those behind it
  absl::flat_hash_set<bound::VariableId> local_;
  absl::flat_hash_set<bound::VariableId> not_null_;  // whatever their types say
  absl::flat_hash_map<bound::VariableId, bound::VariableId> owners_;
  absl::flat_hash_map<bound::VariableId, bound::VariableId> originals_;  // of other names
};

}  // namespace tidemark::query
