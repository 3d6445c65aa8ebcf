// SPDX-License-Identifier: Apache-2.0
#include "import/table_reader.h"

#include "base/status.h"
#include "import/limits.h"

namespace tidemark::csv_import {

absl::StatusOr<std::unique_ptr<TableReader>> TableReader::Open(env::FileSystem* files,
                                                               const ImportTable& table,
                                                               const ImportOptions& options) {
  std::unique_ptr<TableReader> reader(new TableReader(files, table, options));
  for (const std::string& path : table.paths) {
    ASSIGN_OR_RETURN(const std::unique_ptr<env::File> file,
                     files->Open(path, env::OpenMode::kRead));
    ASSIGN_OR_RETURN(const uint64_t size, file->Size());
    reader->size_bytes_ += size;
  }
  RETURN_IF_ERROR(reader->OpenPart());
  if (const absl::Status status = reader->ReadHeader(); !status.ok()) {
    return Annotate(status, absl::StrCat(reader->csv_->path(), ":", reader->csv_->line()));
  }
  return reader;
}

absl::Status TableReader::OpenPart() {
  if (csv_ != nullptr) passed_bytes_ += csv_->size_bytes();
  ASSIGN_OR_RETURN(csv_, CsvReader::Open(files_, table_.paths[next_part_], options_.format));
  if (next_part_ > 0) RETURN_IF_ERROR(csv_->SkipLines(options_.skip_lines));
  ++next_part_;
  return absl::OkStatus();
}

absl::Status TableReader::ReadHeader() {
  ASSIGN_OR_RETURN(const CsvReader::Row row, csv_->Next());
  if (row == CsvReader::Row::kEnd) return absl::InvalidArgumentError("there is no header row");
  if (row == CsvReader::Row::kBad) return absl::InvalidArgumentError(csv_->problem());
  ASSIGN_OR_RETURN(columns_, ParseTableHeader(table_.kind, csv_->fields()));
  return absl::OkStatus();
}

// The batch copies the row's text: csv_ reads on.
void TableReader::AddRow(CsvReader::Row row, RowBatch* batch) const {
  const absl::Span<const CsvField> fields = csv_->fields();
  if (row == CsvReader::Row::kBad) {
    batch->bad_rows.push_back({csv_->line(), BadRowKind::kMalformed, csv_->problem()});
  } else if (fields.size() != columns_.size()) {
    batch->bad_rows.push_back(
        {csv_->line(), BadRowKind::kMalformed,
         absl::StrCat("the row has ", fields.size(), " columns, the header ", columns_.size())});
  } else {
    batch->rows.push_back({.line = csv_->line(), .first_field = batch->fields.size()});
    batch->fields.insert(batch->fields.end(), fields.begin(), fields.end());
    for (const CsvField& field : fields) batch->text.append(field.text);
  }
}

absl::StatusOr<bool> TableReader::Read(RowBatch* batch) {
  batch->Clear();
  batch->column_count = columns_.size();
  const uint64_t first_byte = position_bytes();
  while (position_bytes() - first_byte < kRowBatchBytes) {
    ASSIGN_OR_RETURN(const CsvReader::Row row, csv_->Next());
    if (row != CsvReader::Row::kEnd) {
      AddRow(row, batch);
      continue;
    }
    if (!batch->is_empty()) break;  // its rows are all of one part
    if (next_part_ == table_.paths.size()) return false;
    RETURN_IF_ERROR(OpenPart());
  }
  batch->path = csv_->path();
  batch->position_bytes = position_bytes();
  batch->PointFieldsAtText();
  return true;
}

}  // namespace tidemark::csv_import
