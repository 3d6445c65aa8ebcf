// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "graph/value.h"
#include "query/functions/environment.h"

namespace re2 {
class RE2;
}

namespace tidemark::query {

// What stands on the right of =~, ready to be used for many texts. RE2 reads it: a match takes time
// in proportion to the text, whatever the pattern; look-around, back references and possessive
// repetitions are refused.
// Owner: a program, or MatchesPattern. Threads: any at a time.
class RegularExpression {
 public:
  // An error says what is wrong with the pattern, or which of its parts is not known here.
  static absl::StatusOr<RegularExpression> Compile(std::string_view pattern);
  RegularExpression(RegularExpression&&) noexcept;
  RegularExpression& operator=(RegularExpression&&) noexcept;
  ~RegularExpression();

  // Whether the whole text matches.
  bool Matches(std::string_view text) const;

 private:
  explicit RegularExpression(std::unique_ptr<re2::RE2> compiled);

  std::unique_ptr<re2::RE2> compiled_;
};

// text =~ pattern, of values. Null when the text is no string; the pattern must be one or null.
ValueOr MatchesPattern(const graph::Value& text, const graph::Value& pattern);

}  // namespace tidemark::query
