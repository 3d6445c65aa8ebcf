// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::bolt {

// What one connection may ask for. Before a client has logged in nothing is known of it, so little
// is done for it.
struct MessageLimits {
  size_t message_bytes = 0;  // of one message, without the headers of its chunks
  size_t decoded_bytes = 0;  // in memory
};
inline constexpr MessageLimits kLoginLimits{.message_bytes = 64 << 10, .decoded_bytes = 256 << 10};
inline constexpr MessageLimits kSessionLimits{.message_bytes = 64 << 20,
                                              .decoded_bytes = 512 << 20};

// Requests that a client sent ahead: at one of these limits no more of its bytes are read.
inline constexpr size_t kMaxQueuedRequests = 1'024;
inline constexpr size_t kMaxQueuedBytes = 4 << 20;

// A message larger than this is taken apart in the background: the loop makes no long steps.
inline constexpr size_t kMaxInlineMessageBytes = 128 << 10;

// A message larger than this is charged to the budget of all requests while it comes in.
inline constexpr size_t kUnchargedMessageBytes = 64 << 10;

// Answers that wait for a slow client: at the first limit a query pauses, and it goes on below the
// second. kFlushBytes are handed to the stream at a time.
inline constexpr size_t kMaxUnsentBytes = 1 << 20;
inline constexpr size_t kResumeUnsentBytes = 256 << 10;
inline constexpr size_t kFlushBytes = 64 << 10;

// How long an answer waits for the one to the request behind it, which is under way already, so
// that both go out together: to send costs more than to answer a small request.
inline constexpr int64_t kMaxHoldMicros = 1'000;

// Of a text of the client in a message or a log line.
inline constexpr size_t kMaxQuotedBytes = 100;

}  // namespace tidemark::bolt
