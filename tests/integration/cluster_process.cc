// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/cluster_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::integration {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Starts the binary with its output in two files.
pid_t Spawn(const std::vector<std::string>& args, const std::string& out, const std::string& err) {
  std::vector<std::string> words = args;
  words.insert(words.begin(), BinaryPath());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  CHECK_GE(pid, 0);
  if (pid != 0) return pid;
  setpgid(0, 0);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), STDOUT_FILENO);
  dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
  execv(argv[0], argv.data());
  _exit(127);
}

int WaitForExit(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Every process whose command line names `text`, by /proc.
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

}  // namespace

std::string BinaryPath() {
  const char* path = std::getenv("TIDEMARK_BINARY");
  CHECK(path != nullptr) << "TIDEMARK_BINARY must name the tidemark binary under test";
  return path;
}

TestDirectory::TestDirectory() {
  const char* parent = std::getenv("TIDEMARK_TEST_DIR");
  std::string pattern = absl::StrCat(parent == nullptr ? "." : parent, "/tidemark-test-XXXXXX");
  CHECK(mkdtemp(pattern.data()) != nullptr) << pattern;
  path_ = std::filesystem::absolute(pattern);
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

CommandResult RunTidemark(const std::vector<std::string>& args) {
  TestDirectory directory;
  const std::string out = directory.path() + "/out";
  const std::string err = directory.path() + "/err";
  CommandResult result;
  result.exit_code = WaitForExit(Spawn(args, out, err));
  result.out = ReadText(out);
  result.err = ReadText(err);
  return result;
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  CHECK_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

ClusterProcess::ClusterProcess(std::string command, std::string data_dir, int workers,
                               std::vector<std::string> flags)
    : command_(std::move(command)),
      data_dir_(std::move(data_dir)),
      workers_(workers),
      flags_(std::move(flags)) {}

ClusterProcess::~ClusterProcess() { KillEverything(); }

std::string ClusterProcess::address() const { return absl::StrCat("127.0.0.1:", client_port_); }

absl::Status ClusterProcess::Start() {
  CHECK_EQ(pid_, 0);
  // The same ports after a restart, so that clients find the cluster again.
  if (node_port_ == 0) {
    node_port_ = FreePort();
    client_port_ = FreePort();
  }
  std::vector<std::string> args = {command_, "--data-dir=" + data_dir_,
                                   absl::StrCat("--workers=", workers_),
                                   absl::StrCat("--grpc-port=", client_port_)};
  if (command_ == "cluster") args.push_back(absl::StrCat("--listen=127.0.0.1:", node_port_));
  args.insert(args.end(), flags_.begin(), flags_.end());
  std::filesystem::create_directories(data_dir_);
  pid_ = Spawn(args, data_dir_ + ".out", data_dir_ + ".err");
  if (client_ == nullptr) {
    client::ClientOptions options;
    options.address = address();
    ASSIGN_OR_RETURN(client_, client::Client::Create(options));
  }
  if (WaitUntilOpen()) return absl::OkStatus();
  return absl::UnavailableError("the cluster did not open:\n" + output());
}

bool ClusterProcess::WaitUntilOpen(int timeout_ms) {
  return client_->WaitUntilOpen(timeout_ms).ok();
}

int ClusterProcess::Stop() {
  kill(pid_, SIGTERM);
  const int code = WaitForExit(pid_);
  pid_ = 0;
  return code;
}

void ClusterProcess::KillEverything() {
  if (pid_ == 0) return;
  // Twice: the supervisor may be starting a child between the two looks.
  kill(pid_, SIGKILL);
  for (int i = 0; i < 2; ++i) {
    for (const pid_t pid : ProcessesWith(data_dir_)) kill(pid, SIGKILL);
    WaitForExit(pid_);
  }
  for (auto left = ProcessesWith(data_dir_); !left.empty(); left = ProcessesWith(data_dir_)) {
    for (const pid_t pid : left) kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  pid_ = 0;
}

void ClusterProcess::Signal(int node, int signal_number) {
  const std::string name =
      data_dir_ + (node == 0 ? std::string("/master") : absl::StrCat("/worker-", node));
  for (const pid_t pid : ProcessesWith("--data-dir=" + name)) kill(pid, signal_number);
}

std::string ClusterProcess::output() const {
  return ReadText(data_dir_ + ".out") + ReadText(data_dir_ + ".err");
}

}  // namespace tidemark::integration
