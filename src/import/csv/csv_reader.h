// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "env/file_system.h"
#include "import/csv/text_source.h"

namespace tidemark::csv_import {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kCsvBlockBytes = 64;
inline constexpr size_t kMaxCsvRowBytes = 4096;
#else
inline constexpr size_t kCsvBlockBytes = 1 << 20;
// A quote that is never closed swallows what follows it, up to this.
inline constexpr size_t kMaxCsvRowBytes = 64 << 20;
#endif

struct CsvFormat {
  char delimiter = ',';
  char quote = '"';  // '\0': quotes are text like any other
};

struct CsvField {
  std::string_view text;  // without quotes; doubled quotes are single
  bool quoted = false;
};

// Reads rows of separated values from an input of any size: a file, packed with gzip or not, or a
// pipe. A field that begins with a quote ends with one, may hold delimiters and line breaks, and
// says a quote by two. Lines end with \n or \r\n, or with \r where the input's front has no \n;
// empty lines and a byte order mark at the front are left out.
// Owner: the caller. Threads: one; blocks. Memory: one block, or the longest row.
// Errors: of the source, with its path; kInvalidArgument for UTF-16. A row that breaks the rules is
// not an error: see Row.
class CsvReader {
 public:
  enum class Row {
    kGood,
    kBad,  // problem() says why; reading may go on behind the row
    kEnd,
  };

  static absl::StatusOr<std::unique_ptr<CsvReader>> Open(env::FileSystem* files,
                                                         const std::string& path,
                                                         const CsvFormat& format);

  // Leaves out `count` lines (not rows). REQUIRES: nothing was read yet.
  absl::Status SkipLines(uint64_t count);
  absl::StatusOr<Row> Next();

  // Of the last row; live until the next call of Next.
  absl::Span<const CsvField> fields() const { return fields_; }
  const std::string& problem() const { return problem_; }
  uint64_t line() const { return row_line_; }  // the row's first line, from 1

  const std::string& path() const { return path_; }
  // How far Next has come in the text.
  uint64_t text_bytes() const { return read_bytes_ - (buffer_.size() - at_); }
  // How far the file is read; of packed bytes, when it is packed.
  uint64_t file_position_bytes() const { return source_->position_bytes(); }

 private:
  // What ended a scan over the bytes at hand.
  enum class Scan { kRow, kBad, kNeedMore };
  // One field of the row under way: where its text lies in the buffer or in unquoted_.
  struct Piece {
    size_t offset;
    size_t size;
    bool quoted;
    bool in_unquoted;
  };

  CsvReader(std::string path, const CsvFormat& format) : path_(std::move(path)), format_(format) {}
  absl::Status Fill();
  absl::Status ReadFront();
  absl::Status SkipEmptyLines();
  Scan ScanRow();
  Scan ScanField(size_t* at);
  Scan ScanQuoted(size_t* at);
  bool EndsField(size_t at) const;
  bool NeedsMore(size_t at) const { return at >= buffer_.size() && !at_end_; }
  Scan Bad(std::string problem, size_t at);
  void MoveTo(size_t at);
  void TakeFields();

  std::string path_;
  CsvFormat format_;
  std::unique_ptr<TextSource> source_;
  uint64_t read_bytes_ = 0;  // of the text, into the buffer
  bool at_end_ = false;      // the buffer holds the text's last byte
  char line_end_ = '\n';     // the last byte of a line

  std::string buffer_;
  size_t at_ = 0;      // the next row begins here
  uint64_t line_ = 1;  // of at_

  uint64_t row_line_ = 0;
  std::vector<Piece> pieces_;
  std::string unquoted_;
  std::vector<CsvField> fields_;
  std::string problem_;
};

}  // namespace tidemark::csv_import
