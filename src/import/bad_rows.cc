// SPDX-License-Identifier: Apache-2.0
#include "import/bad_rows.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "base/status.h"
#include "import/limits.h"

namespace tidemark::csv_import {

std::string_view NameOf(BadRowKind kind) {
  constexpr std::array<std::string_view, kBadRowKindCount> kNames = {
      "malformed", "missing_id", "duplicate_id", "bad_value", "missing_type", "dangling"};
  return kNames[static_cast<size_t>(kind)];
}

absl::Status BadRows::Add(BadRowKind kind, const Place& place, std::string_view reason,
                          bool skipped) {
  lines_.push_back(absl::StrCat(ToAbsl(place.path), ":", place.line, ": ", ToAbsl(reason)));
  ++counts_[static_cast<size_t>(kind)];
  if (!skipped) ++fatal_count_;
  if (lines_.size() <= limit_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("more than ", limit_, " bad rows, given up (--bad-tolerance):", FirstLines()));
}

absl::Status BadRows::Verdict() const {
  if (fatal_count_ == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("nothing was imported because of ", lines_.size(),
                                                 " bad row", lines_.size() == 1 ? "" : "s", ":",
                                                 FirstLines()));
}

std::string BadRows::FirstLines() const {
  std::string text;
  for (size_t i = 0; i < std::min(lines_.size(), kMaxListedBadRowCount); ++i) {
    absl::StrAppend(&text, "\n  ", lines_[i]);
  }
  if (lines_.size() > kMaxListedBadRowCount) {
    absl::StrAppend(&text, "\n  and ", lines_.size() - kMaxListedBadRowCount, " more");
  }
  return text;
}

std::string BadRows::Report() const {
  std::string text = absl::StrJoin(lines_, "\n");
  if (!text.empty()) text += "\n";
  return text;
}

}  // namespace tidemark::csv_import
