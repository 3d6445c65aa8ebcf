// SPDX-License-Identifier: Apache-2.0
#include "query/functions/unicode.h"

#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "query/functions/failures.h"

namespace tidemark::query {

using graph::Value;

namespace {

using CaseMapper = int32_t (*)(const UCaseMap*, char*, int32_t, const char*, int32_t, UErrorCode*);

// The root locale's rules. Owner: the process. Threads: any; it never changes.
const UCaseMap* RootCaseMap() {
  static const UCaseMap* const map = [] {
    UErrorCode error = U_ZERO_ERROR;
    const UCaseMap* opened = ucasemap_open("", 0, &error);
    CHECK(U_SUCCESS(error)) << "the tables of ICU are missing: " << u_errorName(error);
    return opened;
  }();
  return map;
}

ValueOr MapCase(std::string_view text, CaseMapper mapper) {
  std::string mapped(text.size() + text.size() / 8 + 16, '\0');
  for (;;) {
    UErrorCode error = U_ZERO_ERROR;
    const int32_t size = mapper(RootCaseMap(), mapped.data(), static_cast<int32_t>(mapped.size()),
                                text.data(), static_cast<int32_t>(text.size()), &error);
    const auto bytes = static_cast<size_t>(size);
    if (error == U_BUFFER_OVERFLOW_ERROR) {
      RETURN_IF_ERROR(CheckTextBytes(bytes));
      mapped.resize(bytes);
      continue;
    }
    CHECK(U_SUCCESS(error)) << u_errorName(error);
    RETURN_IF_ERROR(CheckTextBytes(bytes));
    return Value::String(std::string_view(mapped).substr(0, bytes));
  }
}

absl::StatusOr<const UNormalizer2*> NormalizerOf(std::string_view form) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* normalizer = nullptr;
  if (form == "NFC") {
    normalizer = unorm2_getNFCInstance(&error);
  } else if (form == "NFD") {
    normalizer = unorm2_getNFDInstance(&error);
  } else if (form == "NFKC") {
    normalizer = unorm2_getNFKCInstance(&error);
  } else if (form == "NFKD") {
    normalizer = unorm2_getNFKDInstance(&error);
  } else {
    return Failure(
        ErrorId::kInvalidArgumentValue,
        {"There is no normal form '" + std::string(form) + "'; there are NFC, NFD, NFKC and NFKD"});
  }
  CHECK(U_SUCCESS(error)) << "the tables of ICU are missing: " << u_errorName(error);
  return normalizer;
}

std::vector<UChar> ToUnits(std::string_view text) {
  std::vector<UChar> units(text.size());
  int32_t count = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8WithSub(units.data(), static_cast<int32_t>(units.size()), &count, text.data(),
                       static_cast<int32_t>(text.size()), 0xfffd, nullptr, &error);
  CHECK(U_SUCCESS(error)) << u_errorName(error);
  units.resize(static_cast<size_t>(count));
  return units;
}

std::string ToUtf8(const std::vector<UChar>& units) {
  std::string text(3 * units.size(), '\0');  // a unit is at most three bytes
  int32_t count = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strToUTF8WithSub(text.data(), static_cast<int32_t>(text.size()), &count, units.data(),
                     static_cast<int32_t>(units.size()), 0xfffd, nullptr, &error);
  CHECK(U_SUCCESS(error)) << u_errorName(error);
  text.resize(static_cast<size_t>(count));
  return text;
}

}  // namespace

ValueOr UpperCaseText(std::string_view text) { return MapCase(text, ucasemap_utf8ToUpper); }
ValueOr LowerCaseText(std::string_view text) { return MapCase(text, ucasemap_utf8ToLower); }

ValueOr NormalizedText(std::string_view text, std::string_view form) {
  ASSIGN_OR_RETURN(const UNormalizer2* const normalizer, NormalizerOf(form));
  const std::vector<UChar> units = ToUnits(text);
  std::vector<UChar> normal(units.size() + units.size() / 4 + 16);
  for (;;) {
    UErrorCode error = U_ZERO_ERROR;
    const int32_t count =
        unorm2_normalize(normalizer, units.data(), static_cast<int32_t>(units.size()),
                         normal.data(), static_cast<int32_t>(normal.size()), &error);
    RETURN_IF_ERROR(CheckTextBytes(static_cast<size_t>(count)));
    normal.resize(static_cast<size_t>(count));
    if (error == U_BUFFER_OVERFLOW_ERROR) continue;
    CHECK(U_SUCCESS(error)) << u_errorName(error);
    const std::string result = ToUtf8(normal);
    RETURN_IF_ERROR(CheckTextBytes(result.size()));
    return Value::String(result);
  }
}

absl::StatusOr<bool> IsNormalizedText(std::string_view text, std::string_view form) {
  ASSIGN_OR_RETURN(const UNormalizer2* const normalizer, NormalizerOf(form));
  const std::vector<UChar> units = ToUnits(text);
  UErrorCode error = U_ZERO_ERROR;
  const UBool is_normal =
      unorm2_isNormalized(normalizer, units.data(), static_cast<int32_t>(units.size()), &error);
  CHECK(U_SUCCESS(error)) << u_errorName(error);
  return is_normal != 0;
}

bool IsTrimmable(uint32_t code_point) {
  return u_isWhitespace(static_cast<UChar32>(code_point)) != 0 || code_point == 0x85;
}

}  // namespace tidemark::query
