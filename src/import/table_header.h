// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "graph/value.h"
#include "graph/value_text.h"
#include "import/csv/csv_reader.h"

namespace tidemark::csv_import {

enum class ColumnRole : uint8_t {
  kProperty,
  kId,
  kLabels,
  kStartId,
  kEndId,
  kType,
  kIgnored,
};

// One column as its header cell says: "name:type", "name:type[]", ":ID(Group)", ":LABEL", ...;
// behind it options: "{timezone:+02:00}", "{crs:WGS-84}", "{id-type:int}".
struct Column {
  ColumnRole role = ColumnRole::kProperty;
  std::string name;   // property key; of kId only when the id is to be kept as a property
  std::string group;  // kId, kStartId, kEndId: the scope of the ids; empty = the common one
  graph::ValueType type = graph::ValueType::kString;  // of the value, or of its elements
  bool is_list = false;
  graph::TextDefaults defaults;         // by the options timezone and crs
  std::optional<bool> has_integer_ids;  // kId, kStartId, kEndId: by the option id-type
};

enum class TableKind { kNodes, kRelationships };

// The columns that a header row names. kInvalidArgument names the column and the reason.
absl::StatusOr<std::vector<Column>> ParseTableHeader(TableKind kind,
                                                     absl::Span<const CsvField> cells);

}  // namespace tidemark::csv_import
