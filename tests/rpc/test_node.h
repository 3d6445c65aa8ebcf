// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "env/posix_clock.h"
#include "env/posix_executor.h"
#include "env/posix_random.h"
#include "rpc/transport.h"
#include "tests/env/notice.h"

namespace tidemark::rpc {

// A node that records what its transport tells it. Its loop runs from the constructor to Kill.
class TestNode : public TransportHandler {
 public:
  // Makes the node's transport.
  using Factory = std::function<std::unique_ptr<Transport>(const env::Env&)>;

  explicit TestNode(const Factory& factory) : TestNode(factory, std::make_shared<TestLoop>()) {}
  ~TestNode() override { Kill(); }

  // Starts the transport on the loop.
  absl::Status Start() {
    std::promise<absl::Status> status;
    OnLoop([&] {
      transport_->Start(this, [&](const absl::Status& answer) { status.set_value(answer); });
    });
    return status.get_future().get();
  }

  void OnLoop(const std::function<void()>& fn) {
    env::Notice done;
    loop_->executor.Post([&] {
      fn();
      done.Give();
    });
    done.Wait();
  }

  // Sends frames with these csns in one turn.
  void SendCsns(StreamId stream, const std::vector<uint64_t>& csns) {
    OnLoop([&] {
      for (const uint64_t csn : csns) transport_->Send(stream, FlushFrame(csn));
    });
  }

  static wire::Frame FlushFrame(uint64_t csn) {
    wire::Frame frame;
    frame.mutable_flush()->set_csn(csn);
    return frame;
  }

  // Waits until `what` holds; false after a minute.
  bool WaitUntil(const std::function<bool()>& what) {
    std::unique_lock<std::mutex> lock(mutex);
    return changed_.wait_for(lock, std::chrono::seconds(60), what);
  }
  // The stream that was opened last; waits for number `count`.
  StreamId WaitForStream(size_t count = 1) {
    EXPECT_TRUE(WaitUntil([&] { return opened.size() >= count; }));
    const std::lock_guard<std::mutex> lock(mutex);
    return opened.empty() ? StreamId() : opened.back();
  }

  // Ends the node without a word, as a crash would.
  void Kill() {
    loop_->loop.Stop();
    transport_.reset();
  }

  Transport* transport() { return transport_.get(); }

  struct Closed {
    StreamId stream;
    absl::Status reason;
  };

  std::mutex mutex;
  // Guarded by mutex.
  std::vector<StreamId> opened;
  std::vector<wire::Envelope> envelopes;
  std::vector<uint64_t> csns;  // of Flush frames
  std::vector<Closed> closed;
  // Set before Start; run on the loop.
  std::function<void(StreamId)> on_opened;
  std::function<void(StreamId, const wire::Envelope&)> on_envelope;

 private:
  struct TestLoop {
    env::PosixClock clock;
    env::PosixRandom random;
    env::EventLoop loop{&clock, "node"};
    env::PosixExecutor executor{&loop, "node"};
  };

  TestNode(const Factory& factory, std::shared_ptr<TestLoop> loop) : loop_(std::move(loop)) {
    env::Env env;
    env.clock = &loop_->clock;
    env.random = &loop_->random;
    env.executor = &loop_->executor;
    transport_ = factory(env);
    loop_->loop.Start();
  }

  void OnStreamOpened(StreamId stream, const std::string& /*peer*/) override {
    if (on_opened) on_opened(stream);
    const std::lock_guard<std::mutex> lock(mutex);
    opened.push_back(stream);
    changed_.notify_all();
  }
  void OnEnvelope(StreamId stream, wire::Envelope&& envelope) override {
    if (on_envelope) on_envelope(stream, envelope);
    const std::lock_guard<std::mutex> lock(mutex);
    for (const wire::Frame& frame : envelope.frames()) {
      if (frame.has_flush()) csns.push_back(frame.flush().csn());
    }
    envelopes.push_back(std::move(envelope));
    changed_.notify_all();
  }
  void OnStreamClosed(StreamId stream, const absl::Status& reason) override {
    const std::lock_guard<std::mutex> lock(mutex);
    closed.push_back({stream, reason});
    changed_.notify_all();
  }

  std::condition_variable changed_;
  std::shared_ptr<TestLoop> loop_;
  std::unique_ptr<Transport> transport_;
};

}  // namespace tidemark::rpc
