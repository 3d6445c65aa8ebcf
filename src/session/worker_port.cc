// SPDX-License-Identifier: Apache-2.0
#include "session/worker_port.h"

#include <utility>

#include "base/status.h"

namespace tidemark::session {

class SessionWorkers::Run final : public exec::RemoteRun {
 public:
  Run(SessionWorkers* workers, NodeId worker, std::string call)
      : workers_(workers),
        backend_(workers->backend_),
        tx_(workers->tx_),
        pool_(workers->pool_),
        worker_(worker),
        number_(workers->backend_->NextFragmentRun()),
        call_(std::move(call)) {
    workers_->runs_.insert(this);
  }
  ~Run() override {
    if (workers_->is_closed_) return;
    workers_->runs_.erase(this);
    Close();
  }

  void Close() {
    alive_ = nullptr;
    if (!std::exchange(is_open_, false)) return;
    backend_->RunFragment(tx_, worker_, {exec::FragmentStepKind::kClose, number_, {}},
                          [](const absl::StatusOr<std::string>&) {});
  }

  void Next(std::function<void(absl::StatusOr<exec::FragmentRows>)> done) override {
    exec::FragmentStep step{exec::FragmentStepKind::kNext, number_, {}};
    if (!is_open_) step = {exec::FragmentStepKind::kOpen, number_, std::move(call_)};
    sent_bytes_ = step.bytes.size();
    is_open_ = true;
    backend_->RunFragment(tx_, worker_, std::move(step),
                          [this, done = std::move(done), alive = std::weak_ptr<bool>(alive_)](
                              const absl::StatusOr<std::string>& answer) {
                            if (!alive.expired()) Take(answer, done);
                          });
  }

 private:
  void Take(const absl::StatusOr<std::string>& answer,
            const std::function<void(absl::StatusOr<exec::FragmentRows>)>& done) {
    if (!answer.ok()) {
      is_open_ = false;
      return done(answer.status());
    }
    absl::StatusOr<exec::FragmentRows> rows = exec::DecodeRows(pool_, *answer);
    if (rows.ok() && rows->is_end) is_open_ = false;
    if (rows.ok()) rows->sent_bytes = sent_bytes_;
    done(std::move(rows));
  }

  SessionWorkers* const workers_;
  Backend* const backend_;
  const TxId tx_;
  query::SlabPool* const pool_;
  const NodeId worker_;
  const uint64_t number_;
  std::string call_;
  size_t sent_bytes_ = 0;  // of the last step
  bool is_open_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void SessionWorkers::Close() {
  is_closed_ = true;
  for (Run* const run : runs_) run->Close();
}

NodeId SessionWorkers::OwnerOf(VertexId vertex) const { return OwnerOf(vertex.slot()); }

NodeId SessionWorkers::OwnerOf(EdgeId edge) const { return OwnerOf(edge.slot()); }

NodeId SessionWorkers::OwnerOf(SlotId slot) const { return OwnerOfSlot(slot, worker_count()); }

absl::StatusOr<std::unique_ptr<exec::RemoteRun>> SessionWorkers::Open(
    NodeId worker, const query::plan::Remote& remote, exec::FragmentInput input) {
  exec::FragmentCall call;
  const query::plan::FragmentNeeds& needs = remote.encoded.needs;
  call.fragment = remote.encoded.bytes;
  // The call ends within this function, so it need not own them.
  if (needs.names) call.names = {std::shared_ptr<void>(), &backend_->names()};
  call.returned = remote.returned;
  call.statement = input_->statement;
  // The others may be large, and stay null.
  for (const uint32_t parameter : needs.parameters) {
    if (call.parameters.size() <= parameter) call.parameters.resize(parameter + 1);
    call.parameters[parameter] = input_->parameters[parameter];
  }
  call.transaction_micros = input_->transaction_micros;
  call.statement_micros = input_->statement_micros;
  call.seed = input_->seed + worker.value();
  call.is_profiled = input_->is_profiled;
  call.input = std::move(input.rows);
  call.found = std::move(input.found);
  ASSIGN_OR_RETURN(std::string bytes, exec::EncodeCall(call));
  return std::make_unique<Run>(this, worker, std::move(bytes));
}

}  // namespace tidemark::session
