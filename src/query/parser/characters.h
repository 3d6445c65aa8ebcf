// SPDX-License-Identifier: Apache-2.0
// What single characters mean to the lexer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidemark::query {

// The code point at `at` of well-formed UTF-8; sets `*length` to its bytes.
uint32_t DecodeUtf8(std::string_view text, size_t at, size_t* length);
// How UTF-8 writes a code point; at most 4 bytes are put at `out`, their number is returned.
// REQUIRES: a code point that is no surrogate.
size_t EncodeUtf8(uint32_t code_point, char* out);

// For code points from 128 on; the lexer has a table for the others.
bool BeginsName(uint32_t code_point);
bool ContinuesName(uint32_t code_point);
bool IsUnicodeBlank(uint32_t code_point);

}  // namespace tidemark::query
