// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "query/plan/operator.h"

namespace tidemark::query::plan {

// What a query does. The home fragment runs where the session is and gives the rows of the result.
struct Plan {
  Fragment home;
  std::vector<uint32_t> columns;  // of the result: slots of the root
};

}  // namespace tidemark::query::plan
