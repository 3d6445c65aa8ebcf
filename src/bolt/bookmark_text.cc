// SPDX-License-Identifier: Apache-2.0
#include "bolt/bookmark_text.h"

#include <charconv>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::bolt {
namespace {

constexpr std::string_view kPrefix = "tidemark:";

// The whole text as a number, without sign or leading zeros.
std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return number;
}

}  // namespace

std::string BookmarkText(const session::Bookmark& bookmark) {
  return absl::StrCat(ToAbsl(kPrefix), bookmark.epoch.value(), ":", bookmark.csn.value());
}

std::optional<session::Bookmark> ParseBookmark(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::optional<uint64_t> epoch = ParseNumber(text.substr(0, colon));
  const std::optional<uint64_t> csn = ParseNumber(text.substr(colon + 1));
  if (!epoch.has_value() || !csn.has_value()) return std::nullopt;
  return session::Bookmark{Epoch(*epoch), Csn(*csn)};
}

}  // namespace tidemark::bolt
