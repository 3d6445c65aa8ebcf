// SPDX-License-Identifier: Apache-2.0
#include "tools/import/table_reader.h"

#include "base/status.h"

namespace tidemark::tools {

absl::StatusOr<std::unique_ptr<TableReader>> TableReader::Open(env::FileSystem* files,
                                                               const ImportTable& table,
                                                               const ImportOptions& options,
                                                               BadRows* bad_rows) {
  std::unique_ptr<TableReader> reader(new TableReader(files, table, options, bad_rows));
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

absl::StatusOr<bool> TableReader::Next() {
  for (;;) {
    ASSIGN_OR_RETURN(const CsvReader::Row row, csv_->Next());
    switch (row) {
      case CsvReader::Row::kEnd:
        if (next_part_ == table_.paths.size()) return false;
        RETURN_IF_ERROR(OpenPart());
        break;
      case CsvReader::Row::kBad:
        RETURN_IF_ERROR(ReportBad(BadRowKind::kMalformed, csv_->problem()));
        break;
      case CsvReader::Row::kGood:
        if (fields().size() == columns_.size()) return true;
        RETURN_IF_ERROR(ReportBad(BadRowKind::kMalformed,
                                  absl::StrCat("the row has ", fields().size(),
                                               " columns, the header ", columns_.size())));
        break;
    }
  }
}

absl::Status TableReader::ReportBad(BadRowKind kind, std::string_view reason) {
  const bool skipped = table_.kind == TableKind::kRelationships && options_.skip_bad_relationships;
  return bad_rows_->Add(kind, place(), reason, skipped);
}

}  // namespace tidemark::tools
