// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include "base/check.h"

namespace tidemark::integration {
namespace {

constexpr int kPollMs = 5;

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// What a child gets: without the variables that would be flags of its own.
std::vector<char*> CleanEnvironment() {
  std::vector<char*> clean;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("TIDEMARK_")) clean.push_back(*entry);
  }
  clean.push_back(nullptr);
  return clean;
}

// Between the tests of this machine, until this process ends: the name of a socket belongs to one
// process at a time, and the kernel gives it back however the process ends.
bool ReservePort(int port) {
  const std::string name = "tidemark-test-port-" + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);  // behind a zero: no file
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0) return true;
  close(fd);
  return false;
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

std::string BinaryPath() {
  const char* path = std::getenv("TIDEMARK_BINARY");
  CHECK(path != nullptr) << "TIDEMARK_BINARY must name the tidemark binary under test";
  return path;
}

bool AtAcceptanceScale() {
  const char* scale = std::getenv("TIDEMARK_TEST_SCALE");
  return scale != nullptr && std::string(scale) == "acceptance";
}

TestDirectory::TestDirectory() {
  const char* parent = std::getenv("TIDEMARK_TEST_DIR");
  std::string pattern = std::string(parent == nullptr ? "." : parent) + "/tidemark-test-XXXXXX";
  CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
  path_ = std::filesystem::absolute(pattern);
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Process::Process(const std::vector<std::string>& args, std::string log_path)
    : log_path_(std::move(log_path)) {
  std::vector<std::string> words = args;
  words.insert(words.begin(), BinaryPath());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<char*> environment = CleanEnvironment();
  const std::string out = log_path_ + ".out";
  const std::string err = log_path_ + ".err";
  pid_ = fork();
  CHECK_GE(pid_, 0);
  if (pid_ != 0) return;
  setpgid(0, 0);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), STDOUT_FILENO);
  dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
  execve(argv[0], argv.data(), environment.data());
  _exit(127);
}

Process::~Process() {
  Signal(SIGKILL);
  WaitForExit(-1);
}

void Process::Signal(int signal_number) {
  if (!exit_code_.has_value()) kill(pid_, signal_number);
}

std::optional<int> Process::WaitForExit(int timeout_ms) {
  for (int waited_ms = 0; !exit_code_.has_value(); waited_ms += kPollMs) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, timeout_ms < 0 ? 0 : WNOHANG);
    if (ended == pid_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (timeout_ms >= 0) {
      if (waited_ms >= timeout_ms) return std::nullopt;
      SleepMs(kPollMs);
    }
  }
  return exit_code_;
}

bool Process::WaitForOutput(const std::string& text, int count, int timeout_ms) {
  for (int waited_ms = 0; CountOf(output(), text) < count; waited_ms += 10 * kPollMs) {
    if (waited_ms >= timeout_ms) return false;
    SleepMs(10 * kPollMs);
  }
  return true;
}

std::string Process::out() const { return ReadText(log_path_ + ".out"); }
std::string Process::err() const { return ReadText(log_path_ + ".err"); }

CommandResult RunTidemark(const std::vector<std::string>& args) {
  TestDirectory directory;
  Process process(args, directory.path() + "/log");
  CommandResult result;
  result.exit_code = *process.WaitForExit(-1);
  result.out = process.out();
  result.err = process.err();
  return result;
}

int FreePort() {
  // Below the ports that the kernel gives to outgoing connections: a cluster that is started again
  // must find its port free. Test processes begin at different places and keep each other out.
  constexpr int kFirst = 12'000;
  constexpr int kCount = 20'000;
  static std::atomic<int> turn = 0;
  for (int i = 0; i < kCount; ++i) {
    const int port = kFirst + (static_cast<int>(getpid()) * 37 + turn++) % kCount;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int result = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    close(fd);
    if (result == 0 && ReservePort(port)) return port;
  }
  LOG(FATAL) << "no free port from " << kFirst << " on";
}

std::vector<pid_t> ProcessesWith(const std::string& text) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string line = ReadText(entry.path() / "cmdline");
    if (line.find("tidemark") != std::string::npos && line.find(text) != std::string::npos) {
      found.push_back(std::stoi(name));
    }
  }
  return found;
}

void SleepMs(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

}  // namespace tidemark::integration
