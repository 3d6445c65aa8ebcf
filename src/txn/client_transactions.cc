// SPDX-License-Identifier: Apache-2.0
#include "txn/client_transactions.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

namespace {

absl::Status NotOpen(TxId tx) {
  return absl::FailedPreconditionError(
      absl::StrCat("transaction ", tx.value(), " is not open; begin a new one"));
}

}  // namespace

absl::StatusOr<Begun> ClientTransactions::Begin(AccessMode mode, std::optional<CommitId> bookmark,
                                                int64_t limit_micros) {
  CHECK(context_.state == ClusterState::kOpen);
  Csn read_csn = context_.visible();
  const bool durable_only = context_.options.synchronous_commit && mode == AccessMode::kRead;
  // Everything acknowledged is <= W, and nothing <= W can be undone.
  if (durable_only && !PlantedBug("read-at-visible-in-sync-mode")) read_csn = context_.watermark();
  if (bookmark.has_value()) {
    const std::string name =
        absl::StrCat("bookmark ", bookmark->epoch.value(), ":", bookmark->csn.value());
    if (context_.log().IsDead(bookmark->epoch, bookmark->csn)) {
      return absl::FailedPreconditionError(
          absl::StrCat(name, " names a commit that a recovery has undone; write it again"));
    }
    if (bookmark->epoch > context_.epoch() || bookmark->csn > read_csn) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is not of this cluster"));
    }
  }
  limit_micros = std::min(limit_micros, context_.options.transaction_limit_micros);
  ASSIGN_OR_RETURN(const TxId tx,
                   context_.transactions.Begin(mode, read_csn, limit_micros, context_.now_micros));
  return Begun{tx, read_csn, context_.epoch()};
}

void ClientTransactions::WhenReadable(CommitId bookmark, std::function<void()> done) {
  const bool on_its_way = context_.working() && context_.options.synchronous_commit &&
                          bookmark.epoch == context_.epoch() &&
                          bookmark.csn > context_.watermark() && bookmark.csn <= context_.visible();
  if (on_its_way) {
    context_.pipeline.Wait(bookmark, TxId(), CommitPipeline::Until::kWatermark,
                           [done = std::move(done)](const absl::StatusOr<CommitId>&) { done(); });
  } else {
    context_.callbacks.Add(std::move(done));
  }
}

Transaction* ClientTransactions::Use(TxId tx) {
  Transaction* transaction = context_.transactions.Find(tx);
  if (transaction == nullptr || transaction->ending) return nullptr;
  transaction->used_micros = context_.now_micros;
  return transaction;
}

bool ClientTransactions::NoteUsed(TxId tx) {
  Transaction* transaction = Use(tx);
  if (transaction == nullptr) return false;
  transaction->client_waits = false;
  return true;
}

void ClientTransactions::NoteWaits(TxId tx) {
  if (Transaction* transaction = Use(tx)) transaction->client_waits = true;
}

bool ClientTransactions::NoteSent(TxId tx, NodeId node) {
  if (!NoteTouched(tx, node)) return false;
  ++context_.transactions.Find(tx)->outstanding_count;
  return true;
}

void ClientTransactions::NoteAnswered(TxId tx) {
  Transaction* transaction = Use(tx);
  if (transaction == nullptr) return;
  CHECK_GT(transaction->outstanding_count, 0u) << "transaction " << tx;
  --transaction->outstanding_count;
}

bool ClientTransactions::NoteTouched(TxId tx, NodeId node) {
  Transaction* transaction = Use(tx);
  if (transaction == nullptr) return false;
  transaction->touched.Add(node);
  return true;
}

bool ClientTransactions::NoteParticipant(TxId tx, NodeId node) {
  if (!NoteTouched(tx, node)) return false;
  Transaction* transaction = context_.transactions.Find(tx);
  CHECK(transaction->mode == AccessMode::kWrite) << "transaction " << tx << " cannot write";
  transaction->participants.Add(node);
  return true;
}

void ClientTransactions::Commit(TxId tx, CommitCallback done) {
  Transaction* transaction = context_.transactions.Find(tx);
  if (transaction == nullptr || transaction->ending) {
    context_.callbacks.Tell(std::move(done), NotOpen(tx));
  } else if (transaction->participants.empty()) {
    FinishRead(tx, std::move(done));
  } else if (const absl::Status refused = queue_.Admit(/*is_schema=*/false); !refused.ok()) {
    EndEverywhere(tx);
    context_.callbacks.Tell(std::move(done), refused);
  } else {
    transaction->ending = true;
    queue_.Push({tx, std::nullopt, std::move(done)});
  }
}

void ClientTransactions::CommitSchema(const graph::IndexDefinition& definition,
                                      CommitCallback done) {
  if (const absl::Status refused = queue_.Admit(/*is_schema=*/true); !refused.ok()) {
    context_.callbacks.Tell(std::move(done), refused);
  } else {
    queue_.Push({context_.transactions.NewId(), definition, std::move(done)});
  }
}

void ClientTransactions::FinishRead(TxId tx, CommitCallback done) {
  const Transaction* transaction = context_.transactions.Find(tx);
  if (transaction == nullptr || transaction->ending) {
    context_.callbacks.Tell(std::move(done), NotOpen(tx));
    return;
  }
  CHECK(transaction->participants.empty()) << "transaction " << tx << " has written";
  const CommitId read{context_.epoch(), transaction->read_csn};
  const bool must_wait = context_.options.synchronous_commit && read.csn > context_.watermark() &&
                         !PlantedBug("read-at-visible-in-sync-mode");
  context_.transactions.End(tx);
  if (must_wait) {
    context_.pipeline.Wait(read, tx, CommitPipeline::Until::kWatermark, std::move(done));
  } else {
    context_.callbacks.Tell(std::move(done), read);
  }
}

// --- Ends that nobody asked to be durable.

void ClientTransactions::EndEverywhere(TxId tx) {
  context_.transactions.Find(tx)->touched.ForEach([&](NodeId node) {
    wire::Frame frame;
    frame.mutable_abort()->set_tx(tx.value());
    context_.Send(node, std::move(frame));
  });
  context_.transactions.End(tx);
}

void ClientTransactions::Rollback(TxId tx) {
  const Transaction* transaction = context_.transactions.Find(tx);
  if (transaction != nullptr && !transaction->ending) EndEverywhere(tx);
}

void ClientTransactions::TellSession(TxId tx, const absl::Status& reason) {
  context_.callbacks.Add(
      [port = context_.port, tx, reason] { port->OnTransactionAborted(tx, reason); });
}

void ClientTransactions::Abort(TxId tx, const absl::Status& reason) {
  EndEverywhere(tx);
  TellSession(tx, reason);
}

void ClientTransactions::EndExpired() {
  for (const auto& [tx, reason] : context_.transactions.FindExpired(
           context_.options, context_.visible(), context_.now_micros)) {
    Abort(tx, reason);
  }
}

void ClientTransactions::EndOverdue() {
  for (const auto& [tx, reason] : context_.transactions.FindOverdue(context_.now_micros)) {
    Abort(tx, reason);
  }
}

void ClientTransactions::AbortAll(const absl::Status& reason) {
  for (const TxId tx : context_.transactions.OpenIds()) {
    if (!context_.transactions.Find(tx)->ending) Abort(tx, reason);
  }
}

void ClientTransactions::Close(const absl::Status& reason) {
  for (const TxId tx : context_.transactions.OpenIds()) {
    const bool queued = context_.transactions.Find(tx)->ending;
    context_.transactions.End(tx);
    if (!queued) TellSession(tx, reason);
  }
}

}  // namespace tidemark::txn
