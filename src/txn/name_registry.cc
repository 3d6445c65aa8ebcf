// SPDX-License-Identifier: Apache-2.0
#include "txn/name_registry.h"

#include <algorithm>
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

std::deque<NameRegistry::Pending>::iterator NameRegistry::FindPending(graph::NameKind kind,
                                                                      std::string_view text) {
  return std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.record.kind == kind && pending.record.text == text;
  });
}

bool NameRegistry::IsPending(graph::NameKind kind, std::string_view text) const {
  return std::any_of(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.record.kind == kind && pending.record.text == text;
  });
}

absl::StatusOr<durability::NameRecord> NameRegistry::Add(graph::NameKind kind,
                                                         std::string_view text) {
  CHECK(!table_.Find(kind, text).has_value() && !IsPending(kind, text)) << text;
  RETURN_IF_ERROR(catalog::CheckName(text));
  uint32_t id = table_.count(kind) + 1;
  for (const Pending& pending : pending_) id += pending.record.kind == kind ? 1 : 0;
  if (id > catalog::kMaxNameCount) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "there are ", catalog::kMaxNameCount,
        " names of this kind already; use properties for what varies from element ", "to element"));
  }
  pending_.push_back({{kind, id, std::string(text)}, {}});
  return pending_.back().record;
}

void NameRegistry::Wait(graph::NameKind kind, std::string_view text, Callback done) {
  const auto pending = FindPending(kind, text);
  CHECK(pending != pending_.end()) << text;
  pending->waiters.push_back(std::move(done));
}

std::vector<std::function<void()>> NameRegistry::OnSynced(const durability::NameRecord& record) {
  CHECK(!pending_.empty()) << record.text;
  Pending& front = pending_.front();
  CHECK(front.record.kind == record.kind && front.record.id == record.id) << record.text;
  const absl::Status restored = table_.Restore(record.kind, record.id, record.text);
  CHECK(restored.ok()) << MessageOf(restored);
  std::vector<std::function<void()>> ready;
  for (Callback& waiter : front.waiters) {
    ready.push_back([waiter = std::move(waiter), id = record.id] { waiter(id); });
  }
  pending_.pop_front();
  return ready;
}

std::vector<NameRegistry::Callback> NameRegistry::TakeWaiters() {
  std::vector<Callback> waiters;
  for (Pending& pending : pending_) {
    std::move(pending.waiters.begin(), pending.waiters.end(), std::back_inserter(waiters));
    pending.waiters.clear();
  }
  return waiters;
}

void NameRegistry::CheckInvariants() const {
  for (auto it = pending_.begin(); it != pending_.end(); ++it) {
    CHECK(!table_.Has(it->record.kind, it->record.id)) << it->record.text;
    CHECK(!table_.Find(it->record.kind, it->record.text).has_value()) << it->record.text;
  }
}

}  // namespace tidemark::txn
