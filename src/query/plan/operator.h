// SPDX-License-Identifier: Apache-2.0
// The operators of a plan as plain structs: what each does, on which columns, with which compiled
// expressions. exec/operators has one class that runs each. A plan never changes; many runs may
// share it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
  // For EXPLAIN: the names of the variables behind the operator, and what it does.
  std::vector<std::string> identifiers;
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

// A row for each group of equivalent keys, in the order in which the groups come first: the keys,
// then the results. Without keys there is one group, also without input. DISTINCT is an aggregate
// without calls: of equivalent rows the fixed representative goes on, which is known at the end.
struct Aggregate : Operator {
  static constexpr OperatorKind kKind = OperatorKind::kAggregate;
  Aggregate() : Operator(kKind) {}
  std::vector<uint32_t> keys;  // slots
  std::vector<AggregateCall> calls;
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

// As EXPLAIN shows it: "Projection".
std::string_view NameOf(const Operator& node);

}  // namespace tidemark::query::plan
