// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "env/executor.h"
#include "proto/cluster.pb.h"
#include "rpc/transport.h"

namespace tidemark::rpc {

// Collects the frames of a turn, so that each stream gets one envelope at the end of the turn. The
// envelopes leave after the functions that were given to Executor::AtTurnEnd in this turn, so what
// those send (acknowledgements of what they wrote) travels along.
// Owner: a transport. Threads: the loop. Limits: an envelope leaves early when it has reached
// kEnvelopeTargetBytes.
class Outbox {
 public:
  // Called with an envelope that holds at least one frame, and its encoded size.
  using Sink = std::function<void(StreamId, wire::Envelope&&, size_t bytes)>;

  Outbox(env::Executor* executor, Sink sink);

  // `bytes` is the encoded size of `frame`.
  void Add(StreamId stream, wire::Frame&& frame, size_t bytes);
  // Hands over what the stream has, now.
  void Flush(StreamId stream);
  size_t pending_bytes(StreamId stream) const;
  // Forgets what the stream has.
  void Drop(StreamId stream);

 private:
  struct Pending {
    StreamId stream;
    wire::Envelope envelope;
    size_t bytes = 0;
  };

  void AskForTurnEnd();
  void FlushAll();
  Pending* Find(StreamId stream);
  const Pending* Find(StreamId stream) const { return const_cast<Outbox*>(this)->Find(stream); }

  env::Executor* const executor_;
  const Sink sink_;
  // In the order of the first frames; few enough to be searched.
  std::vector<Pending> pending_;
  bool asked_ = false;
  // Gone with the outbox: a function that still waits for the turn's end does nothing then.
  const std::shared_ptr<Outbox*> self_ = std::make_shared<Outbox*>(this);
};

}  // namespace tidemark::rpc
