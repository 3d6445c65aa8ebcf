// SPDX-License-Identifier: Apache-2.0
#include "host/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace tidemark::host {
namespace {

constexpr off_t kTailBytes = 2000;

// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void BecomeProgram(char* const* argv, const char* log_path) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int null = open("/dev/null", O_RDONLY);
  if (log < 0 || null < 0) _exit(127);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv("/proc/self/exe", argv);
  _exit(127);
}

}  // namespace

std::string ProcessEnd::ToString() const {
  if (!by_signal) return absl::StrCat("exit code ", code);
  return absl::StrCat("signal ", code, " (", strsignal(code), ")");
}

ChildProcess::ChildProcess(std::string name, std::vector<std::string> args, std::string log_path)
    : name_(std::move(name)), args_(std::move(args)), log_path_(std::move(log_path)) {}

absl::Status ChildProcess::Start() {
  std::vector<std::string> words = args_;
  words.insert(words.begin(), "tidemark");
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) {
    return absl::UnavailableError(absl::StrCat("cannot start ", name_, ": ", strerror(errno)));
  }
  if (pid == 0) BecomeProgram(argv.data(), log_path_.c_str());
  pid_ = pid;
  return absl::OkStatus();
}

std::optional<ProcessEnd> ChildProcess::Poll() {
  if (pid_ <= 0) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = 0;
  if (WIFSIGNALED(status)) return ProcessEnd{true, WTERMSIG(status)};
  return ProcessEnd{false, WEXITSTATUS(status)};
}

void ChildProcess::Signal(int signal_number) const {
  if (pid_ > 0) kill(pid_, signal_number);
}

uint64_t ChildProcess::ReadBytes() const {
  const std::string path = absl::StrCat("/proc/", pid_, "/io");
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[512];
  const ssize_t size = read(file, text, sizeof text);
  close(file);
  constexpr std::string_view kName = "rchar: ";
  const std::string_view line(text, size > 0 ? static_cast<size_t>(size) : 0);
  uint64_t bytes = 0;
  if (line.starts_with(kName)) {
    std::from_chars(line.data() + kName.size(), line.data() + line.size(), bytes);
  }
  return bytes;
}

std::string ChildProcess::LogTail() const {
  const int file = open(log_path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  const off_t size = lseek(file, 0, SEEK_END);
  std::string text(static_cast<size_t>(std::min(size, kTailBytes)), '\0');
  const ssize_t got = pread(file, text.data(), text.size(), size - static_cast<off_t>(text.size()));
  close(file);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  // Whole lines only, at most the last five.
  size_t begin = text.size();
  for (int lines = 0; lines <= 5 && begin != std::string::npos && begin > 0; ++lines) {
    begin = text.rfind('\n', begin - 1);
  }
  return begin == std::string::npos || begin == 0 ? text : text.substr(begin + 1);
}

}  // namespace tidemark::host
