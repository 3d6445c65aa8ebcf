// SPDX-License-Identifier: Apache-2.0
#include "shell/shell_command.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "env/posix_file_system.h"
#include "shell/line_editor.h"
#include "shell/shell.h"
#include "shell/statement_splitter.h"

namespace tidemark::shell {
namespace {

constexpr int kExitStatementFailed = 1;
constexpr int kExitNoConnection = 2;
constexpr size_t kMaxPasswordBytes = 4 << 10;
// A table that goes to a file need not fit anything.
constexpr size_t kNoTerminalWidth = 1'000'000;

// The one flag of the process that its handler of signals sets.
std::atomic<bool> interrupt_wanted = false;

void OnInterruptSignal(int) { interrupt_wanted = true; }

struct CommandOptions {
  ShellOptions shell;
  std::string address = "bolt://127.0.0.1:7687";
  std::string password_file;
  std::string history_file;
  std::string format = "auto";
  std::vector<std::string> commands;
  std::vector<std::string> files;
};

void AddFlags(cli::FlagSet* flags, CommandOptions* options) {
  bolt_client::ConnectionOptions* const connection = &options->shell.connection;
  flags->AddString("address", &options->address,
                   "of the server: HOST:PORT, or bolt://, bolt+s:// (TLS), bolt+ssc:// (TLS with "
                   "any certificate), neo4j:// before it");
  flags->AddString("user", &connection->user, "who logs in; empty: nobody");
  flags->AddString("password-file", &options->password_file,
                   "its first line is the password; without one the variable TIDEMARK_PASSWORD is");
  flags->AddString("database", &connection->database, "empty: the server's own");
  flags->AddString("tls-ca", &connection->ca_file,
                   "PEM file of the authorities to be trusted; empty: those of the machine");
  flags->AddInt("connect-timeout-ms", &connection->connect_timeout_ms, 1, 600'000,
                "until the login is answered");
  flags->AddChoice("format", &options->format, {"auto", "table", "plain", "json", "csv"},
                   "of results; auto: table on a terminal, else plain");
  flags->AddList("command", &options->commands, "statements to run; also -c");
  flags->AddList("file", &options->files, "a file of statements to run; also -f");
  flags->AddBool("fail-fast", &options->shell.fail_fast, "end at the first statement that fails");
  flags->AddString("history-file", &options->history_file, "empty: ~/.tidemark_history");
}

// -c and -f are the only short flags of the product.
std::vector<std::string> WithLongNames(std::vector<std::string> args) {
  for (std::string& word : args) {
    if (word == "-c") word = "--command";
    if (word == "-f") word = "--file";
  }
  return args;
}

size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kNoTerminalWidth;
  return size.ws_col;
}

void PrintTo(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
}

absl::Status FillOptions(env::FileSystem* files, CommandOptions* options) {
  bolt_client::ConnectionOptions* const connection = &options->shell.connection;
  ASSIGN_OR_RETURN(connection->address, bolt_client::ParseAddress(options->address));
  connection->user_agent = "tidemark-shell";
  connection->interrupt = &interrupt_wanted;
  if (!options->password_file.empty()) {
    ASSIGN_OR_RETURN(connection->password,
                     env::ReadWholeFile(files, options->password_file, kMaxPasswordBytes));
    connection->password.erase(
        std::min(connection->password.find_first_of("\r\n"), connection->password.size()));
  } else if (const char* password = std::getenv("TIDEMARK_PASSWORD"); password != nullptr) {
    connection->password = password;
  }
  if (!connection->user.empty() && connection->password.empty()) {
    return absl::InvalidArgumentError(
        "--user needs a password: --password-file=FILE or the variable TIDEMARK_PASSWORD");
  }
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  if (options->format == "auto") options->format = is_terminal ? "table" : "plain";
  options->shell.printer = {.format = options->format, .width = TerminalWidth()};
  const char* const home = std::getenv("HOME");
  if (options->history_file.empty() && home != nullptr) {
    options->history_file = absl::StrCat(home, "/.tidemark_history");
  }
  return absl::OkStatus();
}

absl::Status RunInput(Shell* shell) {
  StatementSplitter splitter;
  char buffer[64 << 10];
  while (!shell->is_over()) {
    const bool more = std::fgets(buffer, sizeof buffer, stdin) != nullptr;
    if (more) splitter.Add(buffer);
    while (!shell->is_over()) {
      const std::optional<std::string> entry = splitter.Next();
      if (!entry.has_value()) break;
      RETURN_IF_ERROR(shell->Run(*entry));
      std::fflush(stdout);
    }
    if (more) continue;
    const std::string rest = splitter.TakeRest();
    return rest.empty() || shell->is_over() ? absl::OkStatus() : shell->Run(rest);
  }
  return absl::OkStatus();
}

absl::Status RunScripts(const CommandOptions& options, Shell* shell) {
  for (const std::string& text : options.commands) {
    if (!shell->is_over()) RETURN_IF_ERROR(shell->RunText(text));
  }
  for (const std::string& path : options.files) {
    if (!shell->is_over()) RETURN_IF_ERROR(shell->Run(absl::StrCat(":source ", path)));
  }
  return absl::OkStatus();
}

// Lines from a terminal until :quit or Ctrl-D.
void Converse(const CommandOptions& options, Shell* shell) {
  LineEditor editor(options.history_file, [shell](std::string_view before_cursor) {
    return Complete(before_cursor, shell->names());
  });
  StatementSplitter splitter;
  std::string line;
  while (!shell->is_over()) {
    const char* prompt = shell->in_transaction() ? "tidemark (transaction)> " : "tidemark> ";
    if (splitter.is_within_statement()) prompt = "       -> ";
    const LineEditor::End end = editor.Read(prompt, &line);
    if (end == LineEditor::End::kInput) break;
    if (end == LineEditor::End::kInterrupt) {
      splitter.Clear();
      continue;
    }
    editor.AddToHistory(line);
    splitter.Add(line + "\n");
    shell->set_width(TerminalWidth());
    while (!shell->is_over()) {
      const std::optional<std::string> entry = splitter.Next();
      if (!entry.has_value()) break;
      interrupt_wanted = false;
      // What went wrong is printed; the next statement makes a new connection if it has to.
      if (!shell->Run(*entry).ok()) splitter.Clear();
      std::fflush(stdout);
    }
  }
  std::printf("\n");
}

int ExitCodeOf(const absl::Status& status, int failure_count) {
  if (absl::IsUnavailable(status)) return kExitNoConnection;
  return !status.ok() || failure_count > 0 ? kExitStatementFailed : kExitOk;
}

int RunWith(const CommandOptions& options, env::FileSystem* files) {
  Shell shell(
      options.shell, files, [](std::string_view text) { PrintTo(stdout, text); },
      [](std::string_view text) {
        std::fflush(stdout);
        PrintTo(stderr, text);
      });
  const absl::Status connected = shell.Connect();
  if (!connected.ok()) {
    cli::ReportAndExitCode("shell", connected);
    return kExitNoConnection;
  }
  absl::Status status;
  if (!options.commands.empty() || !options.files.empty()) {
    status = RunScripts(options, &shell);
  } else if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) {
    std::printf("Tidemark shell at %s. :help lists commands, :quit ends.\n",
                options.address.c_str());
    Converse(options, &shell);
    return kExitOk;
  } else {
    status = RunInput(&shell);
  }
  std::fflush(stdout);
  return ExitCodeOf(status, shell.failure_count());
}

}  // namespace

int RunShell(const std::vector<std::string>& args) {
  CommandOptions options;
  cli::FlagSet flags("shell", "[--address=ADDRESS] [-c STATEMENTS] [-f FILE] [flags]",
                     "Runs Cypher at any server that speaks Bolt: what -c and -f give, else what\n"
                     "comes on the input, else what you type. Statements end with a semicolon;\n"
                     ":help lists the commands of the shell. The exit code is 0, 1 when a\n"
                     "statement failed, 2 when the usage is wrong or there is no connection.");
  AddFlags(&flags, &options);
  if (const std::optional<int> code = cli::ParseCommandLine("shell", WithLongNames(args), &flags)) {
    return *code;
  }
  // What is typed and what is printed is UTF-8, in every locale.
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) std::setlocale(LC_CTYPE, "");
  struct sigaction action {};
  action.sa_handler = OnInterruptSignal;
  sigaction(SIGINT, &action, nullptr);
  env::PosixFileSystem files;
  if (const absl::Status status = FillOptions(&files, &options); !status.ok()) {
    cli::ReportAndExitCode("shell", status);
    return kExitNoConnection;
  }
  return RunWith(options, &files);
}

}  // namespace tidemark::shell
