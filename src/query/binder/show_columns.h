// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/types/span.h"
#include "query/binder/bound.h"

namespace tidemark::query {

// A column of SHOW INDEXES or SHOW CONSTRAINTS; bound::Output::column counts them.
struct ShowColumn {
  std::string_view name;
  CypherType type;
  bool is_default;  // there without YIELD
};

absl::Span<const ShowColumn> ColumnsOf(bound::ShowWhat show);

}  // namespace tidemark::query
