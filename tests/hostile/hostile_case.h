// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "graph/value.h"

namespace tidemark::hostile {

// How a statement may end that did what it was asked for. Other ends are codes of errors.
inline constexpr char kDone[] = "done";
inline constexpr char kTimeout[] = "Neo.ClientError.Transaction.TransactionTimedOut";
inline constexpr char kMemory[] = "Neo.ClientError.General.TransactionOutOfMemoryError";
inline constexpr char kSyntax[] = "Neo.ClientError.Statement.SyntaxError";
inline constexpr char kArgument[] = "Neo.ClientError.Statement.ArgumentError";
inline constexpr char kType[] = "Neo.ClientError.Statement.TypeError";
inline constexpr char kArithmetic[] = "Neo.ClientError.Statement.ArithmeticError";

// A statement that asks for more than there is, at a graph of kPointCount points, of kDenseCount
// vertices :Dense, each joined to each, and with limits of HostileServer.
struct HostileCase {
  std::string name;
  // Made when it is needed: texts and parameters are large.
  std::function<std::string()> text;
  std::vector<std::string> ends;
  std::function<graph::Value()> parameters = [] { return graph::Value(); };

  friend std::ostream& operator<<(std::ostream& out, const HostileCase& one) {
    return out << one.name;
  }
};

// A text that is short enough to be at hand.
inline std::function<std::string()> Text(std::string text) {
  return [text = std::move(text)] { return text; };
}

inline constexpr int kDenseCount = 60;

// What the parser and the planner have to bear.
std::vector<HostileCase> TextCases();
// What runs too long or takes too much memory while it reads.
std::vector<HostileCase> RowCases();
// Large values, and functions of them.
std::vector<HostileCase> ValueCases();
// What writes.
std::vector<HostileCase> WriteCases();

}  // namespace tidemark::hostile
