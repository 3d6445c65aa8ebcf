// SPDX-License-Identifier: Apache-2.0
#include "rpc/error_message.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::rpc {
namespace {

struct ErrorRow {
  absl::StatusCode status;
  api::ErrorCode error;
  bool is_retryable = false;
};

// In both directions the first row that fits counts, so the second row of a code is for the other
// direction alone: a client sees every violated constraint as kAlreadyExists, and the server sets
// DEAD_BOOKMARK itself, where it knows that a bookmark was refused.
constexpr ErrorRow kErrorRows[] = {
    {absl::StatusCode::kInvalidArgument, api::INVALID_ARGUMENT},
    {absl::StatusCode::kNotFound, api::NOT_FOUND},
    {absl::StatusCode::kAlreadyExists, api::CONSTRAINT_VIOLATION},
    {absl::StatusCode::kFailedPrecondition, api::CONSTRAINT_VIOLATION},
    {absl::StatusCode::kFailedPrecondition, api::DEAD_BOOKMARK},
    {absl::StatusCode::kAborted, api::CONFLICT, true},
    {absl::StatusCode::kUnavailable, api::UNAVAILABLE, true},
    {absl::StatusCode::kResourceExhausted, api::LIMIT_EXCEEDED},
    {absl::StatusCode::kDeadlineExceeded, api::TIMED_OUT},
    {absl::StatusCode::kUnknown, api::OUTCOME_UNKNOWN},
    {absl::StatusCode::kPermissionDenied, api::FORBIDDEN},
    {absl::StatusCode::kInternal, api::INTERNAL},
};

// Null for a code that no row names.
const ErrorRow* RowOf(absl::StatusCode status) {
  const auto* row = std::find_if(std::begin(kErrorRows), std::end(kErrorRows),
                                 [&](const ErrorRow& each) { return each.status == status; });
  return row == std::end(kErrorRows) ? nullptr : row;
}

}  // namespace

bool IsRetryable(absl::StatusCode code) {
  const ErrorRow* row = RowOf(code);
  return row != nullptr && row->is_retryable;
}

void ToMessage(const absl::Status& status, api::Error* message) {
  CHECK(!status.ok()) << "no error to tell a client of";
  const ErrorRow* row = RowOf(status.code());
  message->set_code(row == nullptr ? api::INTERNAL : row->error);
  message->set_message(MessageOf(status));
  message->set_retryable(IsRetryable(status.code()));
  message->set_outcome_known(status.code() != absl::StatusCode::kUnknown);
}

absl::Status FromMessage(const api::Error& message) {
  const auto* row =
      std::find_if(std::begin(kErrorRows), std::end(kErrorRows),
                   [&](const ErrorRow& each) { return each.error == message.code(); });
  const bool is_known = row != std::end(kErrorRows);
  return absl::Status(is_known ? row->status : absl::StatusCode::kInternal, message.message());
}

}  // namespace tidemark::rpc
