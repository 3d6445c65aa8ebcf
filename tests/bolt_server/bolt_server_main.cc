// SPDX-License-Identifier: Apache-2.0
// A Bolt server without a graph behind it: what FakeFront knows, on one thread, over real sockets.
// For drivers and measurements. Prints "ready bolt://HOST:PORT" and serves until its input ends.
//
//   bolt_test_server [--user=U --password=P] [--cert=FILE --key=FILE]
#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/status.h"
#include "bolt/server.h"
#include "env/event_loop.h"
#include "env/posix_clock.h"
#include "env/posix_executor.h"
#include "env/posix_random.h"
#include "net/asio_loop.h"
#include "rpc/listen_address.h"
#include "tests/bolt/fake_front.h"

namespace tidemark::bolt {
namespace {

constexpr uint64_t kRequestBytes = 256 << 20;

struct Options {
  std::string user;
  std::string password;
  net::ListenerOptions listener;
};

Options ReadOptions(int argument_count, char** arguments) {
  Options options;
  for (int i = 1; i < argument_count; ++i) {
    const std::string_view argument = arguments[i];
    const std::string_view name = argument.substr(0, argument.find('='));
    const std::string value(argument.substr(std::min(name.size() + 1, argument.size())));
    if (name == "--user") options.user = value;
    if (name == "--password") options.password = value;
    if (name == "--cert") options.listener.tls.cert_file = value;
    if (name == "--key") options.listener.tls.key_file = value;
  }
  return options;
}

int Serve(const Options& options) {
  env::PosixClock clock;
  env::PosixRandom random;
  net::AsioLoop asio;
  env::EventLoop loop(&clock, "bolt", 0, &asio);
  env::PosixExecutor executor(&loop, "bolt");
  session::MemoryBudget requests(&executor, kRequestBytes);
  const Authenticator authenticator = options.user.empty()
                                          ? Authenticator()
                                          : Authenticator(options.user, options.password, &random);
  FakeFront front;
  Server server({}, &front, &authenticator, &requests,
                {.clock = &clock, .random = &random, .executor = &executor});
  absl::StatusOr<rpc::ListeningSockets> sockets = rpc::ListenOn("127.0.0.1:0");
  CHECK(sockets.ok()) << sockets.status();
  auto listener = asio.Listen(std::move(sockets->descriptors), options.listener);
  CHECK(listener.ok()) << listener.status();
  (*listener)->Start(
      [&server](std::unique_ptr<net::ByteStream> stream) { server.Accept(std::move(stream)); });
  loop.Start();
  std::cout << "ready bolt://" << sockets->address << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  loop.Stop();
  return 0;
}

}  // namespace
}  // namespace tidemark::bolt

int main(int argument_count, char** arguments) {
  return tidemark::bolt::Serve(tidemark::bolt::ReadOptions(argument_count, arguments));
}
