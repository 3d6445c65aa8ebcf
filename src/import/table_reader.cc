// SPDX-License-Identifier: Apache-2.0
#include "import/table_reader.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "import/csv/text_source.h"
#include "import/file_patterns.h"
#include "import/limits.h"

namespace tidemark::csv_import {

absl::StatusOr<std::unique_ptr<TableReader>> TableReader::Open(env::FileSystem* files,
                                                               const ImportTable& table,
                                                               const ImportOptions& options) {
  std::unique_ptr<TableReader> reader(new TableReader(files, table, options));
  RETURN_IF_ERROR(reader->FindParts());
  RETURN_IF_ERROR(reader->OpenPart());
  if (const absl::Status status = reader->ReadHeader(); !status.ok()) {
    return Annotate(status, absl::StrCat(reader->csv_->path(), ":", reader->csv_->line()));
  }
  return reader;
}

absl::Status TableReader::FindParts() {
  for (const std::string& pattern : table_.paths) {
    ASSIGN_OR_RETURN(const std::vector<std::string> paths, ExpandPattern(files_, pattern));
    for (const std::string& path : paths) {
      ASSIGN_OR_RETURN(const std::optional<uint64_t> size, files_->InputSize(PathOfInput(path)));
      parts_.push_back({path, size.value_or(0)});
      size_bytes_ += size.value_or(0);
    }
  }
  return absl::OkStatus();
}

absl::Status TableReader::OpenPart() {
  if (csv_ != nullptr) {
    passed_bytes_ += parts_[next_part_ - 1].size_bytes;
    passed_text_bytes_ += csv_->text_bytes();
  }
  ASSIGN_OR_RETURN(csv_, CsvReader::Open(files_, parts_[next_part_].path, options_.format));
  at_first_row_ = next_part_ > 0;
  if (next_part_ > 0) RETURN_IF_ERROR(csv_->SkipLines(options_.skip_lines));
  ++next_part_;
  return absl::OkStatus();
}

absl::Status TableReader::ReadHeader() {
  ASSIGN_OR_RETURN(const CsvReader::Row row, csv_->Next());
  if (row == CsvReader::Row::kEnd) return absl::InvalidArgumentError("there is no header row");
  if (row == CsvReader::Row::kBad) return absl::InvalidArgumentError(csv_->problem());
  ASSIGN_OR_RETURN(columns_, ParseTableHeader(table_.kind, csv_->fields()));
  for (const CsvField& field : csv_->fields()) header_.emplace_back(field.text);
  return absl::OkStatus();
}

absl::Status TableReader::CheckFirstRow() const {
  const absl::Span<const CsvField> fields = csv_->fields();
  const auto is_equal = [](const std::string& cell, const CsvField& field) {
    return cell == field.text;
  };
  if (!std::equal(header_.begin(), header_.end(), fields.begin(), fields.end(), is_equal)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(csv_->path(), ":", csv_->line(),
                   ": the header of the group is here again; with --skip-lines=1 the first line of "
                   "every file but the first is left out"));
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
  const uint64_t first_byte = text_bytes();
  while (text_bytes() - first_byte < kRowBatchBytes) {
    ASSIGN_OR_RETURN(const CsvReader::Row row, csv_->Next());
    if (row == CsvReader::Row::kGood && at_first_row_) RETURN_IF_ERROR(CheckFirstRow());
    at_first_row_ = false;
    if (row != CsvReader::Row::kEnd) {
      AddRow(row, batch);
      continue;
    }
    if (!batch->is_empty()) break;  // its rows are all of one part
    if (next_part_ == parts_.size()) return false;
    RETURN_IF_ERROR(OpenPart());
  }
  batch->path = csv_->path();
  batch->position_bytes = passed_bytes_ + csv_->file_position_bytes();
  batch->PointFieldsAtText();
  return true;
}

}  // namespace tidemark::csv_import
