// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "bolt_client/connection.h"

namespace tidemark::shell {

// "2 rows, 12 ms; 2 nodes created, 1 relationship created". A negative count: no columns.
std::string SummaryText(const bolt_client::Summary& summary, int64_t row_count, int64_t millis);

// A line for each notification; empty without any.
std::string NotificationText(const bolt_client::Summary& summary);

// The operators of EXPLAIN and PROFILE, each below the one that it feeds; empty without a plan.
std::string PlanText(const bolt_client::Summary& summary);

}  // namespace tidemark::shell
