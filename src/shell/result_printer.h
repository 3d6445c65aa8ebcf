// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bolt_client/value.h"

namespace tidemark::shell {

// Prints the rows of one statement while they come.
// Owner: the run of a statement. Threads: one. Limits: a table keeps kSampleRows rows before it
// decides how wide its columns are; everything else keeps one row.
class ResultPrinter {
 public:
  static constexpr size_t kSampleRows = 1'000;
  using Out = std::function<void(std::string_view text)>;

  virtual ~ResultPrinter() = default;
  virtual void AddRow(const bolt_client::Row& row) = 0;
  virtual void Finish() {}
};

struct PrinterOptions {
  std::string format = "table";  // table, plain, json, csv
  size_t width = 80;             // of the terminal, in columns
};

// Prints the names of the columns, too. Nothing is printed of a statement without columns.
std::unique_ptr<ResultPrinter> MakePrinter(const PrinterOptions& options,
                                           std::vector<std::string> columns,
                                           ResultPrinter::Out out);

// How wide each column of a table gets: as wide as its content when all fit into `room`, else the
// widest give first. Every column keeps one.
std::vector<size_t> FitWidths(std::vector<size_t> wanted, size_t room);

}  // namespace tidemark::shell
