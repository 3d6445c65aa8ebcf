// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::rpc {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kEnvelopeTargetBytes = size_t{2} << 10;
inline constexpr size_t kMaxQueuedBytes = size_t{32} << 20;
#else
// Frames of one turn are cut into envelopes of about this size.
inline constexpr size_t kEnvelopeTargetBytes = size_t{256} << 10;
// What one stream may hold that was sent and not yet taken by the network or, in memory, by the
// peer. More means that the peer does not read: the stream is closed.
inline constexpr size_t kMaxQueuedBytes = size_t{256} << 20;
#endif

// A stream on which no more than this waits has room for bulk (TransportHandler::OnStreamDrained).
// What must not come late, commits and heartbeats, has at most about so much in front of it.
inline constexpr size_t kDrainedBytes = size_t{1} << 20;
// What gRPC accepts as one message.
inline constexpr size_t kMaxMessageBytes = size_t{64} << 20;
// An answer to a client that is one row may be larger: small values take several times as much in
// a message as in storage.
inline constexpr size_t kMaxRowMessageBytes = size_t{256} << 20;
// One frame: an envelope is at most one frame beyond its target size, with room for its header.
inline constexpr size_t kMaxFrameBytes = kMaxMessageBytes - kEnvelopeTargetBytes - 64;
// What one stream may have received and not yet handled; beyond it the network is not read.
inline constexpr size_t kMaxUnhandledBytes = size_t{8} << 20;

// Descriptors that a process keeps for its files when it has many: connections get none of them.
// One that may have few keeps a quarter.
inline constexpr uint64_t kReservedDescriptorCount = 256;
// Connections get no descriptor from this number on, however many a process may have: each costs
// memory.
inline constexpr uint64_t kMaxConnectionDescriptor = 10'000;
// A peer that does not acknowledge what was sent to it for so long is gone.
inline constexpr unsigned kTcpUserTimeoutMs = 20'000;
// A connection that has not greeted (TLS, HTTP/2) after this is closed.
inline constexpr int kHandshakeLimitMs = 10'000;

// Waiting times between two tries to reach the master.
inline constexpr int64_t kFirstRedialMicros = 20'000;
inline constexpr int64_t kMaxRedialMicros = 1'000'000;
// A stream that lived as long as this makes the next redial a fast one again.
inline constexpr int64_t kStableStreamMicros = 500'000;
// A try to connect that gets no answer is given up.
inline constexpr int64_t kDialTimeoutMicros = 3'000'000;
// "Trying again" is logged at the first failure and then this seldom.
inline constexpr int64_t kUnreachableLogMicros = 10'000'000;

// What was sent before a stream was closed has this long to leave.
inline constexpr int64_t kCloseGraceMicros = 1'000'000;

}  // namespace tidemark::rpc
