// SPDX-License-Identifier: Apache-2.0
#include "session/plan_cache.h"

#include <utility>

namespace tidemark::session {
namespace {

// A plan is mostly structs of some hundred bytes for a handful of characters each.
constexpr size_t kPlanBytesPerTextByte = 64;

bool MayUseAllIndexes(const StatementContext& context) {
  return context.read_csn >= context.schema->all_online_since();
}

}  // namespace

PlanCache::Basis PlanCache::BasisOf(const StatementContext& context,
                                    const PreparedStatement& statement) {
  Basis basis{context.schema->version(), context.worker_count, context.statistics, {}};
  if (!statement.unresolved.empty()) basis.name_counts = context.names->counts();
  return basis;
}

std::shared_ptr<const PreparedStatement> PlanCache::Find(std::string_view text,
                                                         const StatementContext& context) {
  if (text.size() > kMaxCachedTextBytes || !MayUseAllIndexes(context)) return nullptr;
  const Entry* const entry = plans_.Find(text);
  if (entry == nullptr || BasisOf(context, *entry->statement) != entry->basis) return nullptr;
  return entry->statement;
}

void PlanCache::Put(const StatementContext& context,
                    std::shared_ptr<const PreparedStatement> statement) {
  // A command of the schema has no plan, and is rarely given twice.
  if (!MayUseAllIndexes(context) || statement->command.has_value()) return;
  const std::string_view text = statement->text.string();
  if (text.size() > kMaxCachedTextBytes) return;
  const Basis basis = BasisOf(context, *statement);
  plans_.Put(text, {basis, std::move(statement)}, text.size() * kPlanBytesPerTextByte);
}

}  // namespace tidemark::session
