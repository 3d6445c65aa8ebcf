// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/value.h"
#include "import/csv/csv_reader.h"
#include "import/graph_builder.h"
#include "import/table_header.h"

namespace tidemark::csv_import {

// The value of a cell; null when the property is missing: an empty cell, and "" where the type is
// not a string. kInvalidArgument quotes the text.
absl::StatusOr<graph::Value> CellValue(const Column& column, const CsvField& cell,
                                       char array_delimiter);

// Packs the properties of the rows of one table.
// Owner: the importer. Threads: see Pack.
class RowProperties {
 public:
  // Names the keys of the columns.
  static absl::StatusOr<RowProperties> Create(const std::vector<Column>& columns,
                                              char array_delimiter, GraphBuilder* builder);
  // Appends to *packed. kInvalidArgument names the column. Threads: several at a time.
  absl::Status Pack(absl::Span<const CsvField> cells, std::string* packed) const;

 private:
  struct Property {
    size_t index;
    Column column;
    KeyId key;
  };
  std::vector<Property> properties_;
  char array_delimiter_ = ';';
};

}  // namespace tidemark::csv_import
