// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "graph/value.h"
#include "proto/api.pb.h"

namespace tidemark::rpc {

// Values as messages of the client API. Vertices, edges and paths have messages of their own there,
// so ToMessage REQUIRES a value without them. A null has no kind set.
void ToMessage(const graph::Value& value, api::Value* message);

// kInvalidArgument when a part is out of its range, kResourceExhausted when it is nested too
// deeply.
absl::StatusOr<graph::Value> FromMessage(const api::Value& message);

}  // namespace tidemark::rpc
