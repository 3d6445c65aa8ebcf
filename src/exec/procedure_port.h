// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/value.h"

namespace tidemark::exec {

// What operators that call a procedure need of the node. Owner: the session. Threads: the loop of
// home.
class ProcedurePort {
 public:
  using Rows = std::vector<std::vector<graph::Value>>;

  virtual ~ProcedurePort() = default;
  // `done` gets all rows, each with all outputs, within the call or later, unless the port is
  // destroyed before. A procedure without outputs gives one row. Errors: query::Error.
  virtual void Call(std::string_view procedure, std::vector<graph::Value> arguments,
                    std::function<void(absl::StatusOr<Rows>)> done) = 0;
};

}  // namespace tidemark::exec
