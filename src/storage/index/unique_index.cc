// SPDX-License-Identifier: Apache-2.0
#include "storage/index/unique_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "graph/index_key.h"

namespace tidemark::storage {
namespace {

// Entry keys: slot (big-endian 16 bits), index (big-endian 32 bits), index key.
constexpr size_t kSlotBytes = 2;
constexpr size_t kHeadBytes = kSlotBytes + 4;
constexpr uint64_t kNodeBytes = 64;  // of a tree node and its two list entries, about

std::string EntryHead(SlotId slot, IndexId index) {
  std::string head;
  for (int shift = 8; shift >= 0; shift -= 8) {
    head.push_back(static_cast<char>(slot.value() >> shift));
  }
  for (int shift = 24; shift >= 0; shift -= 8) {
    head.push_back(static_cast<char>(index.value() >> shift));
  }
  return head;
}

std::string EntryKey(IndexId index, std::string_view key) {
  std::string entry_key = EntryHead(graph::SlotOfIndexKey(index, key), index);
  entry_key.append(key);
  return entry_key;
}
// The same in `*scratch`, whose memory is used again.
std::string_view EntryKeyIn(IndexId index, std::string_view key, std::string* scratch) {
  scratch->assign(EntryHead(graph::SlotOfIndexKey(index, key), index));  // short: in place
  scratch->append(key);
  return *scratch;
}

IndexId IndexOf(std::string_view entry_key) {
  uint32_t index = 0;
  for (size_t i = kSlotBytes; i < kHeadBytes; ++i) {
    index = index << 8 | static_cast<uint8_t>(entry_key[i]);
  }
  return IndexId(index);
}

}  // namespace

VertexId UniqueIndex::Committed(std::string_view entry_key) const {
  return VertexId(committed_.FirstId(entry_key).value_or(0));
}

void UniqueIndex::SetCommitted(std::string_view entry_key, VertexId before, VertexId after) {
  if (before == after) return;
  if (before.valid()) CHECK(committed_.Erase(entry_key, before.value()));
  if (after.valid()) CHECK(committed_.Insert(entry_key, after.value()));
}

absl::StatusOr<UniqueIndex::InFlightMap::iterator> UniqueIndex::Open(TxId tx, IndexId index,
                                                                     std::string_view key) {
  std::string entry_key = EntryKey(index, key);
  const uint64_t bytes = sizeof(InFlightMap::value_type) + kNodeBytes + entry_key.size();
  const auto [it, is_new] = in_flight_.try_emplace(std::move(entry_key));
  if (is_new) {
    it->second.committed = Committed(it->first);
    it->second.holder = it->second.committed;
    in_flight_bytes_ += bytes;
  }
  if (it->second.tx != TxId() && it->second.tx != tx) {
    return absl::AbortedError("another open transaction has changed this unique key; retry");
  }
  return it;
}

void UniqueIndex::Change(TxId tx, InFlightMap::iterator it, VertexId holder) {
  if (it->second.tx == TxId()) {
    it->second.tx = tx;
    open_[tx].push_back(it);
  }
  it->second.holder = holder;
}

absl::Status UniqueIndex::Claim(TxId tx, IndexId index, std::string_view key, VertexId vertex) {
  CHECK(tx != TxId());
  CHECK(vertex.valid());
  ASSIGN_OR_RETURN(const InFlightMap::iterator it, Open(tx, index, key));
  const VertexId holder = it->second.holder;
  if (holder.valid() && holder != vertex) {
    ForgetIfIdle(it);
    return absl::AlreadyExistsError(
        absl::StrCat("vertex ", holder.value(), " has the same key already"));
  }
  // A claim of what the vertex holds already is recorded too: nobody else may release it meanwhile.
  Change(tx, it, vertex);
  return absl::OkStatus();
}

absl::Status UniqueIndex::Release(TxId tx, IndexId index, std::string_view key, VertexId vertex) {
  CHECK(tx != TxId());
  ASSIGN_OR_RETURN(const InFlightMap::iterator it, Open(tx, index, key));
  if (it->second.holder == vertex) {
    Change(tx, it, VertexId());
  } else {
    ForgetIfIdle(it);
  }
  return absl::OkStatus();
}

bool UniqueIndex::Commit(TxId tx, Csn csn, int64_t* units) {
  const auto open = open_.find(tx);
  if (open == open_.end()) return true;
  CHECK(history_.empty() || history_.back().csn <= csn) << "commits out of order";
  while (!open->second.empty()) {
    if (*units <= 0) return false;
    --*units;
    const InFlightMap::iterator it = open->second.back();
    open->second.pop_back();
    InFlight& entry = it->second;
    entry.tx = TxId();
    if (entry.holder == entry.committed) {
      ForgetIfIdle(it);
      continue;
    }
    SetCommitted(it->first, entry.committed, entry.holder);
    entry.past.push_back({csn, entry.committed});
    entry.committed = entry.holder;
    history_.push_back({csn, it});
    in_flight_bytes_ += sizeof(Version) + sizeof(HistoryEntry);
  }
  open_.erase(open);
  return true;
}

bool UniqueIndex::AbortSome(TxId tx, int64_t* units) {
  const auto open = open_.find(tx);
  if (open == open_.end()) return true;
  for (; !open->second.empty(); open->second.pop_back()) {
    if (*units <= 0) return false;
    --*units;
    const InFlightMap::iterator it = open->second.back();
    it->second.tx = TxId();
    it->second.holder = it->second.committed;
    ForgetIfIdle(it);
  }
  open_.erase(open);
  return true;
}

void UniqueIndex::AbortAll() {
  int64_t units = std::numeric_limits<int64_t>::max();
  while (!open_.empty()) CHECK(AbortSome(open_.begin()->first, &units));
}

void UniqueIndex::ForgetIfIdle(InFlightMap::iterator it) {
  if (it->second.tx != TxId() || !it->second.past.empty()) return;
  in_flight_bytes_ -= sizeof(InFlightMap::value_type) + kNodeBytes + it->first.size();
  in_flight_.erase(it);
}

VertexId UniqueIndex::HolderAt(const InFlight& entry, Csn csn) {
  const auto newer =
      std::upper_bound(entry.past.begin(), entry.past.end(), csn,
                       [](Csn wanted, const Version& version) { return wanted < version.csn; });
  return newer == entry.past.end() ? entry.committed : newer->previous;
}

std::optional<VertexId> UniqueIndex::Find(Csn read_csn, TxId tx, IndexId index,
                                          std::string_view key) const {
  const std::string_view entry_key = EntryKeyIn(index, key, &find_key_);
  VertexId holder;
  if (const auto it = in_flight_.find(entry_key); it == in_flight_.end()) {
    holder = Committed(entry_key);
  } else if (tx != TxId() && it->second.tx == tx) {
    holder = it->second.holder;
  } else {
    holder = HolderAt(it->second, read_csn);
  }
  if (!holder.valid()) return std::nullopt;
  return holder;
}

void UniqueIndex::SetHorizon(Csn horizon) { horizon_ = std::max(horizon_, horizon); }

bool UniqueIndex::CollectSome(int64_t* units) {
  while (!history_.empty() && history_.front().csn <= horizon_) {
    if (*units <= 0) return false;
    --*units;
    const InFlightMap::iterator it = history_.front().key;
    history_.pop_front();
    CHECK(!it->second.past.empty());
    it->second.past.erase(it->second.past.begin());
    in_flight_bytes_ -= sizeof(Version) + sizeof(HistoryEntry);
    ForgetIfIdle(it);
  }
  return true;
}

void UniqueIndex::RollbackTo(Csn csn) {
  CHECK(csn >= horizon_);
  AbortAll();
  while (!history_.empty() && history_.back().csn > csn) {
    const InFlightMap::iterator it = history_.back().key;
    history_.pop_back();
    InFlight& entry = it->second;
    CHECK(!entry.past.empty());
    SetCommitted(it->first, entry.committed, entry.past.back().previous);
    entry.committed = entry.past.back().previous;
    entry.holder = entry.committed;
    entry.past.pop_back();
    in_flight_bytes_ -= sizeof(Version) + sizeof(HistoryEntry);
    ForgetIfIdle(it);
  }
}

void UniqueIndex::Put(IndexId index, std::string_view key, VertexId holder) {
  CHECK(in_flight_.empty());
  const std::string entry_key = EntryKey(index, key);
  SetCommitted(entry_key, Committed(entry_key), holder);
}

void UniqueIndex::Remove(IndexId index, std::string_view key) { Put(index, key, VertexId()); }

bool UniqueIndex::VisitSlot(Csn csn, SlotId slot, int64_t* units, std::string* cursor,
                            const Visitor& visit) const {
  CHECK(csn >= horizon_);
  const std::string head = EntryHead(slot, IndexId());
  if (cursor->empty()) *cursor = head;
  OrderedIndex::Iterator held = committed_.LowerBound(*cursor);
  auto changed = in_flight_.lower_bound(*cursor);
  const std::string_view slot_bytes = std::string_view(head).substr(0, kSlotBytes);
  while (true) {
    // The lower of both, or both when they stand at one key: then what is in flight counts.
    const bool has_held = held.valid() && held.key().starts_with(slot_bytes);
    const bool has_changed = changed != in_flight_.end() && changed->first.starts_with(slot_bytes);
    if (!has_held && !has_changed) return true;
    const bool use_changed = has_changed && (!has_held || changed->first <= held.key());
    const std::string_view entry_key = use_changed ? std::string_view(changed->first) : held.key();
    if (*units <= 0) {
      cursor->assign(entry_key);
      return false;
    }
    --*units;
    const VertexId holder = use_changed ? HolderAt(changed->second, csn) : VertexId(held.id());
    if (holder.valid()) visit(IndexOf(entry_key), entry_key.substr(kHeadBytes), holder);
    if (!use_changed || (has_held && changed->first == held.key())) held.Next();
    if (use_changed) ++changed;
  }
}

bool UniqueIndex::DropIndex(IndexId index, int64_t* units, std::string* cursor) {
  uint32_t slot = 0;
  if (!cursor->empty()) {
    slot = static_cast<uint32_t>(static_cast<uint8_t>((*cursor)[0])) << 8 |
           static_cast<uint8_t>((*cursor)[1]);
  }
  for (; slot < kSlotCount; ++slot) {
    const std::string head = EntryHead(SlotId(static_cast<uint16_t>(slot)), index);
    while (true) {
      if (--*units < 0) {
        *cursor = head;
        return false;
      }
      const OrderedIndex::Iterator it = committed_.LowerBound(head);
      if (!it.valid() || !it.key().starts_with(head)) break;
      const std::string entry_key(it.key());
      const auto in_flight = in_flight_.find(entry_key);
      if (in_flight != in_flight_.end()) {
        in_flight->second.committed = VertexId();
        if (in_flight->second.tx == TxId()) in_flight->second.holder = VertexId();
      }
      CHECK(committed_.Erase(entry_key, it.id()));
    }
  }
  return true;
}

uint64_t UniqueIndex::memory_bytes() const { return committed_.memory_bytes() + in_flight_bytes_; }

void UniqueIndex::Clear() {
  open_.clear();
  history_.clear();
  in_flight_.clear();
  committed_.Clear();
  in_flight_bytes_ = 0;
  horizon_ = Csn();
}

void UniqueIndex::CheckInvariants() const {
  committed_.CheckInvariants();
  size_t past_count = 0;
  size_t open_count = 0;
  uint64_t bytes = 0;
  for (const auto& [entry_key, entry] : in_flight_) {
    CHECK(entry.committed == Committed(entry_key));
    CHECK(entry.tx != TxId() || entry.holder == entry.committed);
    CHECK(entry.tx != TxId() || !entry.past.empty());
    CHECK(std::is_sorted(entry.past.begin(), entry.past.end(),
                         [](const Version& a, const Version& b) { return a.csn < b.csn; }));
    past_count += entry.past.size();
    open_count += entry.tx != TxId() ? 1 : 0;
    bytes += sizeof(InFlightMap::value_type) + kNodeBytes + entry_key.size() +
             entry.past.size() * (sizeof(Version) + sizeof(HistoryEntry));
  }
  CHECK_EQ(bytes, in_flight_bytes_);
  CHECK_EQ(past_count, history_.size());
  for (const auto& [tx, keys] : open_) {
    open_count -= keys.size();
    for (const InFlightMap::iterator it : keys) CHECK(it->second.tx == tx);
  }
  CHECK_EQ(open_count, 0u);
  CHECK(std::is_sorted(history_.begin(), history_.end(),
                       [](const HistoryEntry& a, const HistoryEntry& b) { return a.csn < b.csn; }));
  // One holder for each key.
  std::string last;
  for (auto it = committed_.LowerBound(""); it.valid(); it.Next()) {
    CHECK(it.key() != last);
    last = it.key();
  }
}

}  // namespace tidemark::storage
