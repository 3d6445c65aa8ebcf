// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "bolt/replies.h"
#include "bolt/versions.h"
#include "session/front.h"

namespace tidemark::bolt {

// What a summary says beside what the session knows.
struct SummaryContext {
  Version version;
  std::string_view database;
  bool has_columns = false;
  bool has_rows = false;
};

// The metadata of the SUCCESS that ends a statement.
void WriteSummary(const session::Summary& summary, const SummaryContext& context, SmallMap* map);

}  // namespace tidemark::bolt
