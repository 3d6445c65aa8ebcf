// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::api_text {

// One request of a *.test file and what it must answer:
//
//   # A comment belongs to the block below it.
//   run
//   create_vertex { labels: "Person" }
//   ----
//   vertex $ann
//
// The first line is the command, the lines up to "----" its arguments, those up to the next empty
// line the answer (README.md beside the files).
struct Block {
  int line = 0;  // of the command
  std::string command;
  std::vector<std::string> arguments;
  std::vector<std::string> expected;
};

// kInvalidArgument names the line.
absl::StatusOr<std::vector<Block>> ReadBlocks(const std::string& path);

}  // namespace tidemark::api_text
