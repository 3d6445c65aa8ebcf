// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

namespace tidemark::bolt_client {

// A process of tests/bolt_server; it ends with the object.
class TestServer {
 public:
  explicit TestServer(const std::vector<std::string>& options = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // "127.0.0.1:PORT"
  const std::string& address() const { return address_; }

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  std::string address_;
};

}  // namespace tidemark::bolt_client
