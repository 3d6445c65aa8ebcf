// SPDX-License-Identifier: Apache-2.0
// The one place where what goes wrong inside a node becomes what drivers are told.
#pragma once

#include "absl/status/status.h"
#include "session/front.h"

namespace tidemark::session {

// Of a statement's error (query/text/error.h) the code of its table; of any other status that of
// its canonical code.
Failure FailureOf(const absl::Status& status);

// Why a commit failed: one is refused for what no single change shows, a property that a constraint
// asks for.
absl::Status CommitFailure(const absl::Status& status);

// Why a row is not sent that has more than kMaxRowBytes.
absl::Status RowTooLarge();

// What a request is answered that Reset has ended.
Failure InterruptedFailure();

}  // namespace tidemark::session
