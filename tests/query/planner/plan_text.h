// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "query/plan/fragment.h"

namespace tidemark::query {

// The operators of a plan, an operator in a line, above its input; what is inside of an operator
// stands below it, indented. Slots are written as $3.
std::string PlanText(const plan::Plan& plan);

// Checks that every slot that an operator reads is one that its input gives; how many slots the
// root gives.
uint32_t CheckPlan(const plan::Plan& plan);

}  // namespace tidemark::query
