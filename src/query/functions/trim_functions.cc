// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "query/functions/code_points.h"
#include "query/functions/failures.h"
#include "query/functions/text_signature.h"
#include "query/functions/unicode.h"
#include "query/text/trim_form.h"

namespace tidemark::query {

using graph::Value;

namespace {

using TrimArguments = absl::Span<const Value>;

enum class TrimSide : uint8_t { kBoth, kLeading, kTrailing };

// What is cut off: white space, or the characters of a text.
class TrimSet {
 public:
  TrimSet() : is_white_space_(true) {}
  explicit TrimSet(std::string_view characters) {
    for (size_t byte = 0; byte < characters.size(); byte += CodePointBytes(characters, byte)) {
      characters_.push_back(FirstCodePoint(characters.substr(byte)));
    }
  }

  bool Contains(std::string_view text_at) const {
    const uint32_t code_point = FirstCodePoint(text_at);
    if (is_white_space_) return IsTrimmable(code_point);
    return std::find(characters_.begin(), characters_.end(), code_point) != characters_.end();
  }

 private:
  bool is_white_space_ = false;
  absl::InlinedVector<uint32_t, 4> characters_;
};

std::string_view TrimText(std::string_view text, TrimSide side, const TrimSet& set) {
  while (side != TrimSide::kTrailing && !text.empty() && set.Contains(text)) {
    text.remove_prefix(CodePointBytes(text, 0));
  }
  while (side != TrimSide::kLeading && !text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && !BeginsCodePoint(text[last])) --last;
    if (!set.Contains(text.substr(last))) break;
    text = text.substr(0, last);
  }
  return text;
}

template <TrimSide side>
ValueOr TrimBlanksOf(Environment*, TrimArguments arguments) {
  return Value::String(TrimText(arguments[0].string(), side, TrimSet()));
}

template <TrimSide side>
ValueOr TrimCharacters(Environment*, TrimArguments arguments) {
  return Value::String(TrimText(arguments[0].string(), side, TrimSet(arguments[1].string())));
}

// Of trim(LEADING 'x' FROM text): the character comes first.
template <TrimSide side>
ValueOr TrimOneCharacter(Environment*, TrimArguments arguments) {
  const std::string_view character = arguments[0].string();
  if (CodePointCount(character) != 1) {
    return Failure(ErrorId::kInvalidArgumentValue,
                   {"trim() takes one character to cut off, not " + DescribeValue(arguments[0]) +
                    "; btrim(), ltrim() and rtrim() take several"});
  }
  return Value::String(TrimText(arguments[1].string(), side, TrimSet(character)));
}

constexpr FunctionSignature TrimsCharacters(std::string_view name, std::string_view description,
                                            ScalarFunction call) {
  FunctionSignature function = OfText(name, description, call);
  function.parameters[1] = {"trimCharacterString", kStringType};
  return function;
}

constexpr FunctionSignature kTrims[] = {
    OfText("trim", "A string without white space at both ends.", TrimBlanksOf<TrimSide::kBoth>),
    OfText("btrim", "A string without white space at both ends.", TrimBlanksOf<TrimSide::kBoth>),
    TrimsCharacters("btrim", "A string without certain characters at both ends.",
                    TrimCharacters<TrimSide::kBoth>),
    OfText("ltrim", "A string without white space at its begin.", TrimBlanksOf<TrimSide::kLeading>),
    TrimsCharacters("ltrim", "A string without certain characters at its begin.",
                    TrimCharacters<TrimSide::kLeading>),
    OfText("rtrim", "A string without white space at its end.", TrimBlanksOf<TrimSide::kTrailing>),
    TrimsCharacters("rtrim", "A string without certain characters at its end.",
                    TrimCharacters<TrimSide::kTrailing>),
};

constexpr FunctionSignature TrimsOneCharacter(std::string_view name, ScalarFunction call) {
  FunctionSignature function =
      OfText(name, "A string without a character at one end or both.", call);
  function.parameters = {{{"trimCharacterString", kStringType}, {"input", kStringType}}};
  return function;
}

constexpr FunctionSignature kTrimForms[] = {
    TrimsOneCharacter(kTrimFormNames[0], TrimOneCharacter<TrimSide::kBoth>),
    TrimsOneCharacter(kTrimFormNames[1], TrimOneCharacter<TrimSide::kLeading>),
    TrimsOneCharacter(kTrimFormNames[2], TrimOneCharacter<TrimSide::kTrailing>),
};

}  // namespace

absl::Span<const FunctionSignature> TrimFunctions() { return kTrims; }
absl::Span<const FunctionSignature> TrimForms() { return kTrimForms; }

}  // namespace tidemark::query
