// SPDX-License-Identifier: Apache-2.0
// What takes bytes from clients, as functions of bytes. tests/fuzzers makes a libFuzzer program of
// each; fuzz_test.cc runs all of them over their seeds and over random changes of these.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::fuzz {

struct Target {
  std::string_view name;
  // Ends the process when something is wrong. What is behind the bytes is not to be touched.
  void (*run)(std::string_view bytes);
  // Inputs to begin with.
  std::vector<std::string> (*seeds)();
};

// Values of PackStream.
extern const Target kPack;
// A connection of Bolt, from its handshake on or logged in.
extern const Target kConnection;
// The text of a statement, to its syntax tree.
extern const Target kParser;
// The same, on to its plan.
extern const Target kPlanner;

const std::vector<const Target*>& Targets();
// Null when there is none of the name.
const Target* FindTarget(std::string_view name);

// The statements of tests/cypher and of the parser's tests.
std::vector<std::string> StatementTexts();

}  // namespace tidemark::fuzz
