// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace tidemark::csv_import {

enum class BadRowKind : uint8_t {
  kMalformed,    // quotes, number of columns
  kMissingId,    // of a node, or of an end of a relationship
  kDuplicateId,  // of a node within its group
  kBadValue,     // does not fit its column's type
  kMissingType,  // of a relationship
  kDangling,     // an end of a relationship is no node
};
inline constexpr size_t kBadRowKindCount = 6;
// "malformed", "missing_id" ...
std::string_view NameOf(BadRowKind kind);

// What was wrong with the input, row by row.
// Owner: the importer. Threads: one. Limits: `limit` rows, then kInvalidArgument.
class BadRows {
 public:
  explicit BadRows(uint64_t limit) : limit_(limit) {}

  struct Place {
    std::string_view path;
    uint64_t line;
  };
  // A row that is left out when `skipped`, and ends the import otherwise, though not at once: the
  // rest of the input is looked at first.
  absl::Status Add(BadRowKind kind, const Place& place, std::string_view reason, bool skipped);

  uint64_t count() const { return lines_.size(); }
  uint64_t count(BadRowKind kind) const { return counts_[static_cast<size_t>(kind)]; }
  uint64_t fatal_count() const { return fatal_count_; }
  // kInvalidArgument that lists the first rows when one of them was not skipped.
  absl::Status Verdict() const;
  // One line per row: "path:line: reason".
  std::string Report() const;

 private:
  std::string FirstLines() const;

  const uint64_t limit_;
  std::vector<std::string> lines_;
  std::array<uint64_t, kBadRowKindCount> counts_{};
  uint64_t fatal_count_ = 0;
};

}  // namespace tidemark::csv_import
