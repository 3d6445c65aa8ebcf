// SPDX-License-Identifier: Apache-2.0
#include "storage/write/transaction.h"

#include "graph/mutation.h"

namespace tidemark::storage {

void Transaction::AddRemoval(const EdgeRemoval& removal) {
  removals_.push_back(removal);
  removed_[removal.edge.value()] = 1;
  if ((removal.sides & graph::kOut) != 0) {
    NoteRemoved(SideKey(removal.source, false), removal.edge);
  }
  if ((removal.sides & graph::kIn) != 0) NoteRemoved(SideKey(removal.target, true), removal.edge);
}

void Transaction::NoteRemoved(uint64_t side_key, EdgeId edge) {
  RemovedAt& removed = removed_at_[side_key];
  if (removed.count < RemovedAt::kFewCount) removed.sequences[removed.count] = edge.sequence();
  ++removed.count;
}

void Transaction::IndexInserts() {
  while (links_.size() < inserts_.size()) {
    const uint32_t number = links_.size();
    links_.push_back(Links());
    const EdgeInsert& insert = inserts_[number];
    own_edges_[insert.edge.value()] = number;
    if ((insert.sides & graph::kOut) != 0) Link(SideKey(insert.source, false), number, false);
    if ((insert.sides & graph::kIn) != 0) Link(SideKey(insert.target, true), number, true);
  }
}

void Transaction::Link(uint64_t side_key, uint32_t number, bool incoming) {
  Chain& chain = chains_[side_key];
  if (chain.first == kNone) {
    chain.first = number;
  } else {
    Links& last = links_[chain.last];
    (incoming ? last.next_in : last.next_out) = number;
  }
  chain.last = number;
  ++chain.count;
}

void Transaction::Cancel(EdgeInsert* insert) {
  insert->cancelled = 1;
  if ((insert->sides & graph::kOut) != 0) --chains_[SideKey(insert->source, false)].count;
  if ((insert->sides & graph::kIn) != 0) --chains_[SideKey(insert->target, true)].count;
}

EdgeInsert* Transaction::FindInsert(EdgeId edge) {
  if (inserts_.empty()) return nullptr;
  IndexInserts();
  const uint32_t* number = own_edges_.Find(edge.value());
  if (number == nullptr || inserts_[*number].cancelled) return nullptr;
  return &inserts_[*number];
}

uint32_t Transaction::InsertCountAt(VertexId vertex, bool incoming) {
  if (inserts_.empty()) return 0;
  IndexInserts();
  const Chain* chain = chains_.Find(SideKey(vertex, incoming));
  return chain == nullptr ? 0 : chain->count;
}

void Transaction::ForgetPrivateState() {
  std::string().swap(mutations_);
  inserts_.clear();
  places_.clear();
  links_.clear();
  own_edges_ = {};
  chains_ = {};
  removed_ = {};
  removed_at_ = {};
  counts_.Clear();
}

}  // namespace tidemark::storage
