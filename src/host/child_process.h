// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tidemark::host {

// How a process ended.
struct ProcessEnd {
  bool by_signal = false;
  int code = 0;  // exit code, or the signal's number
  // "exit code 3", "signal 9 (Killed)".
  std::string ToString() const;
};

// A process of this same binary with its own subcommand. Its output goes to a file; it gets a
// process group of its own, so that Ctrl-C reaches the supervisor alone.
// Owner: the supervisor; destroying it does not end the process. Threads: one.
class ChildProcess {
 public:
  ChildProcess(std::string name, std::vector<std::string> args, std::string log_path);

  // kUnavailable when it cannot be started.
  absl::Status Start();
  // How it ended, once; nullopt while it runs or before Start.
  std::optional<ProcessEnd> Poll();
  void Signal(int signal_number) const;

  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  const std::string& name() const { return name_; }
  const std::string& log_path() const { return log_path_; }
  // The last lines of its log, for a person.
  std::string LogTail() const;
  // Grows while the process reads files; 0 when that cannot be told. REQUIRES: it runs.
  uint64_t ReadBytes() const;

 private:
  const std::string name_;
  const std::vector<std::string> args_;
  const std::string log_path_;
  pid_t pid_ = 0;
};

}  // namespace tidemark::host
