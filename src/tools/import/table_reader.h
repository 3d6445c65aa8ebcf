// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "env/file_system.h"
#include "tools/csv/csv_reader.h"
#include "tools/import/bad_rows.h"
#include "tools/import/import_options.h"
#include "tools/import/table_header.h"

namespace tidemark::tools {

// The rows of one group of files. Malformed rows go to BadRows and are passed over.
// Owner: the importer. Threads: one; blocks. Errors: of files and of the header, with their place.
class TableReader {
 public:
  static absl::StatusOr<std::unique_ptr<TableReader>> Open(env::FileSystem* files,
                                                           const ImportTable& table,
                                                           const ImportOptions& options,
                                                           BadRows* bad_rows);

  const std::vector<Column>& columns() const { return columns_; }
  // False at the end of the last part.
  absl::StatusOr<bool> Next();
  // Of the current row: one per column.
  absl::Span<const CsvField> fields() const { return csv_->fields(); }
  BadRows::Place place() const { return {csv_->path(), csv_->line()}; }
  // Reports the current row.
  absl::Status ReportBad(BadRowKind kind, std::string_view reason);
  // Bytes of all parts that were passed.
  uint64_t position_bytes() const { return passed_bytes_ + csv_->position_bytes(); }

 private:
  TableReader(env::FileSystem* files, const ImportTable& table, const ImportOptions& options,
              BadRows* bad_rows)
      : files_(files), table_(table), options_(options), bad_rows_(bad_rows) {}
  absl::Status OpenPart();
  absl::Status ReadHeader();

  env::FileSystem* const files_;
  const ImportTable& table_;
  const ImportOptions& options_;
  BadRows* const bad_rows_;
  size_t next_part_ = 0;
  uint64_t passed_bytes_ = 0;
  std::unique_ptr<CsvReader> csv_;
  std::vector<Column> columns_;
};

}  // namespace tidemark::tools
