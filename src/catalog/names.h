// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "graph/name_kind.h"

namespace tidemark::catalog {

inline constexpr size_t kMaxNameBytes = 65535;
inline constexpr uint32_t kMaxNameCount = 1 << 20;  // per kind

// The names of labels, edge types and property keys, each with a small dense id from 1 on. A name
// is never removed or renamed, so that an id in a file keeps its meaning.
// Owner: the master (and tools). Threads: one.
class NameTable {
 public:
  // The id of a name; nullopt when it has none yet.
  std::optional<uint32_t> Find(graph::NameKind kind, std::string_view text) const;
  // REQUIRES: the id was given out.
  const std::string& Text(graph::NameKind kind, uint32_t id) const;
  // False for an id that was never given out.
  bool Has(graph::NameKind kind, uint32_t id) const;
  uint32_t count(graph::NameKind kind) const;
  // Of all kinds. No name is ever removed: tables that grew from one another and have equal counts
  // are equal.
  std::array<uint32_t, graph::kNameKindCount> counts() const;

  // Gives the next id. kInvalidArgument when the text is empty, too long or not UTF-8;
  // kResourceExhausted when the kind has too many. REQUIRES: Find(kind, text) is nullopt.
  absl::StatusOr<uint32_t> Add(graph::NameKind kind, std::string_view text);
  // Restores what a log says. kDataLoss when it does not fit what is there.
  absl::Status Restore(graph::NameKind kind, uint32_t id, std::string_view text);

 private:
  struct Kind {
    std::vector<std::string> texts;  // texts[id - 1]
    absl::flat_hash_map<std::string, uint32_t> ids;
  };
  const Kind& Of(graph::NameKind kind) const { return kinds_[static_cast<size_t>(kind) - 1]; }

  std::array<Kind, graph::kNameKindCount> kinds_;
};

// OK when `text` can be a name: not empty, at most kMaxNameBytes, valid UTF-8 without NUL.
absl::Status CheckName(std::string_view text);

}  // namespace tidemark::catalog
