// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/generator/expressions.h"
#include "tests/generator/random.h"

namespace tidemark::generator {

// How an answer is compared.
struct Statement {
  std::string Text() const;

  Texts clauses;
  bool writes = false;
  bool is_ordered = false;     // the order of its rows is known
  bool counts_only = false;    // which rows LIMIT leaves is open
  bool has_bags = false;       // the order within lists is open
  bool loose_numbers = false;  // whether 1 or 1.0 is left by LIMIT is open
};

// Makes one statement, clause by clause, from what is in scope. Threads: one.
class StatementMaker {
 public:
  explicit StatementMaker(Random* random) : random_(*random), expressions_(random) {}

  Statement Read();
  Statement Write();

 private:
  // What WITH or RETURN projects.
  struct Projection {
    Texts items;
    Variables columns;
    bool is_distinct = false;
    bool is_grouped = false;
    std::string order;
    bool is_total = false;
  };

  // Reading.
  void AddReading(size_t count);
  void AddMatch(bool optional);
  void AddUnwind();
  void AddWith();
  void AddOrderedWith();
  void AddReturn();
  void AddUnion();
  std::string Part(Variables* added);
  std::string Node(Variables* added, bool must_be_bound);
  std::string EdgePattern(Variables* added, bool is_named);
  std::string IdCondition(const Variables& added);
  std::string PropertyMap(const Variables& scope);
  std::string SafePropertyMap(const Variables& scope);
  Projection Project(bool is_last);
  void AddAggregates(Projection* projection);
  std::string Aggregate(Kind* kind);
  void AddOrder(Projection* projection, bool is_last);
  std::string Bounds();
  void Add(const std::string& clause) { statement_.clauses.push_back(clause); }

  // Writing.
  void AddUpdate();
  void AddCreate();
  void AddMerge();
  void AddSet(bool removes);
  void AddDelete();
  void AddForeach();
  std::string Created(const Variables& scope, bool is_named, Variables* added);
  std::string SetItem(const std::string& target, const Variables& scope);
  std::string RemoveItem(const std::string& target);
  std::string MergeKeys(const Variables& scope, bool may_be_null);
  std::string MergeActions(const std::string& target);
  std::string PickVariable(Kind kind);
  void KeepScalars();
  int Depth() { return static_cast<int>(random_.Below(4)); }
  bool IsInScope(Kind kind) { return !PickVariable(kind).empty(); }

  Random& random_;
  ExpressionMaker expressions_;
  Statement statement_;
  Variables scope_;
  bool scope_is_ordered_ = false;  // ORDER BY stands directly before
  bool keys_are_unique_ = true;    // k still tells vertices and edges apart
  bool has_bound_edge_ = false;    // an edge stands at most once in a pattern
  int free_starts_ = 3;            // parts of patterns that begin anywhere
};

}  // namespace tidemark::generator
