// SPDX-License-Identifier: Apache-2.0
// What WITH and RETURN project.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/generator/statement.h"

namespace tidemark::generator {

using absl::StrCat;

namespace {

const std::vector<Kind>& ScalarKinds() {
  static const std::vector<Kind> kinds = {
      Kind::kInteger, Kind::kInteger, Kind::kInteger,  Kind::kFloat, Kind::kString,
      Kind::kString,  Kind::kBoolean, Kind::kIntegers, Kind::kList,  Kind::kAny};
  return kinds;
}

// Whether equal values are the same value, so that an order by them is one of the rows.
bool IsExact(Kind kind) {
  return kind == Kind::kInteger || kind == Kind::kString || kind == Kind::kBoolean;
}

bool IsElement(Kind kind) { return kind == Kind::kVertex || kind == Kind::kEdge; }

}  // namespace

StatementMaker::Projection StatementMaker::Project(bool is_last) {
  Projection projection;
  projection.is_grouped = random_.Chance(30);
  projection.is_distinct = random_.Chance(15);
  const bool needs_order = projection.is_grouped || projection.is_distinct;
  for (const Variable& variable : scope_) {
    if (variable.kind == Kind::kBag && needs_order) continue;
    if (!random_.Chance(is_last ? 30 : 65)) continue;
    std::string name = variable.name;
    if (random_.Chance(15)) {
      name = expressions_.NewName("c");
      projection.items.push_back(StrCat(variable.name, " AS ", name));
    } else {
      projection.items.push_back(name);
    }
    projection.columns.push_back({name, variable.kind});
    if (variable.kind == Kind::kBag) statement_.has_bags = true;
  }
  const size_t more = random_.Below(3);
  for (size_t i = 0; i < more; ++i) {
    Kind kind = random_.Pick(ScalarKinds());
    if (random_.Chance(8)) kind = Kind::kMap;
    if (random_.Chance(8) && !needs_order) kind = Kind::kBag;
    const std::string name = expressions_.NewName("c");
    projection.items.push_back(StrCat(expressions_.Make(kind, scope_, Depth()), " AS ", name));
    projection.columns.push_back({name, kind});
  }
  if (projection.is_grouped) AddAggregates(&projection);
  if (projection.items.empty()) {
    const std::string name = expressions_.NewName("c");
    projection.items.push_back("1 AS " + name);
    projection.columns.push_back({name, Kind::kInteger});
  }
  if (random_.Chance(30)) AddOrder(&projection, is_last);
  return projection;
}

void StatementMaker::AddAggregates(Projection* projection) {
  for (size_t i = 1 + random_.Below(2); i > 0; --i) {
    Kind kind = Kind::kInteger;
    const std::string text = Aggregate(&kind);
    if (kind == Kind::kBag) {
      if (projection->is_distinct) continue;
      statement_.has_bags = true;
    }
    const std::string name = expressions_.NewName("c");
    projection->items.push_back(StrCat(text, " AS ", name));
    projection->columns.push_back({name, kind});
  }
}

std::string StatementMaker::Aggregate(Kind* kind) {
  const std::string distinct = random_.Chance(30) ? "DISTINCT " : "";
  const auto of = [&](Kind argument) { return expressions_.Make(argument, scope_, Depth()); };
  const std::string element = PickVariable(random_.Chance(60) ? Kind::kVertex : Kind::kEdge);
  switch (random_.Below(9)) {
    case 0:
      return "count(*)";
    case 1:
      return StrCat("count(", distinct, element.empty() ? of(Kind::kAny) : element, ")");
    case 2:
      return StrCat("sum(", distinct, of(Kind::kInteger), ")", random_.Chance(30) ? " + 1" : "");
    case 3:
      *kind = Kind::kAny;
      return StrCat(random_.Pick(Texts{"sum(", "avg(", "stDev(", "stDevP("}), distinct,
                    of(random_.Chance(50) ? Kind::kFloat : Kind::kInteger), ")");
    case 4:
      *kind = Kind::kAny;
      return StrCat(random_.Pick(Texts{"min(", "max("}), of(Kind::kAny), ")");
    case 5:
      *kind = Kind::kAny;
      return StrCat(random_.Pick(Texts{"percentileDisc(", "percentileCont("}),
                    of(random_.Chance(50) ? Kind::kFloat : Kind::kInteger),
                    random_.Pick(Texts{", 0.5)", ", 0)", ", 1.0)", ", 0.3)"}));
    case 6: {
      const Kind item = random_.Chance(60) ? Kind::kInteger : Kind::kString;
      const std::string text = StrCat("collect(", distinct, of(item), ")");
      *kind =
          scope_is_ordered_ ? (item == Kind::kInteger ? Kind::kIntegers : Kind::kList) : Kind::kBag;
      return text;
    }
    case 7:
      *kind = Kind::kBag;
      return StrCat("collect(", distinct, element.empty() ? of(Kind::kAny) : element, ")");
    default:
      return StrCat("count(", distinct, of(Kind::kAny), ")");
  }
}

// By all columns where that is an order; else by some, and how equal ones come is open.
void StatementMaker::AddOrder(Projection* projection, bool is_last) {
  Texts keys;
  bool is_total = true;
  for (const Variable& column : projection->columns) {
    std::string key = column.name;
    if (IsElement(column.kind)) {
      key += ".k";
      is_total = is_total && keys_are_unique_;
    } else if (column.kind >= Kind::kMap) {
      is_total = false;
      continue;
    } else if (!IsExact(column.kind) && !is_last) {
      is_total = false;
    }
    keys.push_back(key + random_.Pick(Texts{"", "", " DESC", " ASC"}));
  }
  if (!projection->is_distinct && !projection->is_grouped && random_.Chance(20)) {
    keys.push_back(expressions_.Make(Kind::kAny, scope_, 1));
  }
  if (keys.empty()) return;
  random_.Shuffle(&keys);
  projection->is_total = is_total;
  projection->order = " ORDER BY " + absl::StrJoin(keys, ", ");
}

}  // namespace tidemark::generator
