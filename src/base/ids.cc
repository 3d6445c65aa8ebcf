// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include "absl/strings/str_cat.h"

namespace tidemark {

std::string ClusterId::ToString() const {
  return absl::StrCat(absl::Hex(high, absl::kZeroPad16), absl::Hex(low, absl::kZeroPad16));
}

std::ostream& operator<<(std::ostream& out, const ClusterId& id) { return out << id.ToString(); }

std::string NodeSet::ToString() const {
  std::string text;
  ForEach([&](NodeId node) { absl::StrAppend(&text, text.empty() ? "" : ", ", node.value()); });
  return text;
}

}  // namespace tidemark
