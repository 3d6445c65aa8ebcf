// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "import/csv/csv_reader.h"
#include "import/table_header.h"

namespace tidemark::csv_import {

// One group of files: the first begins with the header row, the others continue it.
struct ImportTable {
  TableKind kind = TableKind::kNodes;
  std::vector<std::string> names;  // labels of all its nodes, or the type of its relationships
  std::vector<std::string> paths;
};

// "[Label[:Label]=]part.csv[,part.csv...]", or "[TYPE=]...". kInvalidArgument says what is wrong.
absl::StatusOr<ImportTable> ParseImportTable(TableKind kind, std::string_view text);

struct ImportOptions {
  std::string data_dir;
  uint32_t worker_count = 1;
  std::vector<ImportTable> nodes;
  std::vector<ImportTable> relationships;
  CsvFormat format;
  char array_delimiter = ';';
  // Lines left out at the front of every part of a group but the first.
  uint64_t skip_lines = 0;
  // :ID columns with a name are kept as integers, not as strings.
  bool integer_ids = false;
  // Relationships that are malformed or lead nowhere are left out, up to bad_row_limit.
  bool skip_bad_relationships = false;
  uint64_t bad_row_limit = 1000;
  std::string report_file;  // every bad row, one a line; empty = none
};

}  // namespace tidemark::csv_import
