// SPDX-License-Identifier: Apache-2.0
#include "query/planner/placement.h"

#include <algorithm>
#include <utility>

namespace tidemark::query {
namespace {

bool IsOneToOne(const Step& step) {
  return step.kind == StepKind::kFetch || step.kind == StepKind::kProject ||
         step.kind == StepKind::kMakePath;
}

// So many elements of a row may be fetched as a whole: a row has a limited number of columns.
constexpr size_t kMaxWholeElements = 16;

bool IsOfElement(const PlanColumn& column) { return column.kind != PlanColumnKind::kVariable; }

}  // namespace

Pipeline Placement::Place(Pipeline steps, ColumnSet known, const ColumnSet& after) {
  known_ = std::move(known);
  for (Step& step : steps) WishForProperties(&step);
  const std::vector<ColumnSet> behind = NeededBehindEach(steps, after);
  for (size_t i = 0; i < steps.size(); ++i) {
    const ColumnSet before = NeededBefore(steps[i], behind[i]);
    if (is_alone_ && !AtWorker() && BeginsAtWorker(steps, i)) OpenRemote({});
    AddPartialLimit(steps, i);
    // Updates forget by themselves.
    const bool forgets = !CarriesProperties(steps[i]) && steps[i].kind != StepKind::kUpdate;
    if (forgets) ForgetProperties();
    PlaceStep(std::move(steps[i]), before, behind[i]);
    if (forgets) ForgetProperties();
  }
  wanted_ = after;
  if (start_ == Start::kAtWorker) AddFetches(after, /*only_local=*/true);
  GoHome();
  return std::move(out_);
}

void Placement::ForgetProperties() {
  std::erase_if(
      known_, [](const PlanColumn& column) { return column.kind == PlanColumnKind::kProperties; });
}

void Placement::PlaceStep(Step step, const ColumnSet& before, const ColumnSet& after) {
  wanted_ = before;
  ColumnSet uses = step.uses;
  if (!step.inner.empty()) uses.merge(ArgumentsOf(step, after));
  FetchFor(uses);
  switch (step.kind) {
    case StepKind::kScan:
    case StepKind::kSeek:
      step.seek.is_unique ? GoToKey() : GoToAll();
      is_ordered_ = false;
      NoteFound(step);
      return Append(std::move(step));
    case StepKind::kExpand:
      GoToOwner(step.expand.from, /*drops_null=*/true);
      is_ordered_ = false;
      NoteEnds(step.expand);
      return Append(std::move(step));
    case StepKind::kFilterLabels:
      GoToOwner(step.element, /*drops_null=*/true);
      not_null_.insert(step.element);
      return Append(std::move(step));
    case StepKind::kTrail:
      not_null_.insert({step.expand.from, step.expand.edge_variable, step.expand.to});
      [[fallthrough]];
    case StepKind::kApply:
      if (!is_alone_) GoHome();
      is_ordered_ =
          is_ordered_ && step.kind == StepKind::kApply && step.apply != plan::ApplyKind::kOptional;
      PlaceInner(&step, after);
      return Append(std::move(step));
    case StepKind::kUnion:
    case StepKind::kUpdate:
    case StepKind::kLookup:
    case StepKind::kCall:
      return PlaceAtHome(std::move(step), after);
    default:
      AddPartial(&step, after);
      return PlaceStreaming(std::move(step));
  }
}

void Placement::NoteEnds(const ExpandStep& expand) {
  not_null_.insert({expand.from, expand.edge_variable, expand.to});
  if (expand.direction == plan::Direction::kEither) return;
  const bool is_out = expand.direction == plan::Direction::kOut;
  owners_[expand.edge_variable] = OwnerOf(is_out ? expand.from : expand.to);
}

// Rows are where the element of a scan or a seek is.
void Placement::NoteFound(const Step& step) {
  if (step.seek.is_edge) NoteEnds(step.expand);
  local_.insert(OwnerOf(step.element));
  not_null_.insert(step.element);
}

void Placement::PlaceAtHome(Step step, const ColumnSet& after) {
  FetchForLookup(step);
  GoHome();
  DropWishes(&step);
  AddLookup(step);
  for (size_t i = 0; i < step.branches.size(); ++i) {
    ColumnSet outputs;
    for (const bound::VariableId output : step.branch_outputs[i]) outputs.insert({output});
    step.branches[i] = Placement(worker_count_, &variables_, &make_, Start::kOneRow)
                           .Place(std::move(step.branches[i]), {}, outputs);
  }
  if (step.update != nullptr) {
    if (!step.inner.empty()) PlaceInner(&step, after);
    known_.clear();
    NoteGiven(step, after);
  }
  Append(std::move(step));
}

// CREATE and SET mostly know what their elements have then. Lookups can do without it, and are the
// only ones: labels that an expression reads are fetched.
void Placement::NoteGiven(const Step& step, const ColumnSet& after) {
  const bool creates = step.update->kind == bound::ClauseKind::kCreate;
  if (start_ != Start::kOneRow || (!creates && step.update->kind != bound::ClauseKind::kSet)) {
    return;
  }
  for (const bound::VariableId variable : creates ? step.defines : step.variables) {
    const PlanColumn properties{variable, PlanColumnKind::kProperties};
    const PlanColumn labels{variable, PlanColumnKind::kLabels};
    if (!after.contains(properties) || after.contains(labels)) continue;
    known_.insert(properties);
    if (variables_.IsVertex(variable)) known_.insert(labels);
  }
}

void Placement::PlaceStreaming(Step step) {
  const bool needs_home = !step.looks_into.empty() || step.needs_names;
  const bool is_whole_stream = IsWholeStream(step.kind);
  const bool stays = is_alone_ ? !is_whole_stream || is_whole_ || start_ == Start::kAtWorker
                               : !is_whole_stream && !needs_home && step.kind != StepKind::kUnwind;
  // Of a row that does not go there all that is computed there would be null.
  if (!stays || is_strict_) {
    FetchForLookup(step);
    GoHome();
  }
  if (!AtWorker()) AddLookup(step);
  if (IsRelayout(step.kind)) {
    known_.clear();
    is_ordered_ = false;
  }
  if (step.kind == StepKind::kSort) is_ordered_ = true;
  NoteAliases(step);
  Append(std::move(step));
}

void Placement::NoteAliases(const Step& step) {
  for (const Computed& item : step.items) {
    if (item.expression->kind != bound::ExpressionKind::kVariable) continue;
    const auto from = bound::As<bound::VariableReference>(*item.expression).variable;
    owners_[item.variable] = OwnerOf(from);
    const auto original = originals_.find(from);
    originals_[item.variable] = original == originals_.end() ? from : original->second;
    if (not_null_.contains(from)) not_null_.insert(item.variable);
    ColumnSet same;
    for (const PlanColumn& column : known_) {
      if (column.variable != from) continue;
      PlanColumn copy = column;
      copy.variable = item.variable;
      same.insert(copy);
    }
    known_.merge(same);
  }
}

void Placement::AddLookup(const Step& step) {
  if (step.looks_into.empty()) return;
  Step lookup{.kind = StepKind::kLookup, .place = Place::kHome, .source = step.source};
  lookup.variables = step.looks_into;
  lookup.looks_at_ends = step.looks_at_ends;
  for (const bound::VariableId variable : lookup.variables) lookup.uses.insert({variable});
  WishForProperties(&lookup);
  DropWishes(&lookup);
  Append(std::move(lookup));
}

void Placement::PlaceInner(Step* step, const ColumnSet& after) {
  ColumnSet wanted = after;
  if (step->kind == StepKind::kTrail) {
    wanted = {PlanColumn{step->expand.edge->element}, PlanColumn{step->expand.inner_to}};
  } else if (step->kind == StepKind::kApply) {
    const bool gives_rows =
        step->apply == plan::ApplyKind::kJoin || step->apply == plan::ApplyKind::kOptional;
    wanted = gives_rows ? DefinedOf(step->inner, after) : ColumnSet();
    if (step->apply == plan::ApplyKind::kCollect) wanted = {PlanColumn{step->collected}};
  } else if (step->kind == StepKind::kUpdate) {
    wanted.clear();
    for (const bound::VariableId variable : step->defines) wanted.insert({variable});
    // What it reads of elements may have changed since the rows came.
    known_.clear();
  }
  Placement inner(worker_count_, &variables_, &make_,
                  AtWorker() ? Start::kAtWorker : Start::kAtHome);
  inner.not_null_ = not_null_;
  step->inner = inner.Place(std::move(step->inner), known_, wanted);
  const Definitions definitions(*step);
  for (const PlanColumn& column : inner.known()) {
    if (IsOfElement(column) && definitions.Contain(column)) known_.insert(column);
  }
}

// What an expression looks into at home.
void Placement::FetchForLookup(const Step& step) {
  Step lookup{.kind = StepKind::kLookup, .place = Place::kHome};
  lookup.variables = step.looks_into;
  WishForProperties(&lookup);
  AddFetches(lookup.uses, /*only_local=*/true);
}

// Inside of another step rows may be older than what the step has changed.
void Placement::WishForProperties(Step* step) const {
  if (start_ != Start::kOneRow) return;
  const bool sets = step->update != nullptr && step->update->kind == bound::ClauseKind::kSet;
  if (step->kind != StepKind::kLookup && !sets) return;
  if (step->variables.size() > kMaxWholeElements) return;
  for (const bound::VariableId variable : step->variables) {
    const bool is_element = variables_.IsVertex(variable) || variables_.IsEdge(variable);
    if (is_element) step->uses.insert({variable, PlanColumnKind::kProperties});
  }
}

void Placement::DropWishes(Step* step) const {
  for (const bound::VariableId variable : step->variables) {
    const PlanColumn properties{variable, PlanColumnKind::kProperties};
    const PlanColumn labels{variable, PlanColumnKind::kLabels};
    const bool is_known =
        known_.contains(properties) && (variables_.IsEdge(variable) || known_.contains(labels));
    if (!is_known) {
      step->uses.erase(properties);
    } else if (step->uses.contains(properties) && !variables_.IsEdge(variable)) {
      step->uses.insert(labels);
    }
  }
}

// The element is found in this fragment, and each of them once: what it has goes home once.
bool Placement::CanFetchAll(bound::VariableId element) const {
  if (!remote_.has_value()) return false;
  const auto original = originals_.find(element);
  if (original != originals_.end()) element = original->second;
  bool is_found = false;
  for (const Step& step : remote_->inner) {
    const bool finds_it = ((step.kind == StepKind::kSeek || step.kind == StepKind::kScan) &&
                           step.element == element) ||
                          (step.kind == StepKind::kExpand && step.expand.edge_variable == element);
    is_found = finds_it || (is_found && CarriesProperties(step));
  }
  return is_found;
}

void Placement::FetchFor(const ColumnSet& uses) {
  AddFetches(uses, /*only_local=*/true);
  AddFetches(uses, /*only_local=*/false);
}

void Placement::AddFetches(const ColumnSet& wanted, bool only_local) {
  for (auto column = wanted.begin(); column != wanted.end();) {
    const bound::VariableId element = column->variable;
    Step fetch{.kind = StepKind::kFetch, .place = Place::kOwner, .element = element};
    for (; column != wanted.end() && column->variable == element; ++column) {
      if (!IsOfElement(*column) || known_.contains(*column)) continue;
      if (column->kind != PlanColumnKind::kProperties) {
        fetch.fetched.insert(*column);
      } else if (CanFetchAll(element) && IsLocal(element)) {
        fetch.fetched.insert(*column);
        if (variables_.IsVertex(element)) fetch.fetched.insert({element, PlanColumnKind::kLabels});
      }
    }
    if (fetch.fetched.empty() || (only_local && !IsLocal(element))) continue;
    GoToOwner(element, /*drops_null=*/false);
    // What is fetched on the way to the owner of another element may be this.
    std::erase_if(fetch.fetched, [this](const PlanColumn& one) { return known_.contains(one); });
    if (fetch.fetched.empty()) continue;
    known_.insert(fetch.fetched.begin(), fetch.fetched.end());
    fetch.uses.insert({element});
    Append(std::move(fetch));
  }
}

void Placement::GoToOwner(bound::VariableId element, bool drops_null) {
  // Where a null row must come back, it may be dropped by what works on the same element.
  const bool can_drop = !is_strict_ || remote_->remote.variable == element;
  if (IsLocal(element) && (!drops_null || can_drop)) {
    is_strict_ = is_strict_ && !drops_null;
    return;
  }
  CloseRemote();
  if (is_alone_) return OpenRemote({});
  const plan::Route route = variables_.IsEdge(element) ? plan::Route::kEdge : plan::Route::kVertex;
  OpenRemote({route, element, false});
  local_.insert(OwnerOf(element));
  is_strict_ = !drops_null && (is_ordered_ || IsNullable(element));
}

void Placement::GoToAll() {
  if (is_alone_ && AtWorker()) return;
  CloseRemote();
  OpenRemote({});
}

// The rows go to the owners of the keys, and from there, should it be another one, to the owner of
// the vertex.
void Placement::GoToKey() {
  if (is_alone_) return GoToAll();
  CloseRemote();
  OpenRemote({plan::Route::kKey});
}

void Placement::GoHome() { CloseRemote(); }

void Placement::OpenRemote(RemoteStep remote) {
  is_whole_ = start_ == Start::kOneRow && out_.empty();
  is_strict_ = false;
  remote_ = Step{.kind = StepKind::kRemote, .place = Place::kHome};
  remote_->remote = remote;
  if (remote.variable != bound::kNoVariable) remote_->uses.insert({remote.variable});
}

void Placement::CloseRemote() {
  if (!remote_.has_value()) return;
  AddFetches(wanted_, /*only_local=*/true);
  Step step = *std::exchange(remote_, std::nullopt);
  local_.clear();
  is_strict_ = false;
  is_whole_ = false;
  if (step.inner.empty()) return;
  step.remote.is_one_to_one = step.remote.variable != bound::kNoVariable &&
                              std::all_of(step.inner.begin(), step.inner.end(), IsOneToOne);
  out_.push_back(std::move(step));
}

void Placement::Append(Step step) {
  (remote_.has_value() ? remote_->inner : out_).push_back(std::move(step));
}

bound::VariableId Placement::OwnerOf(bound::VariableId element) const {
  const auto owner = owners_.find(element);
  return owner == owners_.end() ? element : owner->second;
}

bool Placement::IsLocal(bound::VariableId element) const {
  if (is_alone_) return AtWorker();
  return remote_.has_value() && local_.contains(OwnerOf(element));
}

bool Placement::UsesGraph(const Step& step) const {
  if (step.place == Place::kOwner || step.place == Place::kAllWorkers) return true;
  if (step.kind == StepKind::kTrail || step.kind == StepKind::kApply) return true;
  if (!step.looks_into.empty()) return true;
  return std::any_of(step.uses.begin(), step.uses.end(), [this](const PlanColumn& column) {
    return IsOfElement(column) && !known_.contains(column);
  });
}

// Of a worker that is alone: whether the steps from here on belong there. Those that begin with one
// row do when one of them looks at the graph; behind other rows, when the first of them does.
bool Placement::BeginsAtWorker(const Pipeline& steps, size_t from) const {
  const bool is_whole = start_ == Start::kOneRow && out_.empty();
  for (size_t i = from; i < steps.size(); ++i) {
    if (steps[i].place == Place::kHome || steps[i].kind == StepKind::kUnion) return false;
    if (!is_whole && IsWholeStream(steps[i].kind)) return false;
    if (UsesGraph(steps[i])) return true;
    if (!is_whole) return false;
  }
  return false;
}

}  // namespace tidemark::query
