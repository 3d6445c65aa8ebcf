// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "base/coding.h"
#include "exec/operation.h"

namespace tidemark::exec {

void AppendOperation(const Operation& operation, std::string* out);
// kInvalidArgument says what is wrong with it.
absl::Status ReadOperation(ByteReader* reader, Operation* out);

}  // namespace tidemark::exec
