// SPDX-License-Identifier: Apache-2.0
#include "import/table_header.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "graph/text_scanner.h"
#include "import/limits.h"

namespace tidemark::csv_import {
namespace {

using graph::ValueType;

constexpr size_t kMaxQuotedBytes = 80;

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
  return absl::InvalidArgumentError(absl::StrCat("the column ", graph::Quote(cell, kMaxQuotedBytes),
                                                 " of the header ", ToAbsl(why)));
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

absl::StatusOr<Column> ParseNameAndType(TableKind kind, std::string_view cell) {
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

absl::Status ParseIdType(std::string_view cell, std::string_view value, Column* column) {
  const std::string low = absl::AsciiStrToLower(ToAbsl(value));
  const bool is_integer = low == "int" || low == "integer" || low == "long";
  if (!is_integer && low != "string")
    return Wrong(cell, "has an id-type other than int and string");
  column->has_integer_ids = is_integer;
  return absl::OkStatus();
}

absl::Status ParseOption(std::string_view cell, std::string_view option, Column* column) {
  const size_t colon = option.find(':');
  const std::string_view key = graph::TrimBlanks(option.substr(0, colon));
  const std::string_view value =
      colon == std::string_view::npos ? "" : graph::TrimBlanks(option.substr(colon + 1));
  const bool is_property = column->role == ColumnRole::kProperty;
  const bool is_zoned = column->type == ValueType::kTime || column->type == ValueType::kDateTime;
  if (key == "id-type" && HasGroup(column->role)) return ParseIdType(cell, value, column);
  if (key == "timezone" && is_property && is_zoned) {
    const absl::Status status = graph::SetDefaultZone(value, &column->defaults);
    const bool has_name = !column->defaults.zone.empty();
    if (!status.ok()) return Wrong(cell, absl::StrCat("has a wrong option: ", status.message()));
    if (has_name && column->type == ValueType::kTime) {
      return Wrong(cell, "needs an offset like +02:00: a time without a date has no zone");
    }
    return absl::OkStatus();
  }
  if (key == "crs" && is_property && column->type == ValueType::kPoint) {
    const absl::StatusOr<graph::Crs> crs = graph::ParseCrs(value);
    if (!crs.ok()) {
      return Wrong(cell, absl::StrCat("has a wrong option: ", crs.status().message()));
    }
    column->defaults.crs = *crs;
    return absl::OkStatus();
  }
  return Wrong(cell, absl::StrCat("cannot have the option ", graph::Quote(key, kMaxQuotedBytes),
                                  "; there are timezone for time and datetime, crs for point, and "
                                  "id-type for ids"));
}

// Takes "{key:value,...}" from the end of the cell. Braces in a name without a type are its own.
std::string_view TakeOptions(std::string_view* cell) {
  const size_t open = cell->rfind('{');
  if (open == std::string_view::npos || !cell->ends_with('}')) return {};
  if (cell->substr(0, open).find(':') == std::string_view::npos) return {};
  const std::string_view options = cell->substr(open + 1, cell->size() - open - 2);
  *cell = graph::TrimBlanks(cell->substr(0, open));
  return options;
}

absl::StatusOr<Column> ParseColumn(TableKind kind, std::string_view whole_cell) {
  std::string_view cell = whole_cell;
  const std::string_view options = TakeOptions(&cell);
  ASSIGN_OR_RETURN(Column column, ParseNameAndType(kind, cell));
  if (options.empty()) return column;
  for (const absl::string_view option : absl::StrSplit(ToAbsl(options), ',')) {
    RETURN_IF_ERROR(ParseOption(whole_cell, FromAbsl(option), &column));
  }
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
