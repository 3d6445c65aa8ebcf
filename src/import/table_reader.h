// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
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
  // Of all parts; those whose size cannot be known, as that of a pipe, count nothing.
  uint64_t size_bytes() const { return size_bytes_; }
  // Replaces *batch by the next rows, all of one part. False at the end of the last part.
  absl::StatusOr<bool> Read(RowBatch* batch);

 private:
  TableReader(env::FileSystem* files, const ImportTable& table, const ImportOptions& options)
      : files_(files), table_(table), options_(options) {}
  absl::Status FindParts();
  absl::Status OpenPart();
  absl::Status ReadHeader();
  void AddRow(CsvReader::Row row, RowBatch* batch) const;
  // kInvalidArgument when the part begins with the header again.
  absl::Status CheckFirstRow() const;
  uint64_t text_bytes() const { return passed_text_bytes_ + csv_->text_bytes(); }

  env::FileSystem* const files_;
  const ImportTable& table_;
  const ImportOptions& options_;
  struct Part {
    std::string path;
    uint64_t size_bytes = 0;
  };
  std::vector<Part> parts_;
  size_t next_part_ = 0;
  uint64_t size_bytes_ = 0;
  uint64_t passed_bytes_ = 0;       // of files, before the part under way
  uint64_t passed_text_bytes_ = 0;  // of their text
  std::unique_ptr<CsvReader> csv_;
  bool at_first_row_ = false;  // of a part behind the first
  std::vector<std::string> header_;
  std::vector<Column> columns_;
};

}  // namespace tidemark::csv_import
