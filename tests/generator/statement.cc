// SPDX-License-Identifier: Apache-2.0
// Statements that read.
#include "tests/generator/statement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tidemark::generator {

using absl::StrCat;

std::string Statement::Text() const { return absl::StrJoin(clauses, " "); }

Statement StatementMaker::Read() {
  if (random_.Chance(15)) expressions_.AllowRisk(true);
  if (random_.Chance(8)) {
    AddUnion();
  } else {
    AddReading(1 + random_.Below(4));
    AddReturn();
  }
  statement_.has_bags |= expressions_.used_bag();
  return std::move(statement_);
}

// Two branches with the same columns.
void StatementMaker::AddUnion() {
  static const std::vector<Kind> kinds = {Kind::kInteger, Kind::kString, Kind::kBoolean, Kind::kAny,
                                          Kind::kVertex};
  const std::vector<Kind> columns = {random_.Pick(kinds), random_.Pick(kinds)};
  const bool keeps_all = random_.Chance(40);
  for (size_t branch = 2 + random_.Below(2); branch > 0; --branch) {
    scope_.clear();
    free_starts_ = 2;
    AddReading(1 + random_.Below(2));
    Texts items;
    for (size_t i = 0; i < columns.size(); ++i) {
      items.push_back(StrCat(expressions_.Make(columns[i], scope_, 1), " AS c", i));
    }
    Add("RETURN " + absl::StrJoin(items, ", "));
    if (branch > 1) Add(keeps_all ? "UNION ALL" : "UNION");
  }
}

void StatementMaker::AddReading(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const size_t choice = random_.Below(10);
    if (choice < 5 || (i == 0 && choice < 8)) {
      AddMatch(false);
    } else if (choice < 7) {
      AddMatch(true);
    } else if (choice < 8) {
      AddUnwind();
    } else if (random_.Chance(25)) {
      AddOrderedWith();
    } else {
      AddWith();
    }
  }
}

void StatementMaker::AddMatch(bool optional) {
  Variables added;
  Texts parts;
  has_bound_edge_ = false;
  const size_t count = random_.Chance(75) ? 1 : 2;
  for (size_t i = 0; i < count; ++i) {
    const std::string part = Part(&added);
    if (!part.empty()) parts.push_back(part);
  }
  if (parts.empty()) return;
  std::string clause = StrCat(optional ? "OPTIONAL MATCH " : "MATCH ", absl::StrJoin(parts, ", "));
  const std::string by_id = IdCondition(added);
  scope_.insert(scope_.end(), added.begin(), added.end());
  if (!by_id.empty()) {
    clause += " WHERE " + by_id;
  } else if (random_.Chance(30)) {
    clause += " WHERE " + expressions_.Condition(scope_, Depth());
  }
  Add(clause);
  scope_is_ordered_ = false;
}

// A new element has the id of one that is there.
std::string StatementMaker::IdCondition(const Variables& added) {
  if (!random_.Chance(25)) return "";
  for (const Variable& variable : added) {
    if (variable.kind != Kind::kEdge && variable.kind != Kind::kVertex) continue;
    const std::string other = PickVariable(variable.kind);
    if (other.empty() || random_.Chance(50)) continue;
    const std::string function = random_.Chance(50) ? "id" : "elementId";
    const std::string id = StrCat(function, "(", variable.name, ")");
    const std::string wanted = StrCat(function, "(", other, ")");
    if (random_.Chance(50)) return StrCat(id, " = ", wanted);
    const std::string second = StrCat(function, "(", PickVariable(variable.kind), ")");
    return StrCat(id, " IN [", wanted, ", ", second, ", ", wanted, "]");
  }
  return "";
}

// Whether an error shows depends on which part of a pattern is looked for first: there is none.
std::string StatementMaker::PropertyMap(const Variables& scope) {
  const bool may_raise = expressions_.AllowRisk(false);
  const std::string text = SafePropertyMap(scope);
  expressions_.AllowRisk(may_raise);
  return text;
}

std::string StatementMaker::SafePropertyMap(const Variables& scope) {
  switch (random_.Below(6)) {
    case 0:
      return StrCat("{s: ", expressions_.Make(Kind::kString, scope, 1), "}");
    case 1:
      return StrCat("{m: ", expressions_.Make(Kind::kAny, scope, 1), "}");
    case 2:
      return StrCat("{u: ", expressions_.Make(Kind::kInteger, scope, 1), "}");
    case 3:
      return StrCat("{i: ", expressions_.Make(Kind::kInteger, scope, 1),
                    ", s: ", expressions_.Leaf(Kind::kString, scope), "}");
    default:
      return StrCat("{i: ", expressions_.Make(Kind::kInteger, scope, 1), "}");
  }
}

std::string StatementMaker::PickVariable(Kind kind) {
  Texts names;
  for (const Variable& variable : scope_) {
    if (variable.kind == kind) names.push_back(variable.name);
  }
  return names.empty() ? "" : random_.Pick(names);
}

std::string StatementMaker::Node(Variables* added, bool must_be_bound) {
  std::string name = PickVariable(Kind::kVertex);
  if (!must_be_bound && random_.Chance(55)) name.clear();
  if (name.empty() && random_.Chance(15)) {
    for (const Variable& variable : *added) {
      if (variable.kind == Kind::kVertex) name = variable.name;
    }
  }
  if (name.empty() && random_.Chance(85)) {
    name = expressions_.NewName("n");
    added->push_back({name, Kind::kVertex});
  }
  const std::string labels = random_.Chance(25) ? expressions_.Labels() : "";
  const std::string properties = random_.Chance(8) ? " " + PropertyMap(scope_) : "";
  return StrCat("(", name, labels, properties, ")");
}

std::string StatementMaker::EdgePattern(Variables* added, bool is_named) {
  std::string inside;
  std::string length;
  const bool is_repeated = random_.Chance(15);
  if (is_repeated) {
    length = random_.Pick(Texts{"*1..2", "*0..1", "*0..2", "*2", "*..2", "*1..3", "*2..1"});
  }
  if (is_named) {
    inside = expressions_.NewName("r");
    added->push_back({inside, is_repeated ? Kind::kEdges : Kind::kEdge});
  } else if (!is_repeated && !has_bound_edge_ && random_.Chance(5)) {
    inside = PickVariable(Kind::kEdge);
    has_bound_edge_ = true;
  }
  if (random_.Chance(35)) inside += expressions_.Types();
  inside += length;
  if (random_.Chance(8)) inside += " " + PropertyMap(scope_);
  switch (random_.Below(5)) {
    case 0:
    case 1:
      return StrCat("-[", inside, "]->");
    case 2:
    case 3:
      return StrCat("<-[", inside, "]-");
    default:
      return StrCat("-[", inside, "]-");
  }
}

std::string StatementMaker::Part(Variables* added) {
  Variables new_ones = *added;
  const bool has_bound = IsInScope(Kind::kVertex);
  if (free_starts_ == 0 && !has_bound) return "";
  const bool must_be_bound = free_starts_ == 0;
  if (!must_be_bound) --free_starts_;
  std::string text = Node(&new_ones, must_be_bound);
  const size_t roll = random_.Below(100);
  const size_t edges = roll < 40 ? 0 : roll < 82 ? 1 : roll < 97 ? 2 : 3;
  for (size_t i = 0; i < edges; ++i) {
    const std::string edge = EdgePattern(&new_ones, random_.Chance(60));
    text += edge + Node(&new_ones, false);
  }
  if (random_.Chance(12)) {
    const std::string path = expressions_.NewName("p");
    new_ones.push_back({path, Kind::kPath});
    text = path + " = " + text;
  }
  *added = new_ones;
  return text;
}

void StatementMaker::AddUnwind() {
  static const std::vector<Kind> kinds = {Kind::kIntegers, Kind::kIntegers, Kind::kList, Kind::kBag,
                                          Kind::kVertices};
  Kind kind = random_.Pick(kinds);
  if (kind == Kind::kVertices && !IsInScope(Kind::kPath)) kind = Kind::kIntegers;
  const std::string list = expressions_.Make(kind, scope_, Depth());
  const std::string name = expressions_.NewName("u");
  Add(StrCat("UNWIND ", list, " AS ", name));
  scope_.push_back({name, kind == Kind::kIntegers   ? Kind::kInteger
                          : kind == Kind::kVertices ? Kind::kVertex
                                                    : Kind::kAny});
  if (kind == Kind::kBag) scope_is_ordered_ = false;
}

void StatementMaker::AddWith() {
  Projection projection = Project(false);
  std::string clause = StrCat("WITH ", projection.is_distinct ? "DISTINCT " : "",
                              absl::StrJoin(projection.items, ", "), projection.order);
  const bool is_ordered =
      projection.is_total || (scope_is_ordered_ && projection.order.empty() &&
                              !projection.is_grouped && !projection.is_distinct);
  if (projection.is_total && random_.Chance(50)) clause += Bounds();
  scope_ = projection.columns;
  scope_is_ordered_ = is_ordered;
  if (random_.Chance(15)) clause += " WHERE " + expressions_.Condition(scope_, Depth());
  Add(clause);
}

// Rows in an order that decides, for clauses to which it matters.
void StatementMaker::AddOrderedWith() {
  Texts items, keys;
  Variables columns;
  for (const Variable& variable : scope_) {
    const bool is_element = variable.kind == Kind::kVertex || variable.kind == Kind::kEdge;
    if (variable.kind > Kind::kBoolean && !is_element) continue;
    if (variable.kind == Kind::kFloat) continue;
    items.push_back(variable.name);
    columns.push_back(variable);
    keys.push_back(variable.name + (is_element ? ".k" : "") + (random_.Chance(30) ? " DESC" : ""));
  }
  if (items.empty() || !keys_are_unique_) return;
  random_.Shuffle(&keys);
  Add(StrCat("WITH ", absl::StrJoin(items, ", "), " ORDER BY ", absl::StrJoin(keys, ", "),
             random_.Chance(30) ? Bounds() : ""));
  scope_ = columns;
  scope_is_ordered_ = true;
}

std::string StatementMaker::Bounds() {
  std::string text;
  if (random_.Chance(40)) text += random_.Pick(Texts{" SKIP 0", " SKIP 1", " SKIP 2"});
  if (random_.Chance(80))
    text += random_.Pick(Texts{" LIMIT 1", " LIMIT 2", " LIMIT 3", " LIMIT 5"});
  return text;
}

void StatementMaker::AddReturn() {
  Projection projection = Project(true);
  std::string clause = StrCat("RETURN ", projection.is_distinct ? "DISTINCT " : "",
                              absl::StrJoin(projection.items, ", "), projection.order);
  if (projection.is_total) {
    statement_.is_ordered = true;
    // Rows that differ in no more than 1 and 1.0 are equal to ORDER BY.
    statement_.loose_numbers |= std::any_of(
        projection.columns.begin(), projection.columns.end(), [](const Variable& column) {
          return column.kind == Kind::kAny || column.kind == Kind::kList ||
                 column.kind == Kind::kMap;
        });
    // An error in a row that is left out may show or not.
    if (!expressions_.risked() && random_.Chance(40)) {
      const std::string bounds = Bounds();
      statement_.loose_numbers |= !bounds.empty();
      clause += bounds;
    }
  } else if (!expressions_.risked() && random_.Chance(4)) {
    clause += random_.Pick(Texts{" LIMIT 2", " SKIP 1", " LIMIT 0"});
    statement_.counts_only = true;
  }
  Add(clause);
}

}  // namespace tidemark::generator
