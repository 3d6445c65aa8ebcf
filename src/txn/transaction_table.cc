// SPDX-License-Identifier: Apache-2.0
#include "txn/transaction_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

namespace {

// An id is the epoch in which the transaction began and a number in it: no id is used twice.
constexpr int kTxNumberBits = 40;

std::string Seconds(int64_t micros) { return absl::StrCat(micros / kMicrosPerSecond, " s"); }

}  // namespace

void TransactionTable::StartEpoch(Epoch epoch) {
  CHECK(open_.empty());
  next_ = TxId(epoch.value() << kTxNumberBits | 1);
  // The recovery has decided what became of every commit of earlier epochs.
  for (OlderWaiter& waiter : older_waiters_) waiter.visible_at = Csn();
}

TxId TransactionTable::NewId() {
  const TxId id = next_;
  next_ = next_.Next();
  return id;
}

absl::StatusOr<TxId> TransactionTable::Begin(AccessMode mode, Csn read_csn, int64_t limit_micros,
                                             int64_t now_micros) {
  if (open_.size() >= kMaxOpenTransactionCount) {
    return absl::ResourceExhaustedError(
        absl::StrCat(open_.size(), " transactions are open, which is the limit; end some first"));
  }
  Transaction transaction;
  transaction.id = NewId();
  transaction.mode = mode;
  transaction.read_csn = read_csn;
  transaction.began_micros = now_micros;
  transaction.used_micros = now_micros;
  transaction.limit_micros = limit_micros;
  if (limit_micros > 0) deadlines_.emplace(now_micros + limit_micros, transaction.id);
  open_.emplace(transaction.id, transaction);
  read_csns_.insert(read_csn);
  return transaction.id;
}

Transaction* TransactionTable::Find(TxId tx) {
  const auto it = open_.find(tx);
  return it == open_.end() ? nullptr : &it->second;
}

void TransactionTable::End(TxId tx) {
  const auto it = open_.find(tx);
  CHECK(it != open_.end()) << "transaction " << tx << " is not open";
  const Transaction& transaction = it->second;
  read_csns_.erase(read_csns_.find(transaction.read_csn));
  if (transaction.limit_micros > 0) {
    deadlines_.erase({transaction.began_micros + transaction.limit_micros, tx});
  }
  open_.erase(it);
}

std::optional<Csn> TransactionTable::OldestReadCsn() const {
  if (read_csns_.empty()) return std::nullopt;
  return *read_csns_.begin();
}

std::vector<TxId> TransactionTable::OpenIds() const {
  std::vector<TxId> ids;
  for (const auto& [id, transaction] : open_) ids.push_back(id);
  return ids;
}

std::vector<TransactionTable::Expired> TransactionTable::FindExpired(
    const CoordinatorOptions& options, Csn visible, int64_t now_micros) const {
  std::vector<Expired> expired;
  for (const auto& [id, transaction] : open_) {
    if (transaction.ending) continue;
    const int64_t age = now_micros - transaction.began_micros;
    const int64_t idle = now_micros - transaction.used_micros;
    std::string limit;
    const bool is_idle = transaction.outstanding_count == 0 && !transaction.client_waits;
    if (is_idle && idle > options.idle_limit_micros) {
      limit = absl::StrCat("was idle for more than ", Seconds(options.idle_limit_micros));
    } else if (age > options.transaction_limit_micros) {
      limit = absl::StrCat("was open for more than ", Seconds(options.transaction_limit_micros));
    } else if (age > options.horizon_limit_micros && transaction.read_csn < visible) {
      limit = absl::StrCat("kept old versions alive for more than ",
                           Seconds(options.horizon_limit_micros));
    }
    if (limit.empty()) continue;
    expired.push_back({id, absl::DeadlineExceededError(absl::StrCat(
                               "transaction ", id.value(), " ", limit, " and was rolled back"))});
  }
  return expired;
}

std::vector<TransactionTable::Expired> TransactionTable::FindOverdue(int64_t now_micros) const {
  std::vector<Expired> overdue;
  for (const auto& [deadline_micros, id] : deadlines_) {
    if (deadline_micros > now_micros) break;
    const Transaction& transaction = open_.at(id);
    if (transaction.ending) continue;
    overdue.push_back(
        {id, absl::DeadlineExceededError(absl::StrCat(
                 "transaction ", id.value(), " was open for more than its own limit of ",
                 transaction.limit_micros / kMicrosPerMs, " ms and was rolled back"))});
  }
  return overdue;
}

void TransactionTable::WhenOlderEnd(std::function<void()> done) {
  older_waiters_.push_back({next_, std::move(done), std::nullopt});
}

std::vector<std::function<void()>> TransactionTable::TakeEnded(Csn assigned, Csn visible) {
  std::vector<std::function<void()>> ended;
  const TxId oldest = open_.empty() ? next_ : open_.begin()->first;
  // The waiters' ids ascend, and so do the csns that they wait for.
  for (OlderWaiter& waiter : older_waiters_) {
    if (waiter.visible_at.has_value()) continue;
    if (waiter.before > oldest) break;
    waiter.visible_at = PlantedBug("build-before-visible") ? Csn() : assigned;
  }
  size_t count = 0;
  while (count < older_waiters_.size() && older_waiters_[count].visible_at.has_value() &&
         *older_waiters_[count].visible_at <= visible) {
    ended.push_back(std::move(older_waiters_[count].done));
    ++count;
  }
  older_waiters_.erase(older_waiters_.begin(),
                       older_waiters_.begin() + static_cast<int64_t>(count));
  return ended;
}

void TransactionTable::CheckInvariants() const {
  CHECK_EQ(open_.size(), read_csns_.size());
  for (const auto& [id, transaction] : open_) {
    CHECK(id == transaction.id && id < next_);
    CHECK(read_csns_.contains(transaction.read_csn));
    CHECK(transaction.touched.ContainsAll(transaction.participants)) << "transaction " << id;
    CHECK(transaction.mode == AccessMode::kWrite || transaction.participants.empty());
  }
  for (const auto& [deadline_micros, id] : deadlines_) CHECK(open_.contains(id));
  CHECK(std::is_sorted(older_waiters_.begin(), older_waiters_.end(),
                       [](const auto& a, const auto& b) { return a.before < b.before; }));
}

}  // namespace tidemark::txn
