// SPDX-License-Identifier: Apache-2.0
#include "import/file_patterns.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/status.h"

namespace tidemark::csv_import {
namespace {

bool HasWildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

// Regular expressions look like patterns to those who know importers that take them.
std::string_view HintFor(std::string_view pattern) {
  const bool is_expression =
      pattern.find('\\') != std::string_view::npos || pattern.find(".*") != std::string_view::npos;
  return is_expression ? "; a pattern is made of *, ? and [...], as in a shell: it is no regular "
                         "expression"
                       : "";
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits at the front of the text without leading zeroes; takes them from the text.
std::string_view TakeNumber(std::string_view* text) {
  size_t end = 0;
  while (end < text->size() && IsDigit((*text)[end])) ++end;
  std::string_view digits = text->substr(0, end);
  text->remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

}  // namespace

bool IsBeforeInNumericOrder(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a;
  const std::string_view whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (IsDigit(a[0]) && IsDigit(b[0])) {
      const std::string_view number_a = TakeNumber(&a);
      const std::string_view number_b = TakeNumber(&b);
      if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
      if (number_a != number_b) return number_a < number_b;
      continue;
    }
    if (a[0] != b[0]) return a[0] < b[0];
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  // Only zeroes in front of numbers differ.
  return whole_a < whole_b;
}

absl::StatusOr<std::vector<std::string>> ExpandPattern(env::FileSystem* files,
                                                       const std::string& path) {
  const bool is_plain = !HasWildcard(path) && HintFor(path).empty();
  if (is_plain || files->Exists(path)) return std::vector<std::string>{path};
  const size_t slash = path.rfind('/');
  const bool has_folder = slash != std::string::npos;
  const std::string folder = has_folder ? path.substr(0, slash + 1) : "";
  const std::string pattern = has_folder ? path.substr(slash + 1) : path;
  if (HasWildcard(folder)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a pattern may stand in the last part of a path only"));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files->List(has_folder ? folder : "."));
  std::vector<std::string> matches;
  for (const std::string& name : names) {
    if (fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0) matches.push_back(folder + name);
  }
  if (matches.empty()) {
    return absl::NotFoundError(absl::StrCat(path, ": no file matches", ToAbsl(HintFor(pattern))));
  }
  std::sort(matches.begin(), matches.end(), IsBeforeInNumericOrder);
  return matches;
}

}  // namespace tidemark::csv_import
