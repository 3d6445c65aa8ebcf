// SPDX-License-Identifier: Apache-2.0
// What needs the tables of Unicode, by ICU. Text that is not UTF-8 keeps its wrong bytes as
// replacement characters.
#pragma once

#include <string_view>

#include "query/functions/environment.h"

namespace tidemark::query {

// In full and without the customs of any language: a German sharp s becomes SS.
ValueOr UpperCaseText(std::string_view text);
ValueOr LowerCaseText(std::string_view text);

// `form` is NFC, NFD, NFKC or NFKD; an error for another.
ValueOr NormalizedText(std::string_view text, std::string_view form);
// What IS NORMALIZED asks.
absl::StatusOr<bool> IsNormalizedText(std::string_view text, std::string_view form);

// White space as trim() knows it: that of Unicode but for the blanks that do not break a line, and
// the control characters that separate.
bool IsTrimmable(uint32_t code_point);

}  // namespace tidemark::query
