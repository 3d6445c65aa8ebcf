// SPDX-License-Identifier: Apache-2.0
// The operators of a plan as plain structs: what each does, on which columns, with which compiled
// expressions. exec/operators has one class that runs each. A plan never changes; many runs may
// share it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "query/batch/row_compare.h"
#include "query/eval/program.h"
#include "query/functions/signature.h"

namespace tidemark::query::plan {

enum class OperatorKind : uint8_t {
  kValues,
  kUnwind,
  kProject,
  kFilter,
  kSkip,
  kLimit,
  kAggregate,
  kSort,
  kUnion,
  kInput,
  kRemote,
  kScanVertices,
  kSeekIndex,
  kExpand,
  kFetch,
  kFilterLabels,
  kDifferentEdges,
  kApply,
  kTrail,
  kMakePath,
  kLookup,
  kCreate,
  kMerge,
  kSet,
  kDelete,
  kForeach,
  kProcedureCall,
  kDegree,
  kDistinctVertices,
  kScanPage,
  kSeekEdge,
  kChangeGraph,
  kStoredCount,
};

// Slots number the columns of the batches that an operator gives. Streaming operators (Unwind,
// Project, Filter, Skip, Limit) keep the slots of their input and add theirs behind them; the
// others number anew from 0.
struct Operator {
  explicit Operator(OperatorKind operator_kind) : kind(operator_kind) {}
  virtual ~Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  const OperatorKind kind;
  uint32_t number = 0;  // in its fragment, from 0 on
  std::vector<std::unique_ptr<const Operator>> inputs;
  // For EXPLAIN: the names of the variables behind the operator, how many rows it was expected to
  // give when the plan was made, and what it does.
  std::vector<std::string> identifiers;
  double estimated_rows = 0;
  std::string details;
};

template <typename T>
const T& As(const Operator& node) {
  DCHECK(node.kind == T::kKind);
  return static_cast<const T&>(node);
}

// The one row without columns that every query begins with.
struct Values : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kValues;
  Values() : Operator(kKind) {}
};

// For each row a row for each element of a list, in the new slot: null gives none, what is no list
// gives one.
struct Unwind : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kUnwind;
  Unwind() : Operator(kKind) {}
  // One program: the list. Two or three: the arguments of range(), whose list is never made.
  std::vector<eval::Program> programs;
  uint32_t offset = 0;  // of the list in the statement, for errors
};

// A new slot for each program.
struct Project : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kProject;
  Project() : Operator(kKind) {}
  std::vector<eval::Program> programs;
};

// The rows for which the condition is true.
struct Filter : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kFilter;
  Filter() : Operator(kKind) {}
  eval::Program condition;
};

struct Skip : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kSkip;
  Skip() : Operator(kKind) {}
  eval::Program count;
};

struct Limit : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kLimit;
  Limit() : Operator(kKind) {}
  eval::Program count;
};

struct AggregateCall {
  const FunctionSignature* function;
  bool is_distinct = false;
  std::vector<uint32_t> arguments;  // slots; none: count(*)
  uint32_t offset = 0;              // in the statement, for errors
};

// Where a part of an aggregate is done: workers begin (kPartial), home ends (kFinal).
enum class AggregatePhase : uint8_t {
  kWhole,
  kPartial,  // instead of results states (query::Aggregate::AppendState), as bytes
  kFinal,    // each call has one argument: the slot of such states
};

// A row for each group of equivalent keys, in the order in which the groups come first: the keys,
// then the results. Without keys there is one group, also without input. DISTINCT is an aggregate
// without calls: of equivalent rows the fixed representative goes on, which is known at the end.
struct Aggregate : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kAggregate;
  Aggregate() : Operator(kKind) {}
  std::vector<uint32_t> keys;  // slots
  std::vector<AggregateCall> calls;
  AggregatePhase phase = AggregatePhase::kWhole;
};

// DISTINCT of one column of vertices: of the rows that have the same vertex in the slot, or null,
// the first one goes on, once, as soon as it comes. No new slots.
struct DistinctVertices : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kDistinctVertices;
  DistinctVertices() : Operator(kKind) {}
  uint32_t vertex = 0;
};

// Rows by the keys; equivalent ones stay in their order. The slots `kept` go on, numbered anew.
struct Sort : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kSort;
  Sort() : Operator(kKind) {}
  std::vector<SortKey> keys;
  std::vector<uint32_t> kept;
  // SKIP and LIMIT that follow: no more rows than their sum are wanted. No limit: all are.
  std::optional<eval::Program> skip;
  std::optional<eval::Program> limit;
};

// The rows of one input after the other: columns[i] are the slots of input i.
struct Union : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kUnion;
  Union() : Operator(kKind) {}
  std::vector<std::vector<uint32_t>> columns;
};

// A tree of operators that runs on one node, or inside of another operator.
struct Fragment {
  std::unique_ptr<const Operator> root;
  uint32_t operator_count = 0;
};

// The rows that the operator around this fragment hands in: the leaf of every fragment but the home
// fragment. Slots 0 .. slot_count - 1 are the columns that are handed in; slot `slot_count` is an
// integer, the number of the row among those that are handed in together.
struct Input : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kInput;
  Input() : Operator(kKind) {}
  uint32_t slot_count = 0;
};

// To which workers a row is sent.
enum class Route : uint8_t {
  kAll,     // all of them
  kVertex,  // the owner of the vertex in `route_slot`
  kEdge,    // the owner of the edge in `route_slot`, who is that of its source
  kKey,     // the owner of the key or of the id that the fragment looks for first, see KeySeekOf
};

// What must go with a fragment that is sent.
struct FragmentNeeds {
  // Its expressions may look at elements in ways that no column answers.
  bool names = false;
  std::set<uint32_t> parameters;  // bound::ParameterId
};

// A fragment as it is sent (plan_coding.h).
struct EncodedFragment {
  std::string bytes;
  FragmentNeeds needs;
};

// Rows of the input go to workers, where the fragment works on them; what it gives comes back in
// any order. At home only.
struct Remote : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kRemote;
  Remote() : Operator(kKind) {}
  Fragment fragment;
  EncodedFragment encoded;  // the same, once for all its runs
  Route route = Route::kAll;
  uint32_t route_slot = 0;
  std::vector<uint32_t> sent;      // slots of the input: the columns of the fragment's Input
  std::vector<uint32_t> returned;  // slots of the fragment's root
  // The rows extend those of the input: the first of `returned` is the number of the Input's row,
  // the others are new slots behind the input's. Else the returned columns are all there is,
  // numbered anew, and each request is one Input.
  bool keeps_input = true;
  // keeps_input: a row whose vertex or edge in `route_slot` is null stays, with null in the new
  // slots, and rows keep their order; the fragment gives one row for each. Else such a row is gone.
  bool is_one_to_one = false;
  // keeps_input: what the fragment gives is the same for all rows, and little. It is asked for
  // once, while the input asks its workers.
  bool is_independent = false;
};

// Vertices that have all of the labels; no labels: all vertices. For each row of the input, those
// of this worker, in a new slot. A label that does not exist (0) gives none.
struct ScanVertices : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kScanVertices;
  ScanVertices() : Operator(kKind) {}
  std::vector<uint32_t> labels;
};

// Vertices by an index, likewise. Keys that are null or have no place in an index give none.
struct SeekIndex : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kSeekIndex;
  SeekIndex() : Operator(kKind) {}
  uint32_t index = 0;
  bool is_unique = false;
  bool is_id = false;                  // no index: the vertex whose id is the value, or its text
  bool is_list = false;                // the value is a list of ids
  bool is_element_id = false;          // for people: elementId() is asked for, not id()
  std::vector<eval::Program> equal;    // the values of the first keys of the index
  std::optional<eval::Program> first;  // then a range of the next key, of one type
  std::optional<eval::Program> last;
  bool includes_first = false;
  bool includes_last = false;
  std::optional<eval::Program> prefix;  // or a string that the next key starts with
};

enum class Direction : uint8_t { kOut, kIn, kEither };

// The edge whose id is the value, or its text, for each row; none when it is not at this worker or
// of another type. New slots: the edge, its left end, its right end. It goes from left to right
// (kOut), from right to left (kIn), or both by turns unless it is a loop (kEither).
struct SeekEdge : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kSeekEdge;
  SeekEdge() : Operator(kKind) {}
  std::vector<eval::Program> equal;  // the id
  bool is_list = false;              // the value is a list of ids, of which each counts once
  Direction direction = Direction::kOut;
  std::vector<uint32_t> types;  // one of these; empty: any. A type 0 does not exist
  bool is_element_id = false;   // for people: elementId() is asked for, not id()
};

// What a fragment with Route::kKey looks for first. What another worker owns of it is sent on
// there; all that follows works on vertices of its worker.
struct KeySeek {
  const std::vector<eval::Program>& values;
  std::optional<uint32_t> unique_index;  // none: the value is the id of a vertex or an edge
};
KeySeek KeySeekOf(const Fragment& fragment);

// Where the rows of a page come from; what else the page says of it stands in the row's slots.
enum class PageSource : uint8_t {
  kVertices,    // those that have the label `name`; 0: all
  kEdges,       // those of the type `name`
  kIndex,       // vertices by the index `name`; slots 2 and 3: the first key, and the last's end
  kNeighbours,  // edges at the vertex in slot 2
};

// For each row a page of what a scan finds behind the position in slot 0 (bytes; empty: the start),
// at most as many rows as slot 1 says and about kMaxPageBytes (exec/operators/scan_page.h): for
// clients that come back for more. New slots: the vertex, null for kEdges; the edge, null for
// vertices; whether a neighbour's edge goes out; the position. The last row of a page has nothing
// but the position behind the page, empty when there is no more; the others have none.
struct ScanPage : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kScanPage;
  ScanPage() : Operator(kKind) {}
  PageSource source = PageSource::kVertices;
  uint32_t name = 0;
  Direction direction = Direction::kOut;
  std::vector<uint32_t> types;    // of kNeighbours: one of these; empty: any
  bool counts_properties = true;  // in the bytes of the page, because they will be asked for
};

// For each row the edges at the vertex in `from`, with their other ends; null gives none. Either
// direction gives an edge that is no loop from both of its ends, and a loop once. New slots: the
// edge when `gives_edge` (with its ends and type when `gives_ends`, else it is its id and nothing
// more), then the other end unless `to` is a slot.
struct Expand : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kExpand;
  Expand() : Operator(kKind) {}
  uint32_t from = 0;
  Direction direction = Direction::kOut;
  std::vector<uint32_t> types;  // one of these; empty: any. A type 0 does not exist
  bool gives_edge = true;
  bool gives_ends = true;
  std::optional<uint32_t> to;  // only edges whose other end is the vertex there
  // Slots of edges that are passed over; null is none.
  std::vector<uint32_t> other_edges;
  // Slots of the input that nothing behind reads; the operator may leave them empty.
  std::vector<uint32_t> unread;
};

// Rows of which nothing counts but how many there are: instead of one for each edge at the vertex
// in `from`, each row stands for as many times more as there are such edges; without any it is
// gone. No new slots. For the rest see Expand; an edge in `other_edges` has its ends.
struct Degree : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kDegree;
  Degree() : Operator(kKind) {}
  uint32_t from = 0;
  Direction direction = Direction::kOut;
  std::vector<uint32_t> types;
  std::vector<uint32_t> other_edges;  // all different
};

// Rows of which nothing counts but how many there are: each row stands for as many times more as
// this worker has vertices with the label, or edges of the types, that start here; without any it
// is gone. The shard knows the numbers. No new slots.
struct StoredCount : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kStoredCount;
  StoredCount() : Operator(kKind) {}
  bool is_of_edges = false;
  // The label, at most one, or the types, one of which an edge has, each once; empty: all. A name 0
  // does not exist.
  std::vector<uint32_t> names;
};

// What the vertex or edge in `element` has, at its owner. New slots: a column for each key (null
// when there is none), then the ids of its labels as a list of integers when `wants_labels`, then
// all its properties, as a map by name, when `wants_all`. Null gives nulls. An element that this
// transaction has deleted is an error, DeletedEntityAccess, unless `takes_deleted`: then nulls.
struct Fetch : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kFetch;
  Fetch() : Operator(kKind) {}
  uint32_t element = 0;
  bool is_edge = false;
  std::vector<uint32_t> keys;  // ids; 0: no such key, null
  bool wants_labels = false;
  bool wants_all = false;
  bool takes_deleted = false;
};

// Rows whose vertex has all of the labels, at its owner. Null and deleted vertices have none.
struct FilterLabels : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kFilterLabels;
  FilterLabels() : Operator(kKind) {}
  uint32_t vertex = 0;
  std::vector<uint32_t> labels;
};

// Rows in which all edges, also those in lists of edges, are different ones. Null counts as none.
struct DifferentEdges : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kDifferentEdges;
  DifferentEdges() : Operator(kKind) {}
  std::vector<uint32_t> edges;  // slots: an edge or a list of edges
};

// Makes the changes that the rows are (exec/change_rows.h), in their order, and gives what comes of
// them, numbered anew.
struct ChangeGraph : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kChangeGraph;
  ChangeGraph() : Operator(kKind) {}
};

enum class ApplyKind : uint8_t {
  kJoin,      // a row for each row of the inner fragment
  kOptional,  // the same, and one with nulls when there is none
  kExists,    // new slot: whether the inner fragment gives a row
  kCount,     // new slot: how many
  kCollect,   // new slot: the list of what is in returned[1], nulls too
};

// The inner fragment, run over the rows of the input, which its Input hands in.
struct Apply : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kApply;
  Apply() : Operator(kKind) {}
  ApplyKind apply = ApplyKind::kJoin;
  Fragment inner;
  std::vector<uint32_t> arguments;  // slots of the input: the columns of the inner Input
  // Slots of the inner root: the number of the Input's row, then the new slots of kJoin and
  // kOptional.
  std::vector<uint32_t> returned;
};

// Paths of different edges from the vertex in `from`, `min` to `max` edges long; null gives none.
// The step is one edge: its Input has the vertex that the path has come to and then `arguments`;
// it returns the Input's row number, the edge with its ends, and the other end. New slots: the list
// of edges in the order from `from` on (from the end when `is_reversed`), then the end unless `to`
// is a slot.
struct Trail : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kTrail;
  Trail() : Operator(kKind) {}
  uint32_t from = 0;
  int64_t min = 1;
  std::optional<int64_t> max;
  Fragment step;
  std::vector<uint32_t> arguments;
  std::vector<uint32_t> returned;
  bool is_reversed = false;
  std::optional<uint32_t> to;  // only paths that end there
  // Edges of the same MATCH, or lists of them, that the path may not use.
  std::vector<uint32_t> other_edges;
};

// A new slot: the path of the elements, from left to right: vertices[i] and edges[i] by turns, one
// edge fewer. An edge slot may hold a list of edges, between which lie the vertices of their ends.
// Null when one of them is null.
struct MakePath : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kMakePath;
  MakePath() : Operator(kKind) {}
  std::vector<uint32_t> vertices;
  std::vector<uint32_t> edges;
};

// Slots that hold a vertex or an edge with all that it has.
struct WholeElement {
  uint32_t element = 0;
  std::optional<uint32_t> labels;  // of a vertex
  uint32_t properties = 0;
};

// Makes known to Environment::graph what the elements in these slots have, those in lists, maps and
// paths too, until the next batch is pulled. A worker that is alone needs none: it looks at its
// graph. At home only.
struct Lookup : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kLookup;
  Lookup() : Operator(kKind) {}
  std::vector<uint32_t> slots;
  bool takes_ends = false;          // the vertices at the ends of edges too
  std::vector<WholeElement> whole;  // known from the rows: nobody is asked for them
};

// For each row the rows that a procedure gives, or SHOW. At home only.
struct ProcedureCall : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kProcedureCall;
  ProcedureCall() : Operator(kKind) {}
  std::string name;                 // "db.labels", "SHOW INDEXES"
  std::vector<uint32_t> arguments;  // slots
  std::vector<uint32_t> columns;    // of its outputs: a new slot for each
  bool is_optional = false;         // a row with nulls when it gives none
};

// The fragment inside of an operator; nullptr when it has none.
const Fragment* InnerOf(const Operator& node);

// As EXPLAIN shows it: "Projection".
std::string_view NameOf(const Operator& node);

}  // namespace tidemark::query::plan
