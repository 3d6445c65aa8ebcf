// SPDX-License-Identifier: Apache-2.0
#include "check/text_difference.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tidemark::check {

std::string FirstDifference(const std::string& before, const std::string& after) {
  if (before == after) return "";
  const auto at = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  const auto position = static_cast<size_t>(at.first - before.begin());
  const size_t newline = position == 0 ? std::string::npos : before.rfind('\n', position - 1);
  const size_t line = newline == std::string::npos ? 0 : newline + 1;
  const auto text = [line](const std::string& all) {
    return all.size() <= line ? std::string("(end)")
                              : all.substr(line, all.find('\n', line) - line);
  };
  return absl::StrCat("was \"", text(before), "\", is \"", text(after), "\"");
}

}  // namespace tidemark::check
