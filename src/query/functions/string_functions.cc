// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/text_search.h"
#include "query/functions/code_points.h"
#include "query/functions/failures.h"
#include "query/functions/text_signature.h"
#include "query/functions/unicode.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

using TextArguments = absl::Span<const Value>;

constexpr FunctionCategory kText = FunctionCategory::kString;

// A count of characters from an argument; an error when it is negative.
absl::StatusOr<size_t> CountArgument(const Value& argument, std::string_view what) {
  if (argument.integer() >= 0) return static_cast<size_t>(argument.integer());
  return Failure(ErrorId::kNegativeIntegerArgumentAtRuntime,
                 {what, std::to_string(argument.integer())});
}

ValueOr Left(Environment*, TextArguments arguments) {
  ASSIGN_OR_RETURN(const size_t count, CountArgument(arguments[1], "left()"));
  const std::string_view text = arguments[0].string();
  return Value::String(text.substr(0, ByteOfCodePoint(text, count)));
}

ValueOr Right(Environment*, TextArguments arguments) {
  ASSIGN_OR_RETURN(const size_t count, CountArgument(arguments[1], "right()"));
  const std::string_view text = arguments[0].string();
  const size_t all = CodePointCount(text);
  return Value::String(text.substr(ByteOfCodePoint(text, all - std::min(all, count))));
}

ValueOr Substring(Environment*, TextArguments arguments) {
  ASSIGN_OR_RETURN(const size_t start, CountArgument(arguments[1], "The start of substring()"));
  const std::string_view text = arguments[0].string();
  const std::string_view rest = text.substr(ByteOfCodePoint(text, start));
  if (arguments.size() == 2) return Value::String(rest);
  ASSIGN_OR_RETURN(const size_t length, CountArgument(arguments[2], "The length of substring()"));
  return Value::String(rest.substr(0, ByteOfCodePoint(rest, length)));
}

ValueOr CharLength(Environment*, TextArguments arguments) {
  return Value::Integer(static_cast<int64_t>(CodePointCount(arguments[0].string())));
}

// An empty text is found before, between and behind the characters.
ValueOr ReplaceEmpty(Environment* environment, std::string_view text, std::string_view with) {
  const size_t bytes = text.size() + (CodePointCount(text) + 1) * with.size();
  RETURN_IF_ERROR(CheckTextBytes(bytes));
  RETURN_IF_ERROR(environment->Reserve(bytes));
  std::string replaced(with);
  replaced.reserve(bytes);
  for (size_t byte = 0; byte < text.size();) {
    const size_t size = CodePointBytes(text, byte);
    replaced.append(text, byte, size).append(with);
    byte += size;
  }
  return Value::String(replaced);
}

ValueOr Replace(Environment* environment, TextArguments arguments) {
  const std::string_view text = arguments[0].string();
  const std::string_view search = arguments[1].string();
  const std::string_view with = arguments[2].string();
  if (search.empty()) return ReplaceEmpty(environment, text, with);
  size_t count = 0;
  for (size_t at = FindText(text, search); at != text.npos;
       at = FindText(text, search, at + search.size())) {
    ++count;
  }
  if (count == 0) return arguments[0];
  const size_t bytes = text.size() - count * search.size() + count * with.size();
  RETURN_IF_ERROR(CheckTextBytes(bytes));
  RETURN_IF_ERROR(environment->Reserve(bytes));
  std::string replaced;
  replaced.reserve(bytes);
  size_t from = 0;
  for (size_t at = FindText(text, search); at != text.npos; at = FindText(text, search, from)) {
    replaced.append(text, from, at - from).append(with);
    from = at + search.size();
  }
  replaced.append(text, from);
  return Value::String(replaced);
}

// Every delimiter is looked for in the whole text.
constexpr size_t kMaxDelimiters = 100;

// A delimiter, and where it stands next.
struct Delimiter {
  std::string_view text;
  size_t at = 0;
};

// The next one from a byte on; of several at one place the first of the list. Null at the end.
const Delimiter* NextDelimiter(std::string_view text, size_t from,
                               std::vector<Delimiter>* delimiters) {
  const Delimiter* next = nullptr;
  for (Delimiter& delimiter : *delimiters) {
    if (delimiter.at < from) delimiter.at = FindText(text, delimiter.text, from);
    if (delimiter.at == text.npos) continue;
    if (next == nullptr || delimiter.at < next->at) next = &delimiter;
  }
  return next;
}

std::vector<Value> SplitCharacters(std::string_view text) {
  std::vector<Value> parts;
  for (size_t byte = 0; byte < text.size();) {
    const size_t bytes = CodePointBytes(text, byte);
    parts.push_back(Value::String(text.substr(byte, bytes)));
    byte += bytes;
  }
  return parts;
}

std::vector<Value> SplitText(std::string_view text,
                             const std::vector<std::string_view>& delimiters) {
  std::vector<Delimiter> places;
  for (const std::string_view delimiter : delimiters) {
    places.push_back({delimiter, FindText(text, delimiter)});
  }
  std::vector<Value> parts;
  size_t from = 0;
  while (const Delimiter* const next = NextDelimiter(text, from, &places)) {
    parts.push_back(Value::String(text.substr(from, next->at - from)));
    from = next->at + next->text.size();
  }
  parts.push_back(Value::String(text.substr(from)));
  return parts;
}

ValueOr Split(Environment* environment, TextArguments arguments) {
  const std::string_view text = arguments[0].string();
  std::vector<std::string_view> delimiters;
  if (arguments[1].type() == ValueType::kString) {
    delimiters.push_back(arguments[1].string());
  } else {
    for (const Value& delimiter : arguments[1].list()) {
      if (delimiter.is_null()) return Value();
      if (delimiter.type() != ValueType::kString) return TypeMismatch("STRING", delimiter);
      delimiters.push_back(delimiter.string());
    }
  }
  if (delimiters.size() > kMaxDelimiters) {
    return Failure(
        ErrorId::kInvalidArgumentValue,
        {absl::StrCat("A list of ", delimiters.size(), " delimiters is too long; at most ",
                      kMaxDelimiters, " are allowed")});
  }
  // Each character may become a string of its own.
  RETURN_IF_ERROR(environment->Reserve(text.size() * (sizeof(Value) + 1)));
  const bool by_character =
      std::find(delimiters.begin(), delimiters.end(), std::string_view()) != delimiters.end();
  if (text.empty()) return Value::List({arguments[0]});
  if (by_character) return Value::List(SplitCharacters(text));
  return Value::List(SplitText(text, delimiters));
}

ValueOr ToUpper(Environment* environment, TextArguments arguments) {
  RETURN_IF_ERROR(environment->Reserve(arguments[0].string().size()));
  return UpperCaseText(arguments[0].string());
}

ValueOr ToLower(Environment* environment, TextArguments arguments) {
  RETURN_IF_ERROR(environment->Reserve(arguments[0].string().size()));
  return LowerCaseText(arguments[0].string());
}

ValueOr Normalize(Environment* environment, TextArguments arguments) {
  RETURN_IF_ERROR(environment->Reserve(arguments[0].string().size()));
  const std::string_view form = arguments.size() == 2 ? arguments[1].string() : "NFC";
  return NormalizedText(arguments[0].string(), form);
}

constexpr FunctionSignature LengthOf(std::string_view name) {
  FunctionSignature function = OfText(name, "How many characters a string has.", CharLength);
  function.category = FunctionCategory::kScalar;
  function.result = kIntegerType;
  return function;
}

constexpr FunctionSignature kStrings[] = {
    LengthOf("char_length"),
    LengthOf("character_length"),
    {.name = "left",
     .category = kText,
     .description = "The first characters of a string.",
     .parameters = {{{"original", kStringType}, {"length", kIntegerType}}},
     .result = kStringType,
     .call = Left},
    {.name = "right",
     .category = kText,
     .description = "The last characters of a string.",
     .parameters = {{{"original", kStringType}, {"length", kIntegerType}}},
     .result = kStringType,
     .call = Right},
    {.name = "substring",
     .category = kText,
     .description = "A string from a character on; the first is number 0.",
     .parameters = {{{"original", kStringType}, {"start", kIntegerType}}},
     .result = kStringType,
     .call = Substring},
    {.name = "substring",
     .category = kText,
     .description = "So many characters of a string, from one on; the first is number 0.",
     .parameters = {{{"original", kStringType}, {"start", kIntegerType}, {"length", kIntegerType}}},
     .result = kStringType,
     .call = Substring},
    {.name = "replace",
     .category = kText,
     .description = "A string in which another text stands wherever `search` stood.",
     .parameters = {{{"original", kStringType}, {"search", kStringType}, {"replace", kStringType}}},
     .result = kStringType,
     .call = Replace},
    {.name = "split",
     .category = kText,
     .description = "The parts of a string between delimiters.",
     .parameters = {{{"original", kStringType},
                     {"splitDelimiters", kStringType | CypherType::ListOf(kStringType)}}},
     .result = CypherType::ListOf(kStringType).OrNull(),
     .call = Split},
    OfText("toUpper", "A string in upper case.", ToUpper),
    OfText("upper", "As toUpper().", ToUpper),
    OfText("toLower", "A string in lower case.", ToLower),
    OfText("lower", "As toLower().", ToLower),
    OfText("normalize", "A string in the Unicode normal form NFC.", Normalize),
    {.name = "normalize",
     .category = kText,
     .description = "A string in a Unicode normal form: NFC, NFD, NFKC or NFKD.",
     .parameters = {{{"input", kStringType}, {"normalForm", kStringType}}},
     .result = kStringType,
     .call = Normalize},
};

}  // namespace

absl::Span<const FunctionSignature> StringFunctions() { return kStrings; }

}  // namespace tidemark::query
