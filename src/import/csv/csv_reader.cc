// SPDX-License-Identifier: Apache-2.0
#include "import/csv/csv_reader.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "base/status.h"

namespace tidemark::csv_import {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// An input that has no \n up to here ends its lines with \r, if it has one.
constexpr size_t kLineEndProbeBytes = 64 << 10;

}  // namespace

absl::StatusOr<std::unique_ptr<CsvReader>> CsvReader::Open(env::FileSystem* files,
                                                           const std::string& path,
                                                           const CsvFormat& format) {
  std::unique_ptr<CsvReader> reader(new CsvReader(path, format));
  ASSIGN_OR_RETURN(reader->source_, TextSource::Open(files, path));
  RETURN_IF_ERROR(reader->ReadFront());
  return reader;
}

absl::Status CsvReader::ReadFront() {
  do {
    RETURN_IF_ERROR(Fill());
  } while (!at_end_ && buffer_.size() < kLineEndProbeBytes &&
           buffer_.find('\n') == std::string::npos);
  for (const std::string_view mark : {"\xff\xfe", "\xfe\xff"}) {
    if (!buffer_.starts_with(mark)) continue;
    return absl::InvalidArgumentError(absl::StrCat(path_, ": is UTF-16 (byte order mark ",
                                                   absl::BytesToHexString(ToAbsl(mark)),
                                                   "); convert it to UTF-8"));
  }
  // A \r at the end of what is read may have its \n behind it.
  const size_t carriage_return = buffer_.find('\r');
  const bool stands_alone = at_end_ || carriage_return + 1 < buffer_.size();
  if (buffer_.find('\n') == std::string::npos && carriage_return != std::string::npos &&
      stands_alone) {
    line_end_ = '\r';
  }
  if (buffer_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  return absl::OkStatus();
}

// Drops what lies before at_ and reads one more block behind the rest.
absl::Status CsvReader::Fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const size_t kept = buffer_.size();
  // A row that did not fit is read again from its front: doubling keeps that linear.
  const size_t rest_of_row = kept < kMaxCsvRowBytes ? kMaxCsvRowBytes - kept : 0;
  const size_t wanted = std::max(kCsvBlockBytes, std::min(kept, rest_of_row));
  buffer_.resize(kept + wanted);
  ASSIGN_OR_RETURN(const size_t got, source_->Read(buffer_.data() + kept, wanted));
  buffer_.resize(kept + got);
  read_bytes_ += got;
  at_end_ = got < wanted;
  return absl::OkStatus();
}

absl::Status CsvReader::SkipLines(uint64_t count) {
  while (count > 0) {
    const size_t end = buffer_.find(line_end_, at_);
    if (end != std::string::npos) {
      at_ = end + 1;
      ++line_;
      --count;
      continue;
    }
    at_ = buffer_.size();
    if (at_end_) return absl::OkStatus();
    RETURN_IF_ERROR(Fill());
  }
  return absl::OkStatus();
}

absl::Status CsvReader::SkipEmptyLines() {
  for (;;) {
    if (buffer_.size() - at_ < 2 && !at_end_) RETURN_IF_ERROR(Fill());
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    const size_t size = rest.starts_with(line_end_) ? 1 : rest.starts_with("\r\n") ? 2 : 0;
    if (size == 0) return absl::OkStatus();
    at_ += size;
    ++line_;
  }
}

absl::StatusOr<CsvReader::Row> CsvReader::Next() {
  fields_.clear();
  RETURN_IF_ERROR(SkipEmptyLines());
  row_line_ = line_;
  if (at_ == buffer_.size()) return Row::kEnd;
  for (;;) {
    switch (ScanRow()) {
      case Scan::kRow:
        return Row::kGood;
      case Scan::kBad:
        return Row::kBad;
      case Scan::kNeedMore:
        break;
    }
    if (buffer_.size() - at_ > kMaxCsvRowBytes) {
      // Nothing behind it can be told apart from it: the file ends here.
      problem_ =
          absl::StrCat("the row has more than ", kMaxCsvRowBytes, " bytes; is a quote not closed?");
      at_ = buffer_.size();
      at_end_ = true;
      return Row::kBad;
    }
    RETURN_IF_ERROR(Fill());
  }
}

CsvReader::Scan CsvReader::ScanRow() {
  pieces_.clear();
  unquoted_.clear();
  size_t at = at_;
  for (;;) {
    if (const Scan scan = ScanField(&at); scan != Scan::kRow) return scan;
    if (at < buffer_.size() && buffer_[at] == format_.delimiter) {
      ++at;
      continue;
    }
    TakeFields();
    if (at < buffer_.size() && buffer_[at] != line_end_) ++at;
    if (at < buffer_.size()) ++at;
    MoveTo(at);
    return Scan::kRow;
  }
}

// True at a delimiter, a line end or the end of the file. REQUIRES: what it looks at is there.
bool CsvReader::EndsField(size_t at) const {
  if (at >= buffer_.size()) return true;
  const char c = buffer_[at];
  if (c == format_.delimiter || c == line_end_) return true;
  return c == '\r' && (at + 1 >= buffer_.size() || buffer_[at + 1] == '\n');
}

// Leaves *at behind the field, at a delimiter, a line end or the end of the file.
CsvReader::Scan CsvReader::ScanField(size_t* at) {
  if (NeedsMore(*at)) return Scan::kNeedMore;
  if (format_.quote != '\0' && *at < buffer_.size() && buffer_[*at] == format_.quote) {
    return ScanQuoted(at);
  }
  const size_t start = *at;
  const char* const data = buffer_.data();
  const size_t size = buffer_.size();
  size_t end = start;
  for (; end < size; ++end) {
    if (data[end] == format_.delimiter || data[end] == line_end_) break;
    if (data[end] == '\r' && EndsField(end)) break;
  }
  // The byte behind a carriage return decides whether it ends the line.
  if (NeedsMore(end < size && data[end] == '\r' ? end + 1 : end)) return Scan::kNeedMore;
  pieces_.push_back({start, end - start, false, false});
  *at = end;
  return Scan::kRow;
}

CsvReader::Scan CsvReader::ScanQuoted(size_t* at) {
  const size_t start = *at + 1;
  size_t from = start;  // not copied yet
  bool doubled = false;
  const size_t unquoted_start = unquoted_.size();
  for (;;) {
    const size_t quote = buffer_.find(format_.quote, from);
    if (quote == std::string::npos) {
      if (!at_end_) return Scan::kNeedMore;
      return Bad("a quote is not closed", buffer_.size());
    }
    if (NeedsMore(quote + 2)) return Scan::kNeedMore;
    if (quote + 1 < buffer_.size() && buffer_[quote + 1] == format_.quote) {
      unquoted_.append(buffer_, from, quote + 1 - from);
      doubled = true;
      from = quote + 2;
      continue;
    }
    if (!EndsField(quote + 1)) return Bad("text behind a closing quote", quote + 1);
    if (doubled) {
      unquoted_.append(buffer_, from, quote - from);
      pieces_.push_back({unquoted_start, unquoted_.size() - unquoted_start, true, true});
    } else {
      pieces_.push_back({start, quote - start, true, false});
    }
    *at = quote + 1;
    return Scan::kRow;
  }
}

// Leaves out the rest of the line that holds `at`.
CsvReader::Scan CsvReader::Bad(std::string problem, size_t at) {
  const size_t newline = buffer_.find(line_end_, at);
  if (newline == std::string::npos && !at_end_) return Scan::kNeedMore;
  problem_ = std::move(problem);
  MoveTo(newline == std::string::npos ? buffer_.size() : newline + 1);
  return Scan::kBad;
}

void CsvReader::MoveTo(size_t at) {
  const auto from = buffer_.begin() + static_cast<ptrdiff_t>(at_);
  const auto to = buffer_.begin() + static_cast<ptrdiff_t>(at);
  line_ += static_cast<uint64_t>(std::count(from, to, line_end_));
  at_ = at;
}

void CsvReader::TakeFields() {
  for (const Piece& piece : pieces_) {
    const std::string& from = piece.in_unquoted ? unquoted_ : buffer_;
    fields_.push_back({std::string_view(from).substr(piece.offset, piece.size), piece.quoted});
  }
}

}  // namespace tidemark::csv_import
