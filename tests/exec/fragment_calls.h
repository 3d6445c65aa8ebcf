// SPDX-License-Identifier: Apache-2.0
// Calls of fragments as their home sends them.
#pragma once

#include <string>
#include <vector>

#include "base/check.h"
#include "exec/change_rows.h"
#include "exec/fragment_step.h"

namespace tidemark::exec {

inline std::string CallOf(const query::plan::Remote& remote, const query::BatchRef& input) {
  FragmentCall call;
  call.fragment = remote.encoded.bytes;
  call.returned = remote.returned;
  call.input = input;
  absl::StatusOr<std::string> bytes = EncodeCall(call);
  CHECK(bytes.ok()) << bytes.status();
  return *std::move(bytes);
}

// REQUIRES: at most query::kMaxBatchRows.
inline std::string CallOf(const std::vector<Change>& changes) {
  query::SlabPool pool;
  return CallOf(ChangeFragment(), MakeChangeRows(&pool, changes));
}

}  // namespace tidemark::exec
