// SPDX-License-Identifier: Apache-2.0
#include "rpc/error_message.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace tidemark::rpc {
namespace {

TEST(ErrorMessageTest, EveryErrorCodeHasAStatusAndComesBack) {
  for (int code = api::ErrorCode_MIN + 1; code <= api::ErrorCode_MAX; ++code) {
    ASSERT_TRUE(api::ErrorCode_IsValid(code));
    api::Error sent;
    sent.set_code(static_cast<api::ErrorCode>(code));
    sent.set_message("why");
    const absl::Status status = FromMessage(sent);
    EXPECT_EQ(MessageOf(status), "why");
    EXPECT_EQ(status.code() == absl::StatusCode::kInternal, code == api::INTERNAL);
    api::Error again;
    ToMessage(status, &again);
    // Only the answer to Begin says that a precondition was a bookmark.
    if (code != api::DEAD_BOOKMARK) {
      EXPECT_EQ(again.code(), sent.code());
    }
    EXPECT_EQ(again.retryable(), code == api::CONFLICT || code == api::UNAVAILABLE);
    EXPECT_EQ(again.outcome_known(), code != api::OUTCOME_UNKNOWN);
  }
}

TEST(ErrorMessageTest, ConstraintsAndBookmarks) {
  api::Error message;
  ToMessage(absl::FailedPreconditionError("it has edges"), &message);
  EXPECT_EQ(message.code(), api::CONSTRAINT_VIOLATION);
  EXPECT_EQ(FromMessage(message).code(), absl::StatusCode::kAlreadyExists);
  message.set_code(api::DEAD_BOOKMARK);
  EXPECT_EQ(FromMessage(message).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ErrorMessageTest, WhatNoRowNamesIsABug) {
  api::Error message;
  ToMessage(absl::DataLossError("x"), &message);
  EXPECT_EQ(message.code(), api::INTERNAL);
  EXPECT_FALSE(message.retryable());
  message.set_code(static_cast<api::ErrorCode>(api::ErrorCode_MAX + 1));
  EXPECT_EQ(FromMessage(message).code(), absl::StatusCode::kInternal);
  message.clear_code();
  EXPECT_EQ(FromMessage(message).code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace tidemark::rpc
