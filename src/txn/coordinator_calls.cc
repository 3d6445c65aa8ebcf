// SPDX-License-Identifier: Apache-2.0
// What sessions and administrators ask of the coordinator: each call goes to its owner when the
// cluster is open, then what has become possible is done.
#include <utility>

#include "base/planted_bug.h"
#include "base/status.h"
#include "txn/coordinator.h"

namespace tidemark::txn {

absl::StatusOr<Begun> Coordinator::Begin(AccessMode mode, std::optional<CommitId> bookmark,
                                         int64_t limit_micros) {
  if (state() != ClusterState::kOpen) return ClosedStatus();
  return clients_.Begin(mode, bookmark, limit_micros);
}

void Coordinator::WhenReadable(CommitId bookmark, std::function<void()> done) {
  clients_.WhenReadable(bookmark, std::move(done));
  Advance();
}

void Coordinator::Commit(TxId tx, CommitCallback done) {
  clients_.Commit(tx, std::move(done));
  Advance();
}

void Coordinator::FinishRead(TxId tx, CommitCallback done) {
  clients_.FinishRead(tx, std::move(done));
  Advance();
}

void Coordinator::Rollback(TxId tx) {
  clients_.Rollback(tx);
  Advance();
}

void Coordinator::CommitSchema(const graph::IndexDefinition& definition, CommitCallback done) {
  if (state() == ClusterState::kOpen) {
    clients_.CommitSchema(definition, std::move(done));
  } else {
    context_.callbacks.Tell(std::move(done), ClosedStatus());
  }
  Advance();
}

void Coordinator::WhenOlderTransactionsEnd(std::function<void()> done) {
  context_.transactions.WhenOlderEnd(std::move(done));
  Advance();
}

void Coordinator::RequestFlush(std::function<void(absl::StatusOr<Csn>)> done) {
  if (const absl::Status closed = ClosedStatus(); closed.ok()) {
    watermark_.Request(std::move(done));
  } else {
    context_.callbacks.Add([done = std::move(done), closed] { done(closed); });
  }
  Advance();
}

void Coordinator::RequestSnapshot(SnapshotCallback done) {
  if (const absl::Status closed = ClosedStatus(); closed.ok()) {
    snapshots_.Request(std::move(done));
  } else {
    context_.callbacks.Add([done = std::move(done), closed] { done(closed); });
  }
  Advance();
}

void Coordinator::RefreshFigures(std::function<void()> done) {
  if (context_.failed || state() == ClusterState::kStopped || heartbeats_.is_full()) {
    context_.callbacks.Add(std::move(done));
  } else {
    SendHeartbeats();
    heartbeats_.Wait(context_.now_micros, std::move(done));
  }
  Advance();
}

// --- Names.

void Coordinator::InternName(graph::NameKind kind, std::string_view text,
                             NameRegistry::Callback done) {
  const auto tell = [&](absl::StatusOr<uint32_t> result) {
    context_.callbacks.Add([done = std::move(done), result = std::move(result)] { done(result); });
    Advance();
  };
  if (state() != ClusterState::kOpen) return tell(ClosedStatus());
  if (const auto id = names_.table().Find(kind, text)) return tell(*id);
  if (!names_.IsPending(kind, text)) {
    if (const absl::Status room = queue_.CheckMasterRoom(); !room.ok()) return tell(room);
    const auto record = names_.Add(kind, text);
    if (!record.ok()) return tell(record.status());
    const auto use = [this, record = *record] {
      for (auto& ready : names_.OnSynced(record)) context_.callbacks.Add(std::move(ready));
    };
    if (PlantedBug("names-not-synced")) {
      names_.Wait(kind, text, std::move(done));
      context_.Append(*record, nullptr);
      use();
      Advance();
      return;
    }
    context_.Append(*record, use);
  }
  names_.Wait(kind, text, std::move(done));
  Advance();
}

}  // namespace tidemark::txn
