// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "query/binder/bound_expression.h"

namespace tidemark::query {

// The names that an expression sees: its own, then those of the scopes around. A name of an inner
// scope hides that of an outer one. Owner: the binder, on its stack; the scope around lives longer.
// Threads: one.
class Scope {
 public:
  struct Entry {
    std::string_view name;
    bound::VariableId variable;
  };

  explicit Scope(const Scope* around) : around_(around) {}
  // The scope of a subquery: what is found beyond it is noted in `captured`.
  Scope(const Scope* around, std::vector<bound::VariableId>* captured)
      : around_(around), captured_(captured) {}

  // kNoVariable when no scope knows the name.
  bound::VariableId Find(std::string_view name) const;
  // Among its own names alone.
  bound::VariableId FindOwn(std::string_view name) const;
  // Hides what had the name before.
  void Declare(std::string_view name, bound::VariableId variable);
  // An empty scope in its place.
  Scope Sibling() const { return Scope(around_, captured_); }

  // Its own names, ascending.
  std::vector<Entry> Entries() const;

 private:
  static constexpr size_t kSearchedEntries = 16;
  static constexpr size_t kNowhere = ~size_t{0};
  size_t PlaceOf(std::string_view name) const;

  const Scope* around_;
  std::vector<bound::VariableId>* captured_ = nullptr;
  std::vector<Entry> entries_;  // each name once
  // Places in entries_, when there are more than kSearchedEntries.
  absl::flat_hash_map<absl::string_view, size_t> places_;
};

}  // namespace tidemark::query
