// SPDX-License-Identifier: Apache-2.0
#include "shell/result_printer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "cli/json.h"
#include "graph/value.h"
#include "graph/value_text.h"
#include "shell/text_width.h"
#include "shell/value_text.h"

namespace tidemark::shell {
namespace {

using bolt_client::Kind;
using bolt_client::Row;
using bolt_client::Value;

// Between two cells " | ", before the first "| ", behind the last " |".
constexpr size_t kCellFrame = 3;

bool IsString(const Value& value) {
  return value.kind == Kind::kScalar && value.scalar.type() == graph::ValueType::kString;
}

bool IsNumber(const Value& value) {
  return value.kind == Kind::kScalar && value.scalar.is_number();
}

// Control characters in the name of a column would break the frame.
std::string ColumnText(const std::string& name) {
  return absl::StrReplaceAll(name, {{"\n", " "}, {"\r", " "}, {"\t", " "}, {"\x1b", " "}});
}

struct Cell {
  std::string text;
  bool to_the_right = false;
};

class TablePrinter : public ResultPrinter {
 public:
  TablePrinter(size_t width, std::vector<std::string> columns, Out out)
      : width_(width), out_(std::move(out)) {
    for (std::string& column : columns) head_.push_back({ColumnText(column)});
  }

  void AddRow(const Row& row) override {
    std::vector<Cell> cells;
    for (const Value& value : row) cells.push_back({CypherText(value), IsNumber(value)});
    cells.resize(head_.size());
    if (!widths_.empty()) return PrintCells(cells);
    sample_.push_back(std::move(cells));
    if (sample_.size() == kSampleRows) PrintSample();
  }

  void Finish() override {
    if (widths_.empty()) PrintSample();
    PrintLine();
  }

 private:
  void PrintSample() {
    for (const Cell& cell : head_) widths_.push_back(std::max<size_t>(1, TextWidth(cell.text)));
    for (const std::vector<Cell>& row : sample_) {
      for (size_t i = 0; i < row.size(); ++i) {
        widths_[i] = std::max(widths_[i], TextWidth(row[i].text));
      }
    }
    const size_t frame = kCellFrame * widths_.size() + 1;
    widths_ = FitWidths(std::move(widths_), width_ > frame ? width_ - frame : 0);
    PrintLine();
    PrintCells(head_);
    PrintLine();
    for (const std::vector<Cell>& row : sample_) PrintCells(row);
    sample_.clear();
  }

  void PrintLine() {
    std::string line = "+";
    for (const size_t width : widths_) absl::StrAppend(&line, std::string(width + 2, '-'), "+");
    out_(line + "\n");
  }

  // What is wider than its column goes on below.
  void PrintCells(std::vector<Cell> cells) {
    bool more = true;
    while (more) {
      more = false;
      std::string line = "|";
      for (size_t i = 0; i < cells.size(); ++i) {
        const size_t bytes = BytesWithin(cells[i].text, widths_[i]);
        const std::string part = cells[i].text.substr(0, bytes);
        cells[i].text.erase(0, bytes);
        const size_t used = TextWidth(part);
        const std::string blanks(widths_[i] > used ? widths_[i] - used : 0, ' ');
        absl::StrAppend(&line, " ", cells[i].to_the_right ? blanks + part : part + blanks, " |");
        more = more || !cells[i].text.empty();
      }
      out_(line + "\n");
    }
  }

  const size_t width_;
  const Out out_;
  std::vector<Cell> head_;
  std::vector<std::vector<Cell>> sample_;
  std::vector<size_t> widths_;
};

class PlainPrinter : public ResultPrinter {
 public:
  PlainPrinter(const std::vector<std::string>& columns, Out out) : out_(std::move(out)) {
    std::string line;
    for (const std::string& column : columns) {
      absl::StrAppend(&line, line.empty() ? "" : "\t", ColumnText(column));
    }
    out_(line + "\n");
  }

  void AddRow(const Row& row) override {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, i == 0 ? "" : "\t", CypherText(row[i]));
    }
    out_(line + "\n");
  }

 private:
  const Out out_;
};

// One object a line.
class JsonPrinter : public ResultPrinter {
 public:
  JsonPrinter(std::vector<std::string> columns, Out out)
      : columns_(std::move(columns)), out_(std::move(out)) {}

  void AddRow(const Row& row) override {
    cli::JsonWriter json;
    json.BeginObject();
    for (size_t i = 0; i < std::min(row.size(), columns_.size()); ++i) {
      json.Key(columns_[i]);
      WriteJson(row[i], &json);
    }
    json.EndObject();
    out_(json.text() + "\n");
  }

 private:
  const std::vector<std::string> columns_;
  const Out out_;
};

// RFC 4180, but for the ends of lines. Null is an empty field, an empty string "".
class CsvPrinter : public ResultPrinter {
 public:
  CsvPrinter(const std::vector<std::string>& columns, Out out) : out_(std::move(out)) {
    std::string line;
    for (size_t i = 0; i < columns.size(); ++i) {
      absl::StrAppend(&line, i == 0 ? "" : ",", Field(columns[i]));
    }
    out_(line + "\n");
  }

  void AddRow(const Row& row) override {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += ",";
      if (IsString(row[i])) {
        line += Field(row[i].text());
      } else if (row[i].kind != Kind::kScalar || !row[i].scalar.is_null()) {
        line += Field(CypherText(row[i]));
      }
    }
    out_(line + "\n");
  }

 private:
  static std::string Field(std::string_view text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
      return std::string(text);
    }
    return absl::StrCat("\"", absl::StrReplaceAll(ToAbsl(text), {{"\"", "\"\""}}), "\"");
  }

  const Out out_;
};

class NoPrinter : public ResultPrinter {
 public:
  void AddRow(const Row&) override {}
};

}  // namespace

std::vector<size_t> FitWidths(std::vector<size_t> wanted, size_t room) {
  size_t total = 0;
  for (const size_t width : wanted) total += width;
  if (total <= room) return wanted;
  // The largest width at which everything fits; columns that are narrower stay as they are.
  size_t limit = std::max<size_t>(1, room);
  while (limit > 1) {
    total = 0;
    for (const size_t width : wanted) total += std::min(width, limit);
    if (total <= room) break;
    --limit;
  }
  for (size_t& width : wanted) {
    const bool was_cut = width > limit;
    width = std::min(width, limit);
    if (was_cut && total < room) {
      ++width;
      ++total;
    }
  }
  return wanted;
}

std::unique_ptr<ResultPrinter> MakePrinter(const PrinterOptions& options,
                                           std::vector<std::string> columns,
                                           ResultPrinter::Out out) {
  if (columns.empty()) return std::make_unique<NoPrinter>();
  if (options.format == "json") {
    return std::make_unique<JsonPrinter>(std::move(columns), std::move(out));
  }
  if (options.format == "csv") return std::make_unique<CsvPrinter>(columns, std::move(out));
  if (options.format == "plain") return std::make_unique<PlainPrinter>(columns, std::move(out));
  return std::make_unique<TablePrinter>(options.width, std::move(columns), std::move(out));
}

}  // namespace tidemark::shell
