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
  explicit Scope(const Scope* around) : around_(around) {}
  // The scope of a subquery: what is found beyond it is noted in `captured`.
  Scope(const Scope* around, std::vector<bound::VariableId>* captured)
      : around_(around), captured_(captured) {}

  // kNoVariable when no scope knows the name.
  bound::VariableId Find(std::string_view name) const;
  // Among its own names alone.
  bound::VariableId FindOwn(std::string_view name) const;
  // Hides what had the name before.
  void Declare(std::string_view name, bound::VariableId variable) {
    names_[ToAbsl(name)] = variable;
  }
  // An empty scope in its place.
  Scope Sibling() const { return Scope(around_, captured_); }

  struct Entry {
    std::string_view name;
    bound::VariableId variable;
  };
  // Its own names, ascending.
  std::vector<Entry> Entries() const;

 private:
  const Scope* around_;
  std::vector<bound::VariableId>* captured_ = nullptr;
  absl::flat_hash_map<absl::string_view, bound::VariableId> names_;
};

}  // namespace tidemark::query
