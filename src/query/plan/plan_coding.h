// SPDX-License-Identifier: Apache-2.0
// Fragments of plans as bytes, for frames from the node of a session to workers of the same
// version. docs/formats/fragment.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "query/plan/operator.h"

namespace tidemark::query::plan {

// REQUIRES: operators that run at workers. What EXPLAIN shows is not part of it.
FragmentNeeds AppendFragment(const Fragment& fragment, std::string* out);
// Fills in `encoded` of a Remote that is complete.
void EncodeFragment(Remote* remote);
// The fragment that fills all of `bytes`. kDataLoss when they are malformed.
absl::StatusOr<Fragment> DecodeFragment(std::string_view bytes);

}  // namespace tidemark::query::plan
