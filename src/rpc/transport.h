// SPDX-License-Identifier: Apache-2.0
// Ordered streams of frames between nodes. The transport carries frames and knows nothing of what
// they say; who may join is decided by the handler from the first envelope (rpc/greeting.h).
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "rpc/limits.h"

namespace tidemark::rpc {

// Names one connection of one Transport. Ids start at 1 and are never reused, so a frame of a
// broken stream cannot be taken for one of its successor.
using StreamId = StrongId<struct StreamIdTag, uint64_t>;

// What a node hears from its transport. Threads: every call comes on the node's loop, from a turn
// of its own, never from inside a call of Transport. Per stream the calls are
// OnStreamOpened (OnEnvelope | OnStreamDrained)* [OnStreamClosed]; after Transport::Close or Stop
// there are none.
class TransportHandler {
 public:
  virtual ~TransportHandler() = default;
  // Frames may be sent from now on. `peer` is an address, for messages to a person.
  virtual void OnStreamOpened(StreamId stream, const std::string& peer) = 0;
  // The next envelope of the peer, in the order of its sending, none lost, none twice.
  virtual void OnEnvelope(StreamId stream, wire::Envelope&& envelope) = 0;
  // Transport::UnsentBytes has said more than kDrainedBytes for the stream, and now it is less.
  virtual void OnStreamDrained(StreamId /*stream*/) {}
  // The stream is gone: the peer closed it, it broke, or a limit was exceeded. What was sent
  // shortly before may or may not have arrived.
  virtual void OnStreamClosed(StreamId stream, const absl::Status& reason) = 0;
};

// One side of the streams of a node: it accepts streams (master) or keeps one open by dialling
// again and again (worker). Made by the composition with its addresses, executor and credentials.
// Threads: the node's loop. The destructor runs after the loop has stopped or, on any thread, after
// Stop; it may wait for network threads.
// Limits: rpc/limits.h. A frame above kMaxFrameBytes and a peer that leaves more than
// kMaxQueuedBytes unread close the stream with kResourceExhausted.
class Transport {
 public:
  using Started = std::function<void(const absl::Status&)>;

  virtual ~Transport() = default;
  // Starts to accept or to dial; `handler` outlives the transport or its Stop, and may hear of
  // streams before `started` is called: once, on the loop, maybe from inside Start, not after Stop.
  // A server answers kUnavailable, naming the address, when it cannot listen (port in use); a
  // client goes on dialling, after each end of its stream too, until Stop.
  virtual void Start(TransportHandler* handler, Started started) = 0;
  // Appends a frame to the stream. All frames of a turn leave in one envelope at the turn's end
  // (after the functions that asked for the turn's end in this turn), or earlier when they reach
  // kEnvelopeTargetBytes. Nothing happens when the stream is gone.
  virtual void Send(StreamId stream, wire::Frame&& frame) = 0;
  // What was sent on the stream and has not been taken yet, by the network or, in memory, by the
  // peer; 0 when the stream is gone. After more than kDrainedBytes OnStreamDrained follows.
  virtual size_t UnsentBytes(StreamId stream) = 0;
  // Ends the stream after the frames already sent; the peer hears `reason` where the transport can
  // say it, the own handler hears nothing more. Nothing happens when the stream is gone.
  virtual void Close(StreamId stream, const absl::Status& reason) = 0;
  // Closes all streams as Close does and neither accepts nor dials any more.
  virtual void Stop() = 0;
};

}  // namespace tidemark::rpc
