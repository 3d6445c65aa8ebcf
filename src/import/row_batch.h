// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "import/bad_rows.h"
#include "import/csv/csv_reader.h"

namespace tidemark::csv_import {

// Some rows of one file on their way through the import: as they were read, and what parsing made
// of them. Owner: the row pipeline. Threads: one at a time, that of its stage.
struct RowBatch {
  struct Row {
    uint64_t line = 0;
    size_t first_field = 0;
    // Below: made by parsing.
    VertexId source;  // of a relationship
    VertexId target;
    size_t first_property_byte = 0;
    size_t property_bytes = 0;
  };
  struct BadRow {
    uint64_t line;
    BadRowKind kind;
    std::string reason;
  };

  bool is_empty() const { return rows.empty() && bad_rows.empty(); }
  absl::Span<const CsvField> FieldsOf(const Row& row) const {
    return absl::MakeConstSpan(fields).subspan(row.first_field, column_count);
  }
  std::string_view PropertiesOf(const Row& row) const {
    return std::string_view(properties).substr(row.first_property_byte, row.property_bytes);
  }
  // Keeps its memory.
  void Clear();
  // The fields have their sizes and stand in `text` one behind the other.
  void PointFieldsAtText();

  std::string path;             // of the file
  uint64_t position_bytes = 0;  // how far the table is read behind the batch
  size_t column_count = 0;
  std::string text;  // of all fields
  std::vector<CsvField> fields;
  std::vector<Row> rows;
  std::vector<BadRow> bad_rows;  // ascending by line, none of them in `rows`
  std::string properties;        // packed, of all rows
  absl::Status status;           // of parsing: what ends the import
};

}  // namespace tidemark::csv_import
