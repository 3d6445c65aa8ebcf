// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "session/bookmark.h"

namespace tidemark::bolt {

// A bookmark as clients keep it: "tidemark:EPOCH:CSN", both in decimal.
std::string BookmarkText(const session::Bookmark& bookmark);
// Nothing for any other text.
std::optional<session::Bookmark> ParseBookmark(std::string_view text);

}  // namespace tidemark::bolt
