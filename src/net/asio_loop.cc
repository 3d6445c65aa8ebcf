// SPDX-License-Identifier: Apache-2.0
#include "net/asio_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "base/status.h"
#include "net/socket_listener.h"
#include "net/tls.h"

namespace tidemark::net {
namespace {

// Of what is ready at sockets so much is done between two turns of the loop.
constexpr int kMaxHandlersPerPoll = 8;

}  // namespace

struct AsioLoop::State {
  // One thread runs it; Wake comes from others.
  boost::asio::io_context context{1};
  // Without it the context would stop when nothing is open.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{
      context.get_executor()};
};

AsioLoop::AsioLoop() : state_(std::make_unique<State>()) {}
AsioLoop::~AsioLoop() = default;

// Not all that is ready: while a client sends megabytes there would be no end.
bool AsioLoop::Poll() {
  int count = 0;
  while (count < kMaxHandlersPerPoll && state_->context.poll_one() > 0) ++count;
  return count > 0;
}

void AsioLoop::Wait(int64_t micros) {
  state_->context.run_one_for(std::chrono::microseconds(micros));
}

void AsioLoop::Wake() {
  boost::asio::post(state_->context, [] {});
}

absl::StatusOr<std::unique_ptr<Listener>> AsioLoop::Listen(std::vector<env::Descriptor> sockets,
                                                           const ListenerOptions& options) {
  std::shared_ptr<boost::asio::ssl::context> tls;
  if (options.tls.enabled()) {
    ASSIGN_OR_RETURN(tls, MakeServerContext(options.tls));
  }
  return MakeSocketListener(&state_->context, std::move(sockets), options.max_descriptor,
                            {.tls = std::move(tls), .local_pages_only = options.local_pages_only});
}

}  // namespace tidemark::net
