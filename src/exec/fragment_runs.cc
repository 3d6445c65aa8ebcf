// SPDX-License-Identifier: Apache-2.0
#include "exec/fragment_runs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"
#include "exec/operators/rows.h"
#include "query/batch/batch_coding.h"
#include "query/plan/plan_coding.h"
#include "query/text/error.h"

namespace tidemark::exec {
namespace {

absl::Status TooLarge() {
  return absl::ResourceExhaustedError(
      absl::StrCat("a row has more than the ", kMaxFragmentRowBytes,
                   " bytes that it may have on its way between two nodes; ask for fewer or smaller "
                   "values at once"));
}

// So many bytes of an answer are encoded in a unit.
constexpr size_t kEncodedBytesPerUnit = 4;

// The structs of a decoded fragment take several times its bytes.
constexpr size_t kFragmentBytesPerByte = 16;

absl::StatusOr<std::shared_ptr<const query::plan::Fragment>> FindFragment(std::string_view bytes,
                                                                          FragmentCache* cache) {
  if (const auto* const found = cache->Find(bytes)) return *found;
  ASSIGN_OR_RETURN(query::plan::Fragment decoded, query::plan::DecodeFragment(bytes));
  auto fragment = std::make_shared<const query::plan::Fragment>(std::move(decoded));
  cache->Put(bytes, fragment, bytes.size() * kFragmentBytesPerByte);
  return {std::move(fragment)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<FragmentRun>> FragmentRun::Open(std::string call,
                                                               const FragmentPlace& place,
                                                               const FragmentHost& host) {
  std::unique_ptr<FragmentRun> run(new FragmentRun(std::move(call), host.memory));
  ASSIGN_OR_RETURN(run->call_, DecodeCall(host.pool, run->bytes_));
  ASSIGN_OR_RETURN(run->fragment_, FindFragment(run->call_.fragment, host.fragments));
  query::eval::Environment& environment = run->environment_;
  environment.statement = run->call_.statement;
  environment.parameters = run->call_.parameters;
  environment.transaction_micros = run->call_.transaction_micros;
  environment.statement_micros = run->call_.statement_micros;
  environment.seed = run->call_.seed;
  environment.memory = &run->account_;
  environment.pool = host.pool;
  if (host.executor != nullptr) {
    environment.background = &run->background_.emplace(host.executor, host.job_done);
  }
  if (run->call_.names != nullptr) {
    run->graph_.emplace(run->call_.names.get(), place.shard, place.view);
    environment.graph = &*run->graph_;
  }
  RunContext& context = run->context_;
  context.pool = host.pool;
  context.account = &run->account_;
  context.environment = &environment;
  context.shard = place.shard;
  context.view = place.view;
  context.gate = place.gate;
  context.call_bytes = run->bytes_.size();
  context.clock = host.clock;
  if (run->call_.is_profiled) context.profile = &run->profile_;
  if (!run->call_.found.empty()) context.found = &run->call_.found;
  run->root_ = MakeFragment(*run->fragment_->root,
                            std::exchange(run->call_.input, query::BatchRef()), &context);
  return run;
}

absl::StatusOr<bool> FragmentRun::RunSome(int64_t units) {
  context_.units = units;
  context_.waits_for_room = false;
  environment_.waits_for_call = false;
  while (answer_.size() < kMaxFragmentAnswerBytes) {
    if (rows_) {
      RETURN_IF_ERROR(AppendSome());
      if (context_.units <= 0 && rows_) return false;
      continue;
    }
    query::BatchRef batch;
    ASSIGN_OR_RETURN(const Pulled pulled, root_->Pull(&batch));
    CHECK(pulled != Pulled::kWait) << "nothing waits at a worker";
    if (pulled == Pulled::kPause) return false;
    if (pulled == Pulled::kEnd) {
      has_ended_ = true;
      return true;
    }
    rows_ = CopySlots(context_.pool, *batch, call_.returned);
    next_row_ = 0;
  }
  return true;
}

absl::Status FragmentRun::AppendSome() {
  while (true) {
    const size_t count = std::min(part_rows_, rows_->selected_count() - next_row_);
    const size_t max_bytes = count > 1 ? kMaxFragmentPartBytes : kMaxFragmentRowBytes;
    std::string encoded;
    ASSIGN_OR_RETURN(const bool fits,
                     query::AppendRows(*rows_, next_row_, count, max_bytes, &encoded));
    context_.units -= static_cast<int64_t>(encoded.size() / kEncodedBytesPerUnit);
    if (!fits && count == 1) return TooLarge();
    // Rows that come one after the other are mostly of the same size.
    const size_t fitting = count * kMaxFragmentPartBytes / std::max<size_t>(encoded.size(), 1);
    part_rows_ = std::clamp<size_t>(fits ? fitting : count / 4, 1, query::kMaxBatchRows);
    if (!fits) continue;
    AppendBytes(&answer_, encoded);
    next_row_ += count;
    if (next_row_ == rows_->selected_count()) rows_ = query::BatchRef();
    return absl::OkStatus();
  }
}

std::string FragmentRun::TakeAnswer() {
  FragmentHead head{has_ended_, std::exchange(context_.found_elsewhere, {}), {}};
  if (call_.is_profiled) head.figures = profile_.Take(*fragment_);
  std::string answer = EncodeHead(head);
  answer += answer_;
  answer_.clear();
  return answer;
}

FragmentWork::FragmentWork(FragmentRuns* runs, const FragmentPlace& place, FragmentStep step)
    : runs_(runs), place_(place), key_(place.view.tx, step.run), step_(std::move(step)) {}

FragmentWork::~FragmentWork() {
  if (run_ != nullptr) runs_->Drop(std::move(run_));
}

bool FragmentWork::RunSome(int64_t max_units) {
  CHECK_GT(max_units, 0);
  if (step_.has_value()) {
    absl::StatusOr<std::shared_ptr<FragmentRun>> run = runs_->FindRun(place_, *std::move(step_));
    step_.reset();
    status_ = run.status();
    if (run.ok()) run_ = *std::move(run);
  }
  if (run_ == nullptr || !status_.ok()) return true;
  const absl::StatusOr<bool> done = run_->RunSome(max_units);
  if (done.ok() && !*done) return false;
  status_ = done.status();
  if (!done.ok() || run_->has_ended()) runs_->runs_.erase(key_);
  return true;
}

std::string FragmentWork::TakeAnswer() {
  CHECK(status_.ok()) << status_;
  return run_ == nullptr ? "" : run_->TakeAnswer();
}

std::unique_ptr<FragmentWork> FragmentRuns::MakeWork(const FragmentPlace& place,
                                                     FragmentStep step) {
  return std::make_unique<FragmentWork>(this, place, std::move(step));
}

absl::StatusOr<std::shared_ptr<FragmentRun>> FragmentRuns::FindRun(const FragmentPlace& place,
                                                                   FragmentStep step) {
  if (step.kind == FragmentStepKind::kOpen) return OpenRun(place, std::move(step));
  const auto it = runs_.find({place.view.tx, step.run});
  if (step.kind == FragmentStepKind::kNext) {
    if (it != runs_.end()) return it->second;
    return absl::UnavailableError("the query has ended at this worker; repeat it");
  }
  if (it != runs_.end()) {
    Drop(std::move(it->second));
    runs_.erase(it);
  }
  return std::shared_ptr<FragmentRun>();
}

absl::StatusOr<std::shared_ptr<FragmentRun>> FragmentRuns::OpenRun(const FragmentPlace& place,
                                                                   FragmentStep step) {
  if (runs_.size() >= kMaxFragmentRuns) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "this worker has ", runs_.size(), " results that are half read; read or close some"));
  }
  ASSIGN_OR_RETURN(
      std::shared_ptr<FragmentRun> run,
      FragmentRun::Open(std::move(step.bytes), place,
                        {pool_.get(), this, &fragments_, clock_, executor_, job_done_}));
  const bool is_new = runs_.try_emplace({place.view.tx, step.run}, run).second;
  if (!is_new) return absl::InternalError("a run was opened twice");
  return run;
}

void FragmentRuns::Remove(TxId tx) {
  const auto end = runs_.upper_bound({tx, ~uint64_t{0}});
  for (auto it = runs_.lower_bound({tx, 0}); it != end; it = runs_.erase(it)) {
    Drop(std::move(it->second));
  }
}

void FragmentRuns::RemoveBelow(Csn horizon) {
  std::erase_if(runs_, [&](auto& entry) {
    if (entry.second->read_csn() >= horizon) return false;
    Drop(std::move(entry.second));
    return true;
  });
}

void FragmentRuns::Clear() {
  for (auto& [key, run] : runs_) Drop(std::move(run));
  runs_.clear();
}

void FragmentRuns::Drop(std::shared_ptr<FragmentRun> run) {
  const bool is_large = run.use_count() == 1 && run->account()->used_bytes() > kMaxFreeAtOnceBytes;
  if (!is_large || executor_ == nullptr) return;
  const uint64_t bytes = run->account()->Detach();
  run->Close();
  struct Held {
    std::shared_ptr<query::SlabPool> pool;  // outlives the run
    std::shared_ptr<FragmentRun> run;
  };
  const auto held = std::make_shared<Held>(Held{pool_, std::move(run)});
  executor_->Submit(
      env::JobQueue::kFree, [held] { held->run = nullptr; },
      [this, bytes, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) Give(bytes);
      });
}

bool FragmentRuns::TryTake(uint64_t bytes) {
  if (bytes > limit_bytes_ - used_bytes_) return false;
  used_bytes_ += bytes;
  return true;
}

}  // namespace tidemark::exec
