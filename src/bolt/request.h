// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt/structures.h"
#include "bolt/versions.h"
#include "graph/value.h"
#include "session/memory_budget.h"

namespace tidemark::bolt {

// The tags of the messages of a client.
enum class RequestKind : uint8_t {
  kHello = 0x01,
  kGoodbye = 0x02,
  kReset = 0x0f,
  kRun = 0x10,
  kBegin = 0x11,
  kCommit = 0x12,
  kRollback = 0x13,
  kDiscard = 0x2f,
  kPull = 0x3f,
  kTelemetry = 0x54,
  kRoute = 0x66,
  kLogon = 0x6a,
  kLogoff = 0x6b,
};
// "RUN"
std::string_view NameOf(RequestKind kind);

struct Request {
  static constexpr size_t kMaxFields = 3;

  RequestKind kind = RequestKind::kGoodbye;
  // Why the fields cannot be used: a wrong type, a value that is refused, a limit.
  absl::Status status;
  // Of the types that the message has, or nulls.
  std::array<graph::Value, kMaxFields> fields;
  size_t encoded_bytes = 0;
  size_t decoded_bytes = 0;  // of the fields
  // What these are charged to; null when they are small.
  std::shared_ptr<const session::MemoryCharge> charge;
  bool interrupts = false;  // a RESET that was taken note of when it came in
};

struct RequestForm {
  Version version;
  ValueForms values;
  size_t decoded_bytes = 0;
};

// kDataLoss: the bytes are no message of this version, so nothing behind them can be trusted.
absl::StatusOr<Request> ReadRequest(std::string_view message, const RequestForm& form);

}  // namespace tidemark::bolt
