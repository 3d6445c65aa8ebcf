// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tidemark::integration {

// The `tidemark` binary under test: $TIDEMARK_BINARY.
std::string BinaryPath();

// True with TIDEMARK_TEST_SCALE=acceptance: full sizes.
bool AtAcceptanceScale();

// A folder on a disk (not tmpfs) that goes with the object: below $TIDEMARK_TEST_DIR or the current
// folder.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A process of the binary under test in a process group of its own; killed with the object.
class Process {
 public:
  // Starts it; what it prints is appended to the files `log_path`.out and `log_path`.err.
  Process(const std::vector<std::string>& args, std::string log_path);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal_number);
  // The exit code, or 128 + the signal; nullopt when it still runs after so long. A negative
  // timeout waits for ever.
  std::optional<int> WaitForExit(int timeout_ms = 30'000);
  // Waits until the output holds `text`, `count` times.
  bool WaitForOutput(const std::string& text, int count = 1, int timeout_ms = 30'000);
  std::string out() const;
  std::string err() const;
  std::string output() const { return out() + err(); }

 private:
  const std::string log_path_;
  pid_t pid_ = 0;
  std::optional<int> exit_code_;
};

// What a finished command said.
struct CommandResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};
// Runs the binary with these words and waits for its end.
CommandResult RunTidemark(const std::vector<std::string>& args);

// A TCP port that was free a moment ago.
int FreePort();

// Every process of the binary whose command line names `text`, by /proc.
std::vector<pid_t> ProcessesWith(const std::string& text);

void SleepMs(int ms);

}  // namespace tidemark::integration
