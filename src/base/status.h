// SPDX-License-Identifier: Apache-2.0
// Errors are absl::Status. What each canonical code means in this project:
//
//   kInvalidArgument     the request or the input is wrong; the same call fails again
//   kNotFound            a vertex, edge, index or file does not exist (for this reader)
//   kAlreadyExists       a uniqueness constraint is violated
//   kFailedPrecondition  refused because of a state that only an operator or another call changes
//   kAborted             write conflict: the transaction was rolled back, a retry may succeed
//   kUnavailable         the cluster is closed (reconciling, member missing); rolled back, retry
//   kResourceExhausted   a memory, size or count limit
//   kDeadlineExceeded    a time limit; rolled back
//   kUnknown             the outcome of a commit is unknown
//   kDataLoss            a file is damaged: names path, offset and csn
//   kInternal            a bug
//
// Messages name the thing, the reason and what to do.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace tidemark {

// Debian's absl::string_view is a type of its own.
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view FromAbsl(absl::string_view text) { return {text.data(), text.size()}; }
inline std::string MessageOf(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// The same code, with `prefix` and ": " before the message.
absl::Status Annotate(const absl::Status& status, std::string_view prefix);

}  // namespace tidemark

#define TIDEMARK_CONCAT_INNER(a, b) a##b
#define TIDEMARK_CONCAT(a, b) TIDEMARK_CONCAT_INNER(a, b)

// The compiler lays the code out as if the condition never held: what follows it lies apart from
// what runs all the time, so that this lies close together in the caches.
#define TIDEMARK_NEVER(condition) __builtin_expect_with_probability((condition), 0, 1.0)

// Returns from the function when `expr` (an absl::Status) is an error.
#define RETURN_IF_ERROR(expr) RETURN_IF_ERROR_IMPL(TIDEMARK_CONCAT(status_of_, __LINE__), expr)
#define RETURN_IF_ERROR_IMPL(tmp, expr)        \
  do {                                         \
    absl::Status tmp = (expr);                 \
    if (TIDEMARK_NEVER(!tmp.ok())) return tmp; \
  } while (false)

// Assigns the value of `expr` (an absl::StatusOr) to `lhs`, or returns its error.
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_IMPL(TIDEMARK_CONCAT(status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_IMPL(tmp, lhs, expr)         \
  auto tmp = (expr);                                  \
  if (TIDEMARK_NEVER(!tmp.ok())) return tmp.status(); \
  lhs = std::move(tmp).value()
