// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::shell {

// The names that a graph has, as the server told them.
struct GraphNames {
  std::vector<std::string> labels;
  std::vector<std::string> types;
  std::vector<std::string> property_keys;
  std::vector<std::string> parameters;  // of the shell
};

struct Completions {
  size_t word_bytes = 0;           // before the cursor: what is to be completed
  std::vector<std::string> words;  // that begin so, in order, each once
  // What all of them begin with; never shorter than what was typed.
  std::string CommonBeginning() const;
};

// What the text before the cursor may go on with: commands of the shell at the start of a line,
// labels and types behind a colon, properties behind a dot, parameters behind $, and else keywords
// and the names of the graph. Keywords are found in any case of letters.
Completions Complete(std::string_view before_cursor, const GraphNames& names);

}  // namespace tidemark::shell
