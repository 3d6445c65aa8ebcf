// SPDX-License-Identifier: Apache-2.0
// The operators that change the graph. They run at home and take all their input before they change
// anything, so that what they read is not changed by what they write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "query/plan/operator.h"

namespace tidemark::query::plan {

// An element in a slot of the rows that an update gives.
struct GivenElement {
  uint32_t element = 0;
  bool is_edge = false;
};

// What they have in common: `kept` are the slots of the input that go on, numbered anew from 0.
// Behind all other slots stands what the elements in `given` have then: labels of a vertex, all
// properties; null where the operator does not know.
struct UpdateOperator : Operator {
  explicit UpdateOperator(OperatorKind operator_kind) : Operator(operator_kind) {}
  std::vector<uint32_t> kept;
  std::vector<GivenElement> given;  // CREATE and SET alone
};

// The properties that an element gets: the values in some slots by name, or all of a map.
struct NewProperties {
  std::vector<std::pair<std::string, uint32_t>> entries;
  std::optional<uint32_t> map;
};

// A vertex or an edge that is made, in a new slot.
struct NewElement {
  bool is_edge = false;
  std::vector<std::string> labels;  // of a vertex
  std::string type;                 // of an edge
  // Of an edge: slots of its ends, of the input or of elements before.
  uint32_t source = 0;
  uint32_t target = 0;
  NewProperties properties;
};

// A new slot behind those of the elements: a path, see MakePath.
struct NewPath {
  std::vector<uint32_t> vertices;
  std::vector<uint32_t> edges;
};

struct Pattern {
  std::vector<NewElement> elements;  // in slots behind the input's, in this order
  std::vector<NewPath> paths;
};

// Makes the pattern for each row.
struct Create : UpdateOperator {
  static constexpr OperatorKind kKind = OperatorKind::kCreate;
  Create() : UpdateOperator(kKind) {}
  Pattern pattern;
};

enum class ChangeKind : uint8_t {
  kSetProperty,
  kSetDynamicProperty,
  kReplaceProperties,
  kAddProperties,
  kSetLabels,
  kRemoveLabels,
};

// An item of SET or REMOVE; a removed property is set to null.
struct ChangeItem {
  ChangeKind kind;
  // It is computed when the items before it have been applied: in SET to all rows, in MERGE to the
  // row. Others are computed together with the item before them.
  bool sees_before = false;
  eval::Program target;
  std::string key;
  std::optional<eval::Program> key_value;  // kSetDynamicProperty
  std::optional<eval::Program> value;      // not there: null
  std::vector<std::string> labels;
};

// Changes elements, row by row; a row sees what the rows before it have set.
struct Set : UpdateOperator {
  static constexpr OperatorKind kKind = OperatorKind::kSet;
  Set() : UpdateOperator(kKind) {}
  std::vector<ChangeItem> items;
  std::vector<uint32_t> looked_up;  // slots that hold elements whose state is needed
  // Known from the rows. The slots of what the elements have stand behind the `row_slots` that the
  // rows keep.
  std::vector<WholeElement> whole;
  uint32_t row_slots = 0;
};

struct Delete : UpdateOperator {
  static constexpr OperatorKind kKind = OperatorKind::kDelete;
  Delete() : UpdateOperator(kKind) {}
  std::vector<uint32_t> targets;  // slots
  bool is_detach = false;
  // Of several in one statement: a vertex that still has edges is left to the last one, because
  // they may be deleted until then.
  bool postpones = false;
  bool takes_postponed = false;
};

// Looks for the pattern, row by row, and makes it when it is not there. New slots: the elements and
// paths of the pattern, found or made.
struct Merge : UpdateOperator {
  static constexpr OperatorKind kKind = OperatorKind::kMerge;
  Merge() : UpdateOperator(kKind) {}
  Fragment inner;
  std::vector<uint32_t> arguments;
  std::vector<uint32_t> returned;  // the row number, then the elements and paths of the pattern
  Pattern pattern;
  std::vector<ChangeItem> on_create;
  std::vector<ChangeItem> on_match;
};

// Runs inner updates for each row, which is one of the arguments: a row sees what the updates of
// the rows before it have done.
struct Foreach : UpdateOperator {
  static constexpr OperatorKind kKind = OperatorKind::kForeach;
  Foreach() : UpdateOperator(kKind) {}
  std::vector<uint32_t> arguments;
  Fragment inner;
  // Of MERGE: what a row gives are the inner rows beside it, with these slots of them. Else the row
  // itself goes on.
  bool gives_inner_rows = false;
  std::vector<uint32_t> returned;
};

}  // namespace tidemark::query::plan
