// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "env/file_system.h"
#include "import/csv/csv_reader.h"
#include "import/import_options.h"
#include "import/row_batch.h"
#include "import/table_header.h"

namespace tidemark::csv_import {

// The rows of one group of files, batch by batch. A malformed row is passed over and kept among the
// batch's bad rows.
// Owner: the importer. Threads: one at a time; blocks. Errors: of files and of the header, with
// their place.
class TableReader {
 public:
  static absl::StatusOr<std::unique_ptr<TableReader>> Open(env::FileSystem* files,
                                                           const ImportTable& table,
                                                           const ImportOptions& options);

  const std::vector<Column>& columns() const { return columns_; }
  uint64_t size_bytes() const { return size_bytes_; }  // of all parts
  // Replaces *batch by the next rows, all of one part. False at the end of the last part.
  absl::StatusOr<bool> Read(RowBatch* batch);

 private:
  TableReader(env::FileSystem* files, const ImportTable& table, const ImportOptions& options)
      : files_(files), table_(table), options_(options) {}
  absl::Status OpenPart();
  absl::Status ReadHeader();
  void AddRow(CsvReader::Row row, RowBatch* batch) const;
  // Bytes of all parts that were passed.
  uint64_t position_bytes() const { return passed_bytes_ + csv_->position_bytes(); }

  env::FileSystem* const files_;
  const ImportTable& table_;
  const ImportOptions& options_;
  size_t next_part_ = 0;
  uint64_t size_bytes_ = 0;
  uint64_t passed_bytes_ = 0;
  std::unique_ptr<CsvReader> csv_;
  std::vector<Column> columns_;
};

}  // namespace tidemark::csv_import
