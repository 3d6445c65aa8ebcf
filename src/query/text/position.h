// SPDX-License-Identifier: Apache-2.0
// Places in the text of a statement. Inside the engine a place is an offset in bytes; people are
// told lines, columns and offsets in code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::query {

// A slice of a statement's text, in bytes.
struct Source {
  uint32_t offset = 0;
  uint32_t length = 0;

  uint32_t end() const { return offset + length; }
  std::string_view Of(std::string_view text) const { return text.substr(offset, length); }
};

// A place as it is shown. Lines end at \n, \r\n or \r.
struct Position {
  uint32_t line = 1;    // from 1
  uint32_t column = 1;  // from 1, in code points
  uint32_t offset = 0;  // from 0, in code points

  bool operator==(const Position& other) const = default;
};

// The place of the byte at `byte_offset`; an offset behind the end means the end. Bytes that are
// not UTF-8 count as one code point each.
Position PositionAt(std::string_view text, size_t byte_offset);

// "line 1, column 8 (offset: 7)"
std::string ToText(const Position& position);

// The line of the byte at `byte_offset` in double quotes, and below it a line with a caret under
// that place. Of a long line only the part around the place is shown, with "..." where it is cut.
std::string CaretLines(std::string_view text, size_t byte_offset);

}  // namespace tidemark::query
