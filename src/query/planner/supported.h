// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "query/binder/bound.h"

namespace tidemark::query {

// The language is read and checked as a whole; here is what cannot run yet: all that looks at the
// graph or changes it. OK, or an error with the place of the first such part.
absl::Status CheckSupported(const bound::Statement& statement);

}  // namespace tidemark::query
