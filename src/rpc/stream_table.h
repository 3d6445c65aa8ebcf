// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "env/executor.h"
#include "rpc/outbox.h"
#include "rpc/transport.h"

namespace tidemark::rpc {

// What Link::Write answers when too much waits.
absl::Status QueueOverflow();

// The wire under one stream, as the loop sees it. Threads: the loop calls.
class Link {
 public:
  virtual ~Link() = default;
  // Queues an envelope. kResourceExhausted when more than kMaxQueuedBytes would wait.
  virtual absl::Status Write(wire::Envelope&& envelope, size_t bytes) = 0;
  // Bytes of what was written and not taken yet.
  virtual size_t queued_bytes() const = 0;
  // Ends the link when what was written is out, or after a short grace.
  virtual void CloseAfterWrites(const absl::Status& reason) = 0;
  // Ends the link at once.
  virtual void Cancel() = 0;
};

// The streams of one transport: gives them ids, keeps the promises of TransportHandler, collects
// frames into envelopes and watches the limits, whatever the wire.
// Owner: shared by the transport and its links. Threads: the loop.
class StreamTable {
 public:
  StreamTable(env::Executor* executor, TransportHandler* handler);

  // A link is up. Calls OnStreamOpened; afterwards the link delivers what comes in under the id.
  StreamId Open(std::shared_ptr<Link> link, const std::string& peer);
  // The link brought an envelope. Nothing happens when the stream is gone; so with Closed.
  void Receive(StreamId stream, wire::Envelope&& envelope);
  // What waits on the link has come down to kDrainedBytes. Calls OnStreamDrained if the handler has
  // seen more and the outbox holds no more either.
  void Drained(StreamId stream);
  // The link is down. Calls OnStreamClosed.
  void Closed(StreamId stream, const absl::Status& reason);

  // As in Transport. Close says whether there was such a stream.
  void Send(StreamId stream, wire::Frame&& frame);
  bool Close(StreamId stream, const absl::Status& reason);
  size_t UnsentBytes(StreamId stream);
  // Closes every stream; no call reaches the handler any more.
  void Stop(const absl::Status& reason);
  bool stopped() const { return handler_ == nullptr; }
  // Drops every link without a word. REQUIRES: the loop has stopped, or Stop was called.
  void Clear() { streams_.clear(); }

 private:
  struct Stream {
    std::shared_ptr<Link> link;  // null once the stream has failed and the handler is to hear of it
    std::string peer;
    bool is_full = false;  // the handler has found more than kDrainedBytes and is to hear when not
  };

  // What was sent and not taken is in the outbox or on the link; it becomes less on the link alone.
  size_t UnsentBytesOf(StreamId stream, const Stream& entry) const {
    return outbox_.pending_bytes(stream) + entry.link->queued_bytes();
  }
  void Write(StreamId stream, wire::Envelope&& envelope, size_t bytes);
  void Fail(StreamId stream, const absl::Status& reason);

  env::Executor* const executor_;
  TransportHandler* handler_;
  Outbox outbox_;
  uint64_t next_stream_ = 1;
  std::map<StreamId, Stream> streams_;
  const std::shared_ptr<StreamTable*> self_ = std::make_shared<StreamTable*>(this);
};

}  // namespace tidemark::rpc
