// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::graph {

// A line of a golden file: bytes in hexadecimal, a blank, what they say. '#' begins a comment.
struct GoldenLine {
  std::string hex;
  std::string text;
};
// Fails the test and gives nothing when the file of tests/formats cannot be read.
std::vector<GoldenLine> ReadGoldenFile(std::string_view name);

}  // namespace tidemark::graph
