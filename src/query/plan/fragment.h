// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "query/plan/operator.h"

namespace tidemark::query::plan {

// A tree of operators that runs on one node.
struct Fragment {
  std::unique_ptr<const Operator> root;
  uint32_t operator_count = 0;
};

// What a query does. The home fragment runs where the session is and gives the rows of the result.
struct Plan {
  Fragment home;
  std::vector<uint32_t> columns;  // of the result: slots of the root
};

}  // namespace tidemark::query::plan
