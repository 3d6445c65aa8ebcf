// SPDX-License-Identifier: Apache-2.0
// Statements that write. Rows have no order unless ORDER BY stands before: then whatever a clause
// does, it must do the same for every order of its rows.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/generator/statement.h"

namespace tidemark::generator {

using absl::StrCat;

namespace {

const Texts& LabelNames() {
  static const Texts names = {":A", ":B", ":C", ":E"};
  return names;
}

}  // namespace

Statement StatementMaker::Write() {
  statement_.writes = true;
  if (random_.Chance(10)) expressions_.AllowRisk(true);
  AddReading(random_.Below(3));
  if (random_.Chance(25)) AddOrderedWith();
  for (size_t i = 1 + random_.Below(3); i > 0; --i) AddUpdate();
  if (random_.Chance(25)) {
    scope_is_ordered_ = false;
    AddWith();
    if (random_.Chance(50)) AddMatch(random_.Chance(30));
    if (random_.Chance(40)) AddUpdate();
  }
  if (random_.Chance(70)) {
    scope_is_ordered_ = false;
    AddReturn();
  }
  statement_.has_bags |= expressions_.used_bag();
  return std::move(statement_);
}

void StatementMaker::AddUpdate() {
  switch (random_.Below(9)) {
    case 0:
    case 1:
      return AddCreate();
    case 2:
    case 3:
      return AddMerge();
    case 4:
    case 5:
      return AddSet(false);
    case 6:
      return AddSet(true);
    case 7:
      return AddDelete();
    default:
      return AddForeach();
  }
}

std::string StatementMaker::Created(const Variables& scope, bool is_named, Variables* added) {
  std::string name;
  if (is_named) {
    name = expressions_.NewName("n");
    added->push_back({name, Kind::kVertex});
  }
  const std::string labels = random_.Chance(70) ? random_.Pick(LabelNames()) : "";
  Texts properties;
  if (random_.Chance(60)) {
    properties.push_back("i: " + expressions_.Make(Kind::kInteger, scope, Depth()));
  }
  if (random_.Chance(30)) {
    properties.push_back("s: " + expressions_.Make(Kind::kString, scope, Depth()));
  }
  if (random_.Chance(20)) properties.push_back("m: " + expressions_.Leaf(Kind::kAny, scope));
  return StrCat("(", name, labels, " {", absl::StrJoin(properties, ", "), "})");
}

void StatementMaker::AddCreate() {
  const Variables before = scope_;
  Variables added;
  const auto end = [&] {
    const std::string bound = PickVariable(Kind::kVertex);
    if (!bound.empty() && random_.Chance(50)) return StrCat("(", bound, ")");
    return Created(before, random_.Chance(50), &added);
  };
  const size_t edges = random_.Chance(50) ? 0 : 1 + random_.Below(2);
  std::string text =
      edges > 0 && random_.Chance(50) ? end() : Created(before, random_.Chance(60), &added);
  for (size_t i = 0; i < edges; ++i) {
    std::string inside;
    if (random_.Chance(40)) {
      inside = expressions_.NewName("r");
      added.push_back({inside, Kind::kEdge});
    }
    inside += random_.Pick(Texts{":R", ":S", ":N"});
    if (random_.Chance(40)) {
      inside += StrCat(" {i: ", expressions_.Make(Kind::kInteger, before, 1), "}");
    }
    text += random_.Chance(50) ? StrCat("-[", inside, "]->") : StrCat("<-[", inside, "]-");
    text += end();
  }
  if (random_.Chance(10)) {
    const std::string path = expressions_.NewName("p");
    added.push_back({path, Kind::kPath});
    text = StrCat(path, " = ", text);
  }
  scope_.insert(scope_.end(), added.begin(), added.end());
  keys_are_unique_ = false;
  Add("CREATE " + text);
}

// Integers: 1 and 1.0 would be one key, made by whichever row comes first.
std::string StatementMaker::MergeKeys(const Variables& scope, bool may_be_null) {
  const bool may_raise = expressions_.AllowRisk(false);
  // What a row makes, a pattern in the keys of a later row finds.
  const bool has_patterns = expressions_.has_patterns();
  expressions_.set_has_patterns(has_patterns && scope_is_ordered_);
  const std::string value = expressions_.Make(Kind::kInteger, scope, Depth());
  expressions_.set_has_patterns(has_patterns);
  expressions_.AllowRisk(may_raise);
  std::string keys =
      may_be_null && random_.Chance(10) ? "i: " + value : StrCat("i: coalesce(", value, ", 0)");
  if (random_.Chance(20)) keys += ", s: 'a'";
  return keys;
}

std::string StatementMaker::MergeActions(const std::string& target) {
  std::string text;
  const bool is_free = scope_is_ordered_;
  expressions_.set_has_patterns(false);
  if (random_.Chance(40)) {
    const std::string value = is_free ? expressions_.Make(Kind::kString, scope_, Depth()) : "'new'";
    text += StrCat(" ON CREATE SET ", target, ".made = ", value);
  }
  if (random_.Chance(40)) {
    text += StrCat(" ON MATCH SET ", target, ".c = ",
                   is_free ? expressions_.Make(Kind::kInteger, scope_, Depth())
                           : StrCat("coalesce(", target, ".c, 0) + 1"));
  }
  expressions_.set_has_patterns(true);
  return text;
}

void StatementMaker::AddMerge() {
  const std::string from = PickVariable(Kind::kVertex);
  if (from.empty() || random_.Chance(50)) {
    const std::string name = expressions_.NewName("n");
    Add(StrCat("MERGE (", name, random_.Chance(80) ? random_.Pick(LabelNames()) : "", " {",
               MergeKeys(scope_, true), "})", MergeActions(name)));
    scope_.push_back({name, Kind::kVertex});
  } else {
    const std::string edge = expressions_.NewName("r");
    const std::string keys = random_.Chance(30) ? StrCat(" {", MergeKeys(scope_, false), "}") : "";
    std::string to = PickVariable(Kind::kVertex);
    Variables added = {{edge, Kind::kEdge}};
    if (random_.Chance(40)) {
      to = expressions_.NewName("n");
      added.push_back({to, Kind::kVertex});
      to += StrCat(":E {", MergeKeys(scope_, false), "}");
    }
    // Without a direction the first row would choose one.
    const bool is_directed = !scope_is_ordered_ || random_.Chance(50);
    Add(StrCat("MERGE (", from, ")-[", edge, random_.Pick(Texts{":R", ":N"}), keys, "]-",
               is_directed ? ">" : "", "(", to, ")", MergeActions(edge)));
    scope_.insert(scope_.end(), added.begin(), added.end());
  }
  scope_is_ordered_ = false;
  keys_are_unique_ = false;
}

std::string StatementMaker::SetItem(const std::string& target, const Variables& scope) {
  const auto make = [&](Kind kind) { return expressions_.Make(kind, scope, Depth()); };
  switch (random_.Below(8)) {
    case 0:
    case 1:
      return StrCat(target, ".i = ", make(Kind::kInteger));
    case 2:
      return StrCat(target, ".s = ", make(Kind::kString));
    case 3:
      return StrCat(target, ".f = ", make(Kind::kFloat));
    case 4:
      return StrCat(target, random_.Pick(Texts{".m", "['m']", ".z"}), " = ",
                    expressions_.Leaf(Kind::kAny, scope));
    case 5:
      return StrCat(target, " += {i: ", make(Kind::kInteger), ", z: ", make(Kind::kBoolean), "}");
    case 6:
      if (random_.Chance(40)) {
        return StrCat(target, " = ", random_.Chance(50) ? "{" : StrCat(target, " {.*, "),
                      "s: ", make(Kind::kString), "}");
      }
      [[fallthrough]];
    default:
      return StrCat(target, ".l = ", make(Kind::kIntegers));
  }
}

std::string StatementMaker::RemoveItem(const std::string& target) {
  return target + random_.Pick(Texts{".i", ".s", ".m", ".l", ".nope", "['f']"});
}

// Of rows without an order each may only depend on the one that it changes.
void StatementMaker::AddSet(bool removes) {
  expressions_.set_has_patterns(false);
  const Kind kind = random_.Chance(75) ? Kind::kVertex : Kind::kEdge;
  const std::string target = PickVariable(kind);
  if (target.empty()) return AddCreate();
  Texts items;
  const Variables scope = scope_is_ordered_ ? scope_ : Variables{{target, kind}};
  for (size_t i = 1 + random_.Below(3); i > 0; --i) {
    const std::string other = scope_is_ordered_ ? PickVariable(kind) : target;
    if (kind == Kind::kVertex && random_.Chance(20)) {
      items.push_back(other + random_.Pick(Texts{":A", ":B", ":B:C", ":E"}));
    } else {
      items.push_back(removes ? RemoveItem(other) : SetItem(other, scope));
    }
  }
  keys_are_unique_ = false;
  expressions_.set_has_patterns(true);
  Add(StrCat(removes ? "REMOVE " : "SET ", absl::StrJoin(items, ", ")));
}

void StatementMaker::AddDelete() {
  const std::string vertex = PickVariable(Kind::kVertex);
  const std::string edge = PickVariable(Kind::kEdge);
  const std::string path = PickVariable(Kind::kPath);
  Texts targets;
  if (!edge.empty() && random_.Chance(60)) targets.push_back(edge);
  if (!vertex.empty() && (targets.empty() || random_.Chance(30))) targets.push_back(vertex);
  if (!path.empty() && random_.Chance(50)) targets.push_back(path);
  if (targets.empty()) return AddCreate();
  const bool detach = random_.Chance(75);
  Add(StrCat(detach ? "DETACH " : "", "DELETE ", absl::StrJoin(targets, ", ")));
  KeepScalars();
}

// What is left of deleted elements is not looked at.
void StatementMaker::KeepScalars() {
  Variables kept;
  for (const Variable& variable : scope_) {
    if (variable.kind < Kind::kMap) kept.push_back(variable);
  }
  if (kept.empty()) kept.push_back({expressions_.NewName("c"), Kind::kInteger});
  Texts items;
  for (const Variable& variable : kept) items.push_back(variable.name);
  if (kept.size() == 1 && scope_.end() == std::find_if(scope_.begin(), scope_.end(), [&](auto& v) {
                            return v.name == kept[0].name;
                          })) {
    items[0] = StrCat("count(*) AS ", kept[0].name);
  }
  Add(StrCat("WITH ", absl::StrJoin(items, ", ")));
  scope_ = kept;
}

void StatementMaker::AddForeach() {
  const std::string item = expressions_.NewName("x");
  const std::string target = PickVariable(Kind::kVertex);
  const bool sets = !target.empty() && random_.Chance(40);
  const Variables before = sets && !scope_is_ordered_ ? Variables{{target, Kind::kVertex}} : scope_;
  const std::string list = expressions_.Make(Kind::kIntegers, before, Depth());
  Variables inside = before;
  inside.push_back({item, Kind::kInteger});
  std::string update;
  Variables added;
  if (sets) {
    expressions_.set_has_patterns(false);
    update = StrCat("SET ", SetItem(target, inside));
    expressions_.set_has_patterns(true);
  } else if (random_.Chance(50)) {
    update = StrCat("CREATE ", Created(inside, false, &added));
    if (!target.empty() && random_.Chance(50)) update += StrCat("<-[:N]-(", target, ")");
  } else {
    update = StrCat("MERGE (:E {i: coalesce(", item, ", 0)})");
  }
  keys_are_unique_ = false;
  Add(StrCat("FOREACH (", item, " IN ", list, " | ", update, ")"));
}

}  // namespace tidemark::generator
