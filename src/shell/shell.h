// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bolt_client/connection.h"
#include "env/file_system.h"
#include "shell/completion.h"
#include "shell/result_printer.h"

namespace tidemark::shell {

struct ShellOptions {
  bolt_client::ConnectionOptions connection;
  PrinterOptions printer;
  bool fail_fast = false;
};

// Runs statements and commands, one after the other, and prints what comes of them. Results go to
// `out`; time and counters too in the format table, else to `err`, so that what other programs
// read is data alone.
// Owner: the command. Threads: one.
//
// Errors: kUnavailable when there is no connection and none can be made; everything else that a
// statement or a command does wrong is printed, and counted.
class Shell {
 public:
  Shell(ShellOptions options, env::FileSystem* files, ResultPrinter::Out out,
        ResultPrinter::Out err);

  absl::Status Connect();
  // A statement without its semicolon, or a command with its colon. kCancelled: interrupted, which
  // was printed.
  absl::Status Run(const std::string& entry);
  // All of a text; with fail_fast up to the first failure.
  absl::Status RunText(std::string_view text);

  bool is_over() const { return quit_ || (options_.fail_fast && failure_count_ > 0); }
  int failure_count() const { return failure_count_; }
  bool in_transaction() const { return connection_ != nullptr && connection_->in_transaction(); }
  // Asks the server for its names after every write; what it refuses stays empty.
  const GraphNames& names();
  // How wide tables may be from now on.
  void set_width(size_t width) { options_.printer.width = width; }

 private:
  // Files that :source names in files that :source names.
  static constexpr int kMaxSourceDepth = 16;

  absl::Status RunStatement(const std::string& text);
  absl::Status Execute(const std::string& text);
  absl::Status RunCommand(const std::string& command, const std::string& argument);
  absl::Status SetParameters(std::string_view argument);
  absl::Status SetParameter(const std::string& name, const bolt_client::Value& value);
  void ListParameters() const;
  absl::Status Source(const std::string& path);
  // Prints the error; passes on only an interrupt, and that there is no connection any more.
  absl::Status Report(const absl::Status& status);
  absl::Status AfterInterrupt(const absl::Status& status);
  void ReadNames(const char* statement, std::vector<std::string>* names);
  graph::Value Parameters() const;

  ShellOptions options_;
  env::FileSystem* const files_;
  const ResultPrinter::Out out_;
  const ResultPrinter::Out err_;
  std::unique_ptr<bolt_client::Connection> connection_;
  std::map<std::string, graph::Value> parameters_;
  GraphNames names_;
  bool names_known_ = false;
  bool quit_ = false;
  int failure_count_ = 0;
  int source_depth_ = 0;
};

}  // namespace tidemark::shell
