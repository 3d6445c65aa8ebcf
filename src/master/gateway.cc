// SPDX-License-Identifier: Apache-2.0
#include "master/gateway.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "base/time_units.h"
#include "exec/change_rows.h"
#include "master/graph_counts.h"
#include "master/schema_manager.h"
#include "query/text/error.h"
#include "session/worker_changes.h"

namespace tidemark::master {

using session::Bookmark;

namespace {

// A longer one says nothing beside the limits that the operator sets.
constexpr int64_t kMaxTimeoutMs = int64_t{365} * 24 * 3600 * 1000;

}  // namespace

Gateway::Gateway(txn::Coordinator* coordinator, const catalog::SchemaTable* schema,
                 env::Executor* executor, TraceBook* traces, const Streams& streams)
    : coordinator_(coordinator),
      schema_(schema),
      executor_(executor),
      traces_(traces),
      request_memory_(executor, streams.client_memory_bytes / 2),
      result_memory_(executor, streams.client_memory_bytes / 2) {
  CHECK(streams.send != nullptr && streams.unsent_bytes != nullptr);
  for (uint32_t i = 1; i <= worker_count(); ++i) {
    const NodeId worker(i);
    queues_.emplace_back(ExecuteQueue::Way{
        .send = [worker, put = streams.send](wire::Frame frame) { put(worker, std::move(frame)); },
        .unsent_bytes = [worker,
                         unsent_bytes = streams.unsent_bytes] { return unsent_bytes(worker); },
        .is_open = [this, worker](TxId tx) { return coordinator_->NoteTouched(tx, worker); }});
  }
}

ExecuteQueue& Gateway::queue(NodeId worker) {
  CHECK(worker.value() >= 1 && worker.value() <= queues_.size()) << "there is no worker " << worker;
  return queues_[worker.value() - 1];
}

absl::StatusOr<session::BegunTransaction> Gateway::Begin(const session::BeginOptions& options) {
  std::optional<txn::CommitId> bookmark;
  if (options.bookmark.has_value()) {
    bookmark = txn::CommitId{options.bookmark->epoch, options.bookmark->csn};
  }
  const txn::AccessMode mode = options.read_only ? txn::AccessMode::kRead : txn::AccessMode::kWrite;
  const int64_t limit_ms = std::clamp<int64_t>(options.timeout_ms, 0, kMaxTimeoutMs);
  ASSIGN_OR_RETURN(const txn::Begun begun,
                   coordinator_->Begin(mode, bookmark, limit_ms * kMicrosPerMs));
  const bool is_new =
      transactions_.try_emplace(begun.tx, Transaction{begun.epoch, begun.read_csn, {}, {}}).second;
  CHECK(is_new) << "transaction " << begun.tx << " begins twice";
  return session::BegunTransaction{begun.tx, {begun.epoch, begun.read_csn}};
}

void Gateway::WhenReadable(const Bookmark& bookmark, std::function<void()> done) {
  coordinator_->WhenReadable({bookmark.epoch, bookmark.csn}, std::move(done));
}

void Gateway::RunFragment(TxId tx, NodeId worker, exec::FragmentStep step,
                          std::function<void(absl::StatusOr<std::string>)> done) {
  CHECK(done != nullptr) << "nobody waits for the fragment of transaction " << tx;
  const auto it = transactions_.find(tx);
  const bool is_known = it != transactions_.end();
  if (!is_known || !coordinator_->NoteUsed(tx)) {
    // Whoever watches it hears soon why the coordinator has ended it, and wants no other answer.
    if (is_known && it->second.aborted != nullptr) return;
    return done(absl::UnavailableError("the transaction has ended; begin a new one"));
  }
  if (step.bytes.size() > exec::kMaxFragmentCallBytes) {
    return done(absl::ResourceExhaustedError(
        absl::StrCat("a request has ", step.bytes.size(), " bytes for one worker; at most ",
                     exec::kMaxFragmentCallBytes, " are allowed, send several")));
  }
  CHECK(coordinator_->NoteSent(tx, worker)) << "transaction " << tx << " was open just now";
  wire::Frame frame;
  frame.set_epoch(it->second.epoch.value());
  wire::Execute* const execute = frame.mutable_execute();
  execute->set_tx(tx.value());
  execute->set_read_csn(it->second.read_csn.value());
  execute->set_request(next_request_);
  execute->set_run(step.run);
  execute->set_kind(static_cast<uint32_t>(step.kind));
  execute->set_call(std::move(step.bytes));
  it->second.waiting.emplace(next_request_, Waiting{worker, std::move(done)});
  queue(worker).Add(next_request_++, std::move(frame));
}

void Gateway::OnExecuted(NodeId from, wire::Executed&& executed) {
  const TxId tx(executed.tx());
  const auto it = transactions_.find(tx);
  if (it == transactions_.end()) return;
  const auto waiting = it->second.waiting.find(executed.request());
  if (waiting == it->second.waiting.end()) return;
  if (executed.wrote()) {
    coordinator_->NoteParticipant(tx, from);
    it->second.writers.insert(from);
  }
  coordinator_->NoteAnswered(tx);
  const auto done = std::move(waiting->second.done);
  it->second.waiting.erase(waiting);
  queue(from).Forget(executed.request());
  const absl::Status status(static_cast<absl::StatusCode>(executed.status_code()),
                            executed.status_message());
  if (!status.ok()) return done(query::WithPayload(status, executed.results()));
  done(std::move(*executed.mutable_results()));
}

void Gateway::Commit(TxId tx, std::function<void(absl::StatusOr<Bookmark>)> done) {
  CHECK(done != nullptr) << "nobody waits for the commit of transaction " << tx;
  const auto it = transactions_.find(tx);
  if (it == transactions_.end()) {
    return done(absl::UnavailableError("the transaction has ended; begin a new one"));
  }
  ForgetRequests(it->second);
  it->second.waiting.clear();
  if (!coordinator_->NoteUsed(tx)) {
    // The coordinator has ended it, and the news why is still on its way.
    it->second.aborted = std::move(done);
    return;
  }
  const bool has_checks = std::any_of(
      schema_->all().begin(), schema_->all().end(),
      [](const auto& definition) { return definition.kind == graph::IndexKind::kExists; });
  if (!has_checks || it->second.writers.empty()) return CommitNow(tx, std::move(done));
  it->second.aborted = done;
  Validate(tx, done);
}

void Gateway::Validate(TxId tx, const CommitDone& done) {
  Transaction& transaction = transactions_.at(tx);
  transaction.validation = std::make_unique<session::FragmentCalls>(this, tx);
  transaction.unchecked_count = static_cast<uint32_t>(transaction.writers.size());
  const query::BatchRef rows =
      exec::MakeChangeRows(slabs().get(), {{.kind = exec::ChangeKind::kValidate}});
  for (const NodeId worker : std::set<NodeId>(transaction.writers)) {
    const auto it = transactions_.find(tx);
    if (it == transactions_.end() || it->second.validation == nullptr) return;
    it->second.validation->Start(
        worker, exec::ChangeFragment(), rows,
        [this, tx, done](const auto& answer) { OnValidated(tx, answer, done); });
  }
}

void Gateway::OnValidated(TxId tx, const absl::StatusOr<exec::FragmentRows>& answer,
                          const CommitDone& done) {
  if (!answer.ok()) {
    Rollback(tx);
    return done(session::NameConstraint(answer.status(), *this));
  }
  if (answer->is_end && --transactions_.at(tx).unchecked_count == 0) CommitNow(tx, done);
}

void Gateway::CommitNow(TxId tx, CommitDone done) {
  transactions_.erase(tx);
  coordinator_->Commit(tx, [done = std::move(done)](absl::StatusOr<txn::CommitId> id) {
    if (!id.ok()) return done(id.status());
    done(Bookmark{id->epoch, id->csn});
  });
}

void Gateway::Rollback(TxId tx) {
  const std::optional<Transaction> ended = Take(tx);
  if (!ended.has_value()) return;
  // First: no Execute of it may follow the Abort.
  ForgetRequests(*ended);
  coordinator_->Rollback(tx);
}

std::optional<Gateway::Transaction> Gateway::Take(TxId tx) {
  const auto it = transactions_.find(tx);
  if (it == transactions_.end()) return std::nullopt;
  Transaction ended = std::move(it->second);
  transactions_.erase(it);
  return ended;
}

void Gateway::ForgetRequests(const Transaction& ended) {
  for (const auto& [request, waiting] : ended.waiting) queue(waiting.worker).Forget(request);
}

void Gateway::WatchTransaction(TxId tx, std::function<void(const absl::Status&)> aborted) {
  const auto it = transactions_.find(tx);
  CHECK(it != transactions_.end()) << "transaction " << tx << " is watched and has not begun";
  CHECK(it->second.aborted == nullptr) << "transaction " << tx << " is watched twice";
  it->second.aborted = std::move(aborted);
}

void Gateway::OnTransactionAborted(TxId tx, const absl::Status& reason) {
  const std::optional<Transaction> ended = Take(tx);
  if (!ended.has_value()) return;
  ForgetRequests(*ended);
  if (ended->aborted != nullptr) ended->aborted(reason);
}

void Gateway::ChangeSchema(session::SchemaChange change, std::function<void(absl::Status)> done) {
  CHECK(schema_manager_ != nullptr);
  if (change.drops) return schema_manager_->Drop(change.name, std::move(done));
  IndexRequest request;
  request.name = std::move(change.name);
  request.kind = change.kind;
  request.label = std::move(change.label);
  request.keys = std::move(change.keys);
  request.waits_until_online = change.kind != graph::IndexKind::kLabelProperty;
  schema_manager_->Create(
      request, [done = std::move(done)](const auto& created) { done(created.status()); });
}

void Gateway::InternNames(std::vector<session::NameRequest> names,
                          std::function<void(absl::Status)> done) {
  struct Progress {
    size_t waiting;
    absl::Status first_error;
    std::function<void(absl::Status)> done;
  };
  CHECK(!names.empty()) << "nothing would call back";
  const auto progress = std::make_shared<Progress>();
  progress->waiting = names.size();
  progress->done = std::move(done);
  for (const session::NameRequest& name : names) {
    coordinator_->InternName(name.kind, name.text, [progress](absl::StatusOr<uint32_t> id) {
      if (!id.ok() && progress->first_error.ok()) progress->first_error = id.status();
      if (--progress->waiting == 0) progress->done(progress->first_error);
    });
  }
}

// Plans are made again when what they were made with is too far off, so it changes then only.
std::shared_ptr<const query::Statistics> Gateway::statistics() {
  if (counts_version_ == coordinator_->counts_version()) return statistics_;
  counts_version_ = coordinator_->counts_version();
  std::optional<query::Statistics> now = SumOfCounts(*coordinator_);
  const bool is_better =
      now.has_value() && (statistics_ == nullptr || AreFarApart(*statistics_, *now));
  if (is_better) statistics_ = std::make_shared<const query::Statistics>(*std::move(now));
  return statistics_;
}

NodeId Gateway::NextPlacement() { return NodeId(1 + next_placement_++ % worker_count()); }

void Gateway::CheckInvariants() const {
  CHECK_EQ(queues_.size(), worker_count());
  for (const ExecuteQueue& queue : queues_) queue.CheckInvariants();
  for (const auto& [tx, transaction] : transactions_) {
    CHECK(transaction.epoch <= coordinator_->epoch()) << "transaction " << tx;
    for (const auto& [request, waiting] : transaction.waiting) {
      CHECK_LT(request, next_request_) << "transaction " << tx;
      CHECK(waiting.done != nullptr) << "request " << request;
      CHECK(waiting.worker.value() >= 1 && waiting.worker.value() <= queues_.size());
    }
  }
}

}  // namespace tidemark::master
