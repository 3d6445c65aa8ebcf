// SPDX-License-Identifier: Apache-2.0
#include "import/table_header.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "import/limits.h"

namespace tidemark::csv_import {
namespace {

using graph::ValueType;

struct RoleName {
  std::string_view name;
  ColumnRole role;
  std::optional<TableKind> kind;  // where it is allowed; none = everywhere
};
constexpr RoleName kRoles[] = {
    {"ID", ColumnRole::kId, TableKind::kNodes},
    {"LABEL", ColumnRole::kLabels, TableKind::kNodes},
    {"START_ID", ColumnRole::kStartId, TableKind::kRelationships},
    {"END_ID", ColumnRole::kEndId, TableKind::kRelationships},
    {"TYPE", ColumnRole::kType, TableKind::kRelationships},
    {"IGNORE", ColumnRole::kIgnored, std::nullopt},
};

struct TypeOfName {
  std::string_view name;
  ValueType type;
};
constexpr TypeOfName kTypes[] = {
    {"string", ValueType::kString},     {"char", ValueType::kString},
    {"int", ValueType::kInteger},       {"integer", ValueType::kInteger},
    {"long", ValueType::kInteger},      {"short", ValueType::kInteger},
    {"byte", ValueType::kInteger},      {"float", ValueType::kFloat},
    {"double", ValueType::kFloat},      {"boolean", ValueType::kBoolean},
    {"date", ValueType::kDate},         {"localtime", ValueType::kLocalTime},
    {"time", ValueType::kTime},         {"localdatetime", ValueType::kLocalDateTime},
    {"datetime", ValueType::kDateTime}, {"duration", ValueType::kDuration},
    {"point", ValueType::kPoint},
};

absl::Status Wrong(std::string_view cell, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the column \"", ToAbsl(cell), "\" of the header ", ToAbsl(why)));
}

bool HasGroup(ColumnRole role) {
  return role == ColumnRole::kId || role == ColumnRole::kStartId || role == ColumnRole::kEndId;
}

// Fills in the role and group of ":ROLE" and ":ROLE(Group)"; false when it is no role.
bool ParseRole(std::string_view type, Column* column) {
  const size_t open = type.find('(');
  const std::string_view word = type.substr(0, open);
  for (const RoleName& role : kRoles) {
    if (word != role.name) continue;
    column->role = role.role;
    if (open != std::string_view::npos) column->group = type.substr(open + 1);
    return true;
  }
  return false;
}

absl::Status CheckRole(TableKind kind, std::string_view cell, Column* column) {
  for (const RoleName& role : kRoles) {
    if (role.role == column->role && role.kind.has_value() && role.kind != kind) {
      return Wrong(cell,
                   kind == TableKind::kNodes ? "belongs to relationships" : "belongs to nodes");
    }
  }
  if (cell.find('(') == std::string_view::npos) return absl::OkStatus();
  if (!HasGroup(column->role)) return Wrong(cell, "cannot have a group");
  if (column->group.size() < 2 || column->group.back() != ')') {
    return Wrong(cell, "has no well-formed group; (Name) is expected");
  }
  column->group.pop_back();
  return absl::OkStatus();
}

absl::Status ParseType(std::string_view cell, std::string_view type, Column* column) {
  if (type.ends_with("[]")) {
    column->is_list = true;
    type.remove_suffix(2);
  }
  const std::string low = absl::AsciiStrToLower(ToAbsl(type));
  for (const TypeOfName& known : kTypes) {
    if (low != known.name) continue;
    column->type = known.type;
    return absl::OkStatus();
  }
  return Wrong(cell, absl::StrCat("has the unknown type \"", ToAbsl(type),
                                  "\"; use int, long, float, double, boolean, string, date, "
                                  "localtime, time, localdatetime, datetime, duration, point, "
                                  "with [] for lists, or ID, LABEL, START_ID, END_ID, TYPE, "
                                  "IGNORE"));
}

absl::StatusOr<Column> ParseColumn(TableKind kind, std::string_view cell) {
  Column column;
  // The name may have colons of its own: the last one counts.
  const size_t colon = cell.rfind(':');
  column.name = cell.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view type = cell.substr(colon + 1);
    if (ParseRole(type, &column)) {
      RETURN_IF_ERROR(CheckRole(kind, cell, &column));
    } else {
      RETURN_IF_ERROR(ParseType(cell, type, &column));
    }
  }
  if (column.role == ColumnRole::kProperty && column.name.empty()) {
    return Wrong(cell, "has no name");
  }
  if (column.role != ColumnRole::kProperty && column.role != ColumnRole::kId) column.name.clear();
  return column;
}

absl::Status CheckColumns(TableKind kind, const std::vector<Column>& columns) {
  const auto count = [&](ColumnRole role) {
    return std::count_if(columns.begin(), columns.end(),
                         [role](const Column& column) { return column.role == role; });
  };
  for (const RoleName& role : kRoles) {
    if (role.role != ColumnRole::kIgnored && role.role != ColumnRole::kLabels &&
        count(role.role) > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("the header has several :", ToAbsl(role.name), " columns"));
    }
  }
  if (kind == TableKind::kNodes && count(ColumnRole::kId) == 0) {
    return absl::InvalidArgumentError("the header has no :ID column");
  }
  if (kind == TableKind::kRelationships &&
      (count(ColumnRole::kStartId) == 0 || count(ColumnRole::kEndId) == 0)) {
    return absl::InvalidArgumentError("the header needs a :START_ID and an :END_ID column");
  }
  std::vector<std::string_view> names;
  for (const Column& column : columns) {
    if (!column.name.empty()) names.push_back(column.name);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) return Wrong(*twice, "is there twice");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Column>> ParseTableHeader(TableKind kind,
                                                     absl::Span<const CsvField> cells) {
  if (cells.size() > kMaxColumnCount) {
    return absl::InvalidArgumentError(
        absl::StrCat("the header has more than ", kMaxColumnCount, " columns"));
  }
  std::vector<Column> columns;
  for (const CsvField& cell : cells) {
    ASSIGN_OR_RETURN(Column column, ParseColumn(kind, cell.text));
    columns.push_back(std::move(column));
  }
  RETURN_IF_ERROR(CheckColumns(kind, columns));
  return columns;
}

}  // namespace tidemark::csv_import
