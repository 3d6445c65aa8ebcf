// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/lru_cache.h"
#include "graph/name_kind.h"
#include "session/statement.h"

namespace tidemark::session {

inline constexpr size_t kMaxCachedPlans = 4'096;
inline constexpr size_t kMaxCachedPlanBytes = size_t{64} << 20;
// A longer text is not looked for: that takes its time, and hardly any comes twice.
inline constexpr size_t kMaxCachedTextBytes = size_t{64} << 10;

// Statements that were made ready, by their text. One of them is given again as long as making it
// ready again would give the same: to a reader that may use all the indexes that it could have
// been planned with, until the schema changes, the statistics are others, a name appears that it
// did not find, or a worker joins. Owner: the QueryNode. Threads: the loop.
class PlanCache {
 public:
  // nullptr when there is none for this context.
  std::shared_ptr<const PreparedStatement> Find(std::string_view text,
                                                const StatementContext& context);
  // Keeps the statement, made ready in this context just now, if others can use it.
  void Put(const StatementContext& context, std::shared_ptr<const PreparedStatement> statement);

 private:
  // What a statement was made ready against.
  struct Basis {
    uint64_t schema_version = 0;
    uint32_t worker_count = 0;
    std::shared_ptr<const query::Statistics> statistics;
    // Only of a statement with names that the catalog did not know.
    std::array<uint32_t, graph::kNameKindCount> name_counts = {};

    friend bool operator==(const Basis&, const Basis&) = default;
  };
  struct Entry {
    Basis basis;
    std::shared_ptr<const PreparedStatement> statement;
  };
  static Basis BasisOf(const StatementContext& context, const PreparedStatement& statement);

  LruCache<Entry> plans_{kMaxCachedPlans, kMaxCachedPlanBytes};
};

}  // namespace tidemark::session
