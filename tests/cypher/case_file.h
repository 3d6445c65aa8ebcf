// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "graph/value.h"
#include "session/front.h"

namespace tidemark::cypher_test {

// A step of a text test: what is done and what must come of it.
//
//   # a remark
//   > RETURN $x AS x            what is done; goes on in further lines that begin with >
//   $ {x: 1}                    parameters, as a map
//   x                           what must come, line by line; a blank line ends the step
//   1
struct CaseStep {
  std::string file;
  int line = 0;
  std::string input;
  std::string parameters;
  std::string expected;
};

// The steps of all files of tests/cypher with that ending, in the order of their names.
std::vector<CaseStep> ReadCases(const std::string& ending);

// What an expression without variables gives.
graph::Value ValueOf(const std::string& expression);

// The code and the detail of an error: "! ClientError.Statement.SyntaxError [NotSupported]".
std::string TextOf(const session::Failure& failure);

}  // namespace tidemark::cypher_test
