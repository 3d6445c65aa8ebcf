// SPDX-License-Identifier: Apache-2.0
#include "net/memory_stream.h"

#include <string>

#include "base/check.h"

namespace tidemark::net {
namespace {

// One direction: bytes on their way from an end to the other. Shared by both ends and by the steps
// that were posted. Threads: the loop's.
struct Pipe {
  std::string bytes;
  bool ended = false;                      // nothing more is written
  ByteStream::Receiver* target = nullptr;  // at the reading end
  ByteStream::Receiver* source = nullptr;  // at the writing end
  bool is_read = true;                     // the reading end wants bytes
  bool is_posted = false;
};

void Deliver(const std::shared_ptr<Pipe>& pipe) {
  pipe->is_posted = false;
  if (pipe->target == nullptr || !pipe->is_read) return;
  if (!pipe->bytes.empty()) {
    const std::string bytes = std::exchange(pipe->bytes, std::string());
    pipe->target->OnBytes(bytes);
    if (pipe->source != nullptr) pipe->source->OnSent();
  }
  if (pipe->ended && pipe->bytes.empty() && pipe->target != nullptr) {
    std::exchange(pipe->target, nullptr)->OnClosed(absl::OkStatus());
  }
}

class MemoryStream : public ByteStream {
 public:
  MemoryStream(env::Executor* executor, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
      : executor_(executor), in_(std::move(in)), out_(std::move(out)), peer_("memory") {}
  ~MemoryStream() override { Close(); }

  void Start(Receiver* receiver) override {
    CHECK(in_->target == nullptr) << "a stream is started twice";
    in_->target = receiver;
    out_->source = receiver;
    Post(in_);
  }
  void Write(std::string_view bytes) override {
    if (out_->ended) return;
    out_->bytes.append(bytes);
    Post(out_);
  }
  void Give(std::string bytes) override { Write(bytes); }
  size_t unsent_bytes() const override { return out_->bytes.size(); }
  void SetReading(bool reading) override {
    in_->is_read = reading;
    if (reading) Post(in_);
  }
  void Close() override {
    in_->target = nullptr;
    out_->source = nullptr;
    out_->ended = true;
    Post(out_);
  }
  const std::string& peer() const override { return peer_; }

 private:
  void Post(const std::shared_ptr<Pipe>& pipe) {
    if (std::exchange(pipe->is_posted, true)) return;
    executor_->Post([pipe] { Deliver(pipe); });
  }

  env::Executor* const executor_;
  const std::shared_ptr<Pipe> in_;
  const std::shared_ptr<Pipe> out_;
  const std::string peer_;
};

}  // namespace

std::pair<std::unique_ptr<ByteStream>, std::unique_ptr<ByteStream>> MakeMemoryStreams(
    env::Executor* executor) {
  const auto there = std::make_shared<Pipe>();
  const auto back = std::make_shared<Pipe>();
  return {std::make_unique<MemoryStream>(executor, back, there),
          std::make_unique<MemoryStream>(executor, there, back)};
}

}  // namespace tidemark::net
