// SPDX-License-Identifier: Apache-2.0
#include "shell/shell.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt_client/failure.h"
#include "graph/value_text.h"
#include "shell/statement_splitter.h"
#include "shell/summary_text.h"
#include "shell/value_text.h"

namespace tidemark::shell {
namespace {

using bolt_client::Connection;

// Rows that are fetched at a time.
constexpr int64_t kFetchRows = 1'000;
constexpr size_t kMaxScriptBytes = 256 << 20;

constexpr std::string_view kHelp =
    "A statement ends with a semicolon and may have several lines.\n"
    "  :param                    lists the parameters\n"
    "  :param NAME => EXPRESSION sets $NAME; the server evaluates the expression\n"
    "  :param {NAME: VALUE, ...} sets several\n"
    "  :param clear              forgets all\n"
    "  :begin :commit :rollback  a transaction over several statements\n"
    "  :source FILE              runs the statements of a file\n"
    "  :help                     this text\n"
    "  :quit                     ends the shell, as Ctrl-D does\n"
    "Tab completes keywords, labels, types and properties. Ctrl-C interrupts what runs.\n";

bool IsName(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
  return plain && !text.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(text[0]));
}

std::string Stripped(std::string_view text) {
  return std::string(absl::StripAsciiWhitespace(ToAbsl(text)));
}

}  // namespace

Shell::Shell(ShellOptions options, env::FileSystem* files, ResultPrinter::Out out,
             ResultPrinter::Out err)
    : options_(std::move(options)), files_(files), out_(std::move(out)), err_(std::move(err)) {}

absl::Status Shell::Connect() {
  ASSIGN_OR_RETURN(connection_, Connection::Open(options_.connection));
  return absl::OkStatus();
}

absl::Status Shell::Run(const std::string& entry) {
  if (!entry.starts_with(':')) return Report(RunStatement(entry));
  const size_t end = std::min(entry.find_first_of(" \t"), entry.size());
  std::string command = absl::AsciiStrToLower(entry.substr(0, end));
  std::string argument = Stripped(std::string_view(entry).substr(end));
  // A semicolon behind a command is forgiven.
  for (std::string* text : {&argument, &command}) {
    while (!text->empty() && text->back() == ';') text->pop_back();
  }
  if (command == ":source") return Source(argument);
  return Report(RunCommand(command, argument));
}

absl::Status Shell::RunText(std::string_view text) {
  StatementSplitter splitter;
  splitter.Add(text);
  while (!is_over()) {
    std::optional<std::string> entry = splitter.Next();
    const bool is_last = !entry.has_value();
    if (is_last) entry = splitter.TakeRest();
    if (entry->empty() && is_last) break;
    if (!entry->empty()) RETURN_IF_ERROR(Run(*entry));
    if (is_last) break;
  }
  return absl::OkStatus();
}

absl::Status Shell::Report(const absl::Status& status) {
  if (status.ok()) return status;
  ++failure_count_;
  if (absl::IsCancelled(status)) return AfterInterrupt(status);
  const std::string code = bolt_client::ServerCode(status);
  err_(absl::StrCat(code.empty() ? "error" : code, ": ", status.message(), "\n"));
  if (connection_ != nullptr && !connection_->is_broken()) return absl::OkStatus();
  connection_.reset();
  return absl::UnavailableError("there is no connection to the server any more");
}

// Ctrl-C ends what runs; the shell and its connection stay.
absl::Status Shell::AfterInterrupt(const absl::Status& status) {
  const bool was_open = connection_ != nullptr && connection_->in_transaction();
  const absl::Status reset = connection_ == nullptr ? absl::OkStatus() : connection_->Reset();
  if (!reset.ok()) connection_.reset();
  err_(was_open ? "interrupted; the transaction was rolled back\n" : "interrupted\n");
  return status;
}

absl::Status Shell::RunStatement(const std::string& text) {
  if (connection_ == nullptr) RETURN_IF_ERROR(Connect());
  const bool was_open = connection_->in_transaction();
  const absl::Status status = Execute(text);
  if (was_open && !status.ok() && !absl::IsCancelled(status)) {
    err_("the transaction was rolled back\n");
  }
  return status;
}

absl::Status Shell::Execute(const std::string& text) {
  const int64_t start_ms = bolt_client::MonotonicMillis();
  ASSIGN_OR_RETURN(std::vector<std::string> columns, connection_->Run(text, Parameters()));
  const bool has_columns = !columns.empty();
  const std::unique_ptr<ResultPrinter> printer =
      MakePrinter(options_.printer, std::move(columns), out_);
  int64_t row_count = 0;
  const Connection::OnRow on_row = [&](const bolt_client::Row& row) {
    printer->AddRow(row);
    ++row_count;
  };
  bolt_client::Summary summary{.has_more = true};
  while (summary.has_more) {
    absl::StatusOr<bolt_client::Summary> part = connection_->Pull(kFetchRows, on_row);
    // What came before a failure is shown.
    if (!part.ok()) {
      if (row_count > 0) printer->Finish();
      return part.status();
    }
    summary = *std::move(part);
  }
  printer->Finish();
  if (summary.type != "r") names_known_ = false;
  const ResultPrinter::Out& notes = options_.printer.format == "table" ? out_ : err_;
  notes(PlanText(summary));
  notes(NotificationText(summary));
  notes(SummaryText(summary, has_columns ? row_count : -1,
                    bolt_client::MonotonicMillis() - start_ms));
  return absl::OkStatus();
}

absl::Status Shell::RunCommand(const std::string& command, const std::string& argument) {
  if (command == ":help") {
    out_(kHelp);
    return absl::OkStatus();
  }
  if (command == ":quit" || command == ":exit") {
    quit_ = true;
    return absl::OkStatus();
  }
  if (connection_ == nullptr) RETURN_IF_ERROR(Connect());
  if (command == ":param" || command == ":params") return SetParameters(argument);
  if (command == ":begin") {
    if (in_transaction()) return absl::FailedPreconditionError("a transaction is open already");
    return connection_->Begin();
  }
  if (command == ":commit") return connection_->Commit().status();
  if (command == ":rollback") return connection_->Rollback();
  return absl::InvalidArgumentError(
      absl::StrCat("there is no command ", command, "; :help lists them"));
}

absl::Status Shell::SetParameters(std::string_view argument) {
  if (argument.empty()) {
    ListParameters();
    return absl::OkStatus();
  }
  if (argument == "clear") {
    parameters_.clear();
    return absl::OkStatus();
  }
  if (argument.starts_with('{')) {
    ASSIGN_OR_RETURN(const bolt_client::Result result,
                     connection_->Query(absl::StrCat("RETURN ", ToAbsl(argument), " AS parameters"),
                                        Parameters()));
    if (result.rows.empty() || result.rows[0].empty()) {
      return absl::InternalError("the server gave no value");
    }
    for (const auto& [name, value] : result.rows[0][0].entries) {
      RETURN_IF_ERROR(SetParameter(name, value));
    }
    return absl::OkStatus();
  }
  const size_t arrow = argument.find("=>");
  const size_t split = std::min(arrow, argument.find_first_of(" \t:"));
  const std::string name = Stripped(argument.substr(0, split));
  std::string expression = split < argument.size() ? Stripped(argument.substr(split)) : "";
  if (expression.starts_with("=>")) expression.erase(0, 2);
  if (expression.starts_with(":")) expression.erase(0, 1);
  expression = Stripped(expression);
  if (!IsName(name) || expression.empty()) {
    return absl::InvalidArgumentError(
        "write :param NAME => EXPRESSION, as in :param city => 'Malmö'");
  }
  ASSIGN_OR_RETURN(
      const bolt_client::Result result,
      connection_->Query(absl::StrCat("RETURN ", expression, " AS ", name), Parameters()));
  if (result.rows.empty() || result.rows[0].empty()) {
    return absl::InternalError("the server gave no value");
  }
  return SetParameter(name, result.rows[0][0]);
}

absl::Status Shell::SetParameter(const std::string& name, const bolt_client::Value& value) {
  ASSIGN_OR_RETURN(parameters_[name], AsParameter(value));
  return absl::OkStatus();
}

void Shell::ListParameters() const {
  for (const auto& [name, value] : parameters_) {
    out_(absl::StrCat("$", name, " = ", graph::ToText(value), "\n"));
  }
}

graph::Value Shell::Parameters() const {
  return graph::Value::Map({parameters_.begin(), parameters_.end()});
}

absl::Status Shell::Source(const std::string& path) {
  if (path.empty()) return Report(absl::InvalidArgumentError("write :source FILE"));
  if (source_depth_ == kMaxSourceDepth) {
    return Report(absl::ResourceExhaustedError(
        absl::StrCat("files lie deeper than ", kMaxSourceDepth, " inside one another")));
  }
  const absl::StatusOr<std::string> text = env::ReadWholeFile(files_, path, kMaxScriptBytes);
  if (!text.ok()) return Report(text.status());
  ++source_depth_;
  const absl::Status status = RunText(*text);
  --source_depth_;
  return status;
}

void Shell::ReadNames(const char* statement, std::vector<std::string>* names) {
  if (connection_ == nullptr || connection_->is_broken()) return;
  const absl::StatusOr<bolt_client::Result> result = connection_->Query(statement, {});
  if (absl::IsCancelled(result.status())) AfterInterrupt(result.status()).IgnoreError();
  if (!result.ok()) return;
  for (const bolt_client::Row& row : result->rows) {
    if (!row.empty()) names->emplace_back(row[0].text());
  }
}

const GraphNames& Shell::names() {
  // A refusal would end an open transaction.
  if (!names_known_ && !in_transaction()) {
    names_known_ = true;
    names_ = {};
    ReadNames("CALL db.labels()", &names_.labels);
    ReadNames("CALL db.relationshipTypes()", &names_.types);
    ReadNames("CALL db.propertyKeys()", &names_.property_keys);
  }
  names_.parameters.clear();
  for (const auto& [name, value] : parameters_) names_.parameters.push_back(name);
  return names_;
}

}  // namespace tidemark::shell
