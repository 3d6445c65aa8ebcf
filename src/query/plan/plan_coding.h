// SPDX-License-Identifier: Apache-2.0
// Fragments of plans as bytes, for frames from the node of a session to workers of the same
// version. docs/formats/fragment.md
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "query/plan/operator.h"

namespace tidemark::query::plan {

// What must go with a fragment.
struct FragmentNeeds {
  // Its expressions may look at elements in ways that no column answers.
  bool names = false;
  std::set<uint32_t> parameters;  // bound::ParameterId
};

// REQUIRES: operators that run at workers. What EXPLAIN shows is not part of it.
FragmentNeeds AppendFragment(const Fragment& fragment, std::string* out);
// The fragment that fills all of `bytes`. kDataLoss when they are malformed.
absl::StatusOr<Fragment> DecodeFragment(std::string_view bytes);

}  // namespace tidemark::query::plan
