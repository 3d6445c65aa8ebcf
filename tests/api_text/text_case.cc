// SPDX-License-Identifier: Apache-2.0
#include "tests/api_text/text_case.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace tidemark::api_text {

absl::StatusOr<std::vector<Block>> ReadBlocks(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path + " cannot be read");
  std::vector<Block> blocks;
  enum class Part { kNone, kArguments, kAnswer } part = Part::kNone;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string text(absl::StripAsciiWhitespace(line));
    if (text.empty()) {
      if (part == Part::kArguments) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ":", number, ": an empty line in front of \"----\""));
      }
      part = Part::kNone;
    } else if (text[0] == '#') {
      continue;
    } else if (part == Part::kNone) {
      blocks.push_back({number, text, {}, {}});
      part = Part::kArguments;
    } else if (text == "----") {
      part = Part::kAnswer;
    } else {
      auto& lines = part == Part::kArguments ? blocks.back().arguments : blocks.back().expected;
      lines.push_back(text);
    }
  }
  if (part == Part::kArguments) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": the last block has no \"----\""));
  }
  return blocks;
}

}  // namespace tidemark::api_text
