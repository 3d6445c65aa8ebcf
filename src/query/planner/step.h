// SPDX-License-Identifier: Apache-2.0
// A query as a list of steps, before it is a tree of operators: what is done one after the other,
// which columns each step needs, and where it must run. The planner makes the steps, puts them in
// their places and turns them into operators.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "query/binder/bound.h"
#include "query/plan/operator.h"

namespace tidemark::query {

enum class PlanColumnKind : uint8_t { kVariable, kProperty, kLabels, kProperties };

// What may stand in a slot: a variable, a property of one, the labels of one, or all properties of
// one. Nobody must have the last: a step that looks up elements takes it where it is to be had.
struct PlanColumn {
  bound::VariableId variable;
  PlanColumnKind kind = PlanColumnKind::kVariable;
  std::string_view key = {};  // of a property
  uint32_t key_id = 0;

  friend bool operator==(const PlanColumn& a, const PlanColumn& b) {
    return a.Order() == b.Order();
  }
  friend bool operator<(const PlanColumn& a, const PlanColumn& b) { return a.Order() < b.Order(); }

 private:
  std::tuple<bound::VariableId, PlanColumnKind, std::string_view> Order() const {
    return {variable, kind, key};
  }
};

using ColumnSet = std::set<PlanColumn>;

enum class StepKind : uint8_t {
  kUnwind,
  kScan,
  kSeek,
  kExpand,
  kTrail,
  kFilterLabels,
  kFilter,
  kDifferentEdges,
  kMakePath,
  kApply,
  kProject,
  kAggregate,
  kDistinct,
  kSort,
  kSkip,
  kLimit,
  kUnion,
  kUpdate,
  kCall,
  // Made when steps are put in their places.
  kFetch,
  kLookup,
  kRemote,
};

enum class Place : uint8_t {
  kAnywhere,
  kOwner,       // of `element`
  kAllWorkers,  // each does a part of it
  kHome,
};

struct Step;
using Pipeline = std::vector<Step>;

// A range of the next key of an index, or a prefix of it.
struct SeekRange {
  const bound::Expression* first = nullptr;
  const bound::Expression* last = nullptr;
  bool includes_first = false;
  bool includes_last = false;
  const bound::Expression* prefix = nullptr;
};

struct Seek {
  uint32_t index = 0;
  std::string_view name;  // of the index
  bool is_unique = false;
  bool is_id = false;          // no index: the vertex with the id `equal`
  bool is_edge = false;        // ... the edge with this id, and its ends
  bool is_list = false;        // ... those whose ids are in the list `equal`
  bool is_element_id = false;  // ... for people: elementId() is asked for, not id()
  std::vector<const bound::Expression*> equal;
  SeekRange range;
  double rows = 1;  // how many it finds, as far as it can be estimated
};

// An expression whose value a variable gets.
struct Computed {
  bound::VariableId variable;
  const bound::Expression* expression;
};

struct AggregateItem {
  const bound::Aggregate* call;
  bound::Expressions arguments;                  // of the call, unless they make no difference
  bound::VariableId state = bound::kNoVariable;  // unless the step is whole
};

struct AggregateStep {
  std::vector<Computed> keys;
  std::vector<AggregateItem> calls;
  plan::AggregatePhase phase = plan::AggregatePhase::kWhole;
};

struct SortStep {
  std::vector<bound::SortKey> keys;
  const bound::Expression* skip = nullptr;  // that follow
  const bound::Expression* limit = nullptr;
  // At a worker, of the rows of one request: all columns that are needed pass through it.
  bool is_partial = false;
};

// An edge as it is walked: from the vertex that is known to the other one. Of an edge that is found
// by its id: from the left end to the right one.
struct ExpandStep {
  const bound::PatternEdge* edge = nullptr;
  bound::VariableId from = bound::kNoVariable;
  bound::VariableId edge_variable = bound::kNoVariable;
  bound::VariableId to = bound::kNoVariable;
  plan::Direction direction = plan::Direction::kOut;
  bool is_into = false;      // `to` is known
  bool is_reversed = false;  // `from` is the right end
  // kTrail: variables of the inner pipeline, the edges that may not be used again.
  bound::VariableId inner_from = bound::kNoVariable;
  bound::VariableId inner_to = bound::kNoVariable;
  std::vector<bound::VariableId> other_edges;
};

struct RemoteStep {
  plan::Route route = plan::Route::kAll;
  bound::VariableId variable = bound::kNoVariable;  // whose owner
  bool is_one_to_one = false;
};

// One thing that is done to the rows. Which of the fields count follows from the kind.
struct Step {
  StepKind kind;
  Place place = Place::kAnywhere;
  bound::VariableId element = bound::kNoVariable;  // whose owner; what is looked for, fetched
  Source source = {};

  // What it needs of the rows that come in. Those of an inner pipeline are added by UsesOf.
  ColumnSet uses = {};
  // Variables that may hold elements at which an expression looks in ways that no column answers,
  // so that they must be looked up before it; see plan::Lookup.
  std::vector<bound::VariableId> looks_into = {};
  bool looks_at_ends = false;  // ... also at the ends of edges in them
  bool needs_names = false;    // names of edge types: at home, or at a worker that is alone
  std::vector<bound::VariableId> defines = {};

  std::vector<const bound::Expression*> expressions = {};  // kUnwind, kFilter, kSkip, kLimit
  std::vector<Computed> items = {};                        // kProject
  std::vector<bound::Name> labels = {};  // kScan, kFilterLabels; kSeek: for people
  // kDistinct, kDifferentEdges, kLookup; kMakePath: the vertices.
  std::vector<bound::VariableId> variables = {};
  std::vector<bound::VariableId> edges = {};  // kMakePath
  Seek seek = {};
  ExpandStep expand = {};
  AggregateStep aggregate = {};
  SortStep sort = {};
  RemoteStep remote = {};
  plan::ApplyKind apply = plan::ApplyKind::kJoin;
  ColumnSet fetched = {};  // kFetch

  // kApply, kTrail, kRemote; kUpdate: what MERGE looks for, or what runs for its rows.
  Pipeline inner = {};
  // kApply of a pattern list: the variable of `inner` whose values are collected.
  bound::VariableId collected = bound::kNoVariable;
  std::vector<Pipeline> branches = {};                              // kUnion
  std::vector<std::vector<bound::VariableId>> branch_outputs = {};  // for each branch, by `defines`

  // kUpdate: the clause. All columns of properties and labels are old behind it.
  const bound::Clause* update = nullptr;
  bool is_in_inner = false;  // the inner pipeline runs for each row and does all of it
  // kCall: the call of a procedure, or SHOW.
  const bound::Clause* call = nullptr;
  bool postpones = false;  // see plan::Delete
  bool takes_postponed = false;
  // Of CREATE the elements that this step makes: what uses an element in a property of another one
  // makes them in several steps.
  size_t first_element = 0;
  size_t end_element = 0;
};

// Whether the rows that come out have new slots, and the columns of the rows before are gone unless
// the step names them.
bool IsRelayout(StepKind kind);
// Whether it needs all rows, or counts them.
bool IsWholeStream(StepKind kind);

// Whether all properties of elements may stand in its rows: not where they would be copied into
// many rows, or kept for many.
bool CarriesProperties(const Step& step);

// The columns that a step or an inner pipeline defines, for many questions: a statement may have
// tens of thousands. What it is made of must outlive it. Owner: one call. Threads: one.
class Definitions {
 public:
  explicit Definitions(const Step& step);
  explicit Definitions(const Pipeline& pipeline);

  bool Contain(const PlanColumn& column) const;

 private:
  void Add(const Step& step);

  bool has_all_ = false;
  absl::InlinedVector<bound::VariableId, 8> variables_;  // ascending
  absl::InlinedVector<const ColumnSet*, 2> fetched_;
};
// Those of the columns that the pipeline defines.
ColumnSet DefinedOf(const Pipeline& pipeline, const ColumnSet& columns);

// What must be there before, when `after` is wanted behind it.
ColumnSet NeededBefore(const Step& step, const ColumnSet& after);
ColumnSet NeededBefore(const Pipeline& pipeline, const ColumnSet& after);
// needed[i] is wanted behind step i.
std::vector<ColumnSet> NeededBehindEach(const Pipeline& pipeline, const ColumnSet& after);
// The columns of the rows around it that the inner pipeline of a step reads.
ColumnSet ArgumentsOf(const Step& step, const ColumnSet& after);

}  // namespace tidemark::query
