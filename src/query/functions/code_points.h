// SPDX-License-Identifier: Apache-2.0
// Strings count in code points. They are UTF-8 by contract; a byte that is not counts with the
// character before it, or as one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::query {

inline bool BeginsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

size_t CodePointCount(std::string_view text);
// The byte at which the code point number `count` begins; the size of the text when it has no more.
size_t ByteOfCodePoint(std::string_view text, size_t count);
// How many bytes the code point at `byte` has.
size_t CodePointBytes(std::string_view text, size_t byte);
std::string ReversedText(std::string_view text);
// The code point at the front; 0xfffd when it is malformed. REQUIRES: not empty.
uint32_t FirstCodePoint(std::string_view text);

}  // namespace tidemark::query
