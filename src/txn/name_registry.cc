// SPDX-License-Identifier: Apache-2.0
#include "txn/name_registry.h"

#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::txn {

NameRegistry::NameRegistry(const durability::MasterLogState& log) {
  for (const auto& [key, text] : log.names()) {
    const absl::Status restored = table_.Restore(key.first, key.second, text);
    CHECK(restored.ok()) << MessageOf(restored);
  }
}

bool NameRegistry::IsPending(graph::NameKind kind, std::string_view text) const {
  return pending_.contains(Name(kind, text));
}

absl::StatusOr<durability::NameRecord> NameRegistry::Add(graph::NameKind kind,
                                                         std::string_view text) {
  CHECK(!table_.Find(kind, text).has_value() && !IsPending(kind, text)) << text;
  RETURN_IF_ERROR(catalog::CheckName(text));
  const uint32_t id = table_.count(kind) + PendingCount(kind) + 1;
  if (id > catalog::kMaxNameCount) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "there are ", catalog::kMaxNameCount,
        " names of this kind already; use properties for what varies from element ", "to element"));
  }
  ++PendingCount(kind);
  const Name& name = order_.emplace_back(kind, text);
  pending_[name].id = id;
  return durability::NameRecord{kind, id, name.second};
}

void NameRegistry::Wait(graph::NameKind kind, std::string_view text, Callback done) {
  const auto pending = pending_.find(Name(kind, text));
  CHECK(pending != pending_.end()) << text;
  pending->second.waiters.push_back(std::move(done));
}

std::vector<std::function<void()>> NameRegistry::OnSynced(const durability::NameRecord& record) {
  CHECK(!order_.empty()) << record.text;
  const auto oldest = pending_.find(order_.front());
  CHECK(order_.front().first == record.kind && oldest->second.id == record.id) << record.text;
  const absl::Status restored = table_.Restore(record.kind, record.id, record.text);
  CHECK(restored.ok()) << MessageOf(restored);
  std::vector<std::function<void()>> ready;
  for (Callback& waiter : oldest->second.waiters) {
    ready.push_back([waiter = std::move(waiter), id = record.id] { waiter(id); });
  }
  --PendingCount(record.kind);
  pending_.erase(oldest);
  order_.pop_front();
  return ready;
}

std::vector<NameRegistry::Callback> NameRegistry::TakeWaiters() {
  std::vector<Callback> waiters;
  for (const Name& name : order_) {
    std::vector<Callback> of_name = std::exchange(pending_.at(name).waiters, {});
    std::move(of_name.begin(), of_name.end(), std::back_inserter(waiters));
  }
  return waiters;
}

void NameRegistry::CheckInvariants() const {
  CHECK_EQ(order_.size(), pending_.size());
  std::array<uint32_t, graph::kNameKindCount> counts{};
  for (const auto& [kind, text] : order_) {
    const uint32_t id = table_.count(kind) + ++counts[static_cast<size_t>(kind) - 1];
    CHECK_EQ(pending_.at({kind, text}).id, id) << text;
    CHECK(!table_.Find(kind, text).has_value()) << text;
  }
  CHECK(counts == pending_counts_);
}

}  // namespace tidemark::txn
