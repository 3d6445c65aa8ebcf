// SPDX-License-Identifier: Apache-2.0
#include "tests/bolt_client/test_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

namespace tidemark::bolt_client {

TestServer::TestServer(const std::vector<std::string>& options) {
  int input[2];
  int output[2];
  CHECK_EQ(pipe2(input, O_CLOEXEC), 0);
  CHECK_EQ(pipe2(output, O_CLOEXEC), 0);
  std::vector<char*> arguments = {const_cast<char*>(TIDEMARK_BOLT_TEST_SERVER)};
  for (const std::string& option : options) arguments.push_back(const_cast<char*>(option.c_str()));
  arguments.push_back(nullptr);
  pid_ = fork();
  CHECK_GE(pid_, 0);
  if (pid_ == 0) {
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  input_ = input[1];
  std::string line;
  for (char c = 0; read(output[0], &c, 1) == 1 && c != '\n';) line.push_back(c);
  close(output[0]);
  const std::string ready = "ready bolt://";
  CHECK(line.starts_with(ready)) << line;
  address_ = line.substr(ready.size());
}

TestServer::~TestServer() {
  close(input_);
  waitpid(pid_, nullptr, 0);
}

}  // namespace tidemark::bolt_client
