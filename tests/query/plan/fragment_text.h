// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "query/plan/operator.h"

namespace tidemark::query {

// Every field of a fragment's operators and of their programs, but what EXPLAIN shows and what the
// planner alone needs: two fragments with the same text do the same.
std::string EverythingOf(const plan::Fragment& fragment);

}  // namespace tidemark::query
