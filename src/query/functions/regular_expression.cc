// SPDX-License-Identifier: Apache-2.0
#include "query/functions/regular_expression.h"

#include <re2/re2.h>

#include <string>

#include "base/status.h"
#include "graph/value_text.h"
#include "query/functions/failures.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

// Memory of one compiled pattern and its caches.
constexpr int64_t kMaxPatternMemory = 4 << 20;
constexpr size_t kMaxPatternBytes = 64 << 10;
constexpr size_t kShownPatternBytes = 200;

re2::StringPiece PieceOf(std::string_view text) { return {text.data(), text.size()}; }

// Where a class holds two ampersands, which other engines take for an intersection of classes and
// RE2 for two members; npos when none does. Escapes and \Q...\E are passed over.
size_t FindClassIntersection(std::string_view pattern) {
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      if (pattern.substr(i, 2) == "\\Q") {
        const size_t end = pattern.find("\\E", i);
        if (end == pattern.npos) return pattern.npos;
        i = end;
      }
      ++i;
    } else if (!in_class && pattern[i] == '[') {
      in_class = true;
      // A bracket at the begin of a class is a member.
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') ++i;
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') ++i;
    } else if (in_class && pattern.substr(i, 2) == "[:") {
      const size_t end = pattern.find(":]", i);
      if (end != pattern.npos) i = end + 1;
    } else if (in_class && pattern[i] == ']') {
      in_class = false;
    } else if (in_class && pattern.substr(i, 2) == "&&") {
      return i;
    }
  }
  return pattern.npos;
}

absl::Status BadPattern(std::string_view pattern, std::string_view reason) {
  return Failure(ErrorId::kInvalidRegularExpression,
                 {graph::ToText(Value::String(pattern.substr(0, kShownPatternBytes))), reason});
}

}  // namespace

RegularExpression::RegularExpression(std::unique_ptr<re2::RE2> compiled)
    : compiled_(std::move(compiled)) {}
RegularExpression::RegularExpression(RegularExpression&&) noexcept = default;
RegularExpression& RegularExpression::operator=(RegularExpression&&) noexcept = default;
RegularExpression::~RegularExpression() = default;

absl::StatusOr<RegularExpression> RegularExpression::Compile(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return BadPattern(pattern, "it has more than " + std::to_string(kMaxPatternBytes) + " bytes");
  }
  if (FindClassIntersection(pattern) != pattern.npos) {
    return BadPattern(pattern,
                      "&& in a class means an intersection, which is not supported; "
                      "write \\& for the character");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  auto compiled = std::make_unique<re2::RE2>(PieceOf(pattern), options);
  if (!compiled->ok()) {
    return BadPattern(pattern, compiled->error() +
                                   "; look-around, back references and possessive repetitions "
                                   "are not supported");
  }
  return RegularExpression(std::move(compiled));
}

bool RegularExpression::Matches(std::string_view text) const {
  return re2::RE2::FullMatch(PieceOf(text), *compiled_);
}

ValueOr MatchesPattern(const Value& text, const Value& pattern) {
  if (pattern.is_null()) return pattern;
  if (pattern.type() != ValueType::kString) return TypeMismatch("STRING", pattern);
  if (text.type() != ValueType::kString) return Value();
  ASSIGN_OR_RETURN(const RegularExpression compiled, RegularExpression::Compile(pattern.string()));
  return Value::Boolean(compiled.Matches(text.string()));
}

}  // namespace tidemark::query
