// SPDX-License-Identifier: Apache-2.0
#include "session/batch_runner.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"

namespace tidemark::session {
namespace {

// Operations of one class may run side by side; a class begins only when the one before has ended.
enum class SegmentClass : uint8_t { kWrite, kDelete, kRead };

SegmentClass ClassOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kDeleteVertex:
    case OperationKind::kDeleteEdge:
      return SegmentClass::kDelete;
    case OperationKind::kCreateVertex:
    case OperationKind::kCreateEdge:
    case OperationKind::kSetVertexProperties:
    case OperationKind::kSetEdgeProperties:
    case OperationKind::kSetLabels:
      return SegmentClass::kWrite;
    default:
      return SegmentClass::kRead;
  }
}

size_t RowCount(const OperationResult& result) {
  return result.vertices.size() + result.edges.size();
}

// The client's cursor of a scan over all workers: the worker, then the worker's own cursor.
std::string EncodeScanCursor(NodeId worker, const std::string& inner) {
  std::string cursor;
  AppendVarint(&cursor, worker.value());
  return cursor + inner;
}

absl::Status DecodeScanCursor(const std::string& cursor, uint32_t worker_count, NodeId* worker,
                              std::string* inner) {
  *worker = NodeId(1);
  if (cursor.empty()) return absl::OkStatus();
  ByteReader reader(cursor);
  const uint32_t number = reader.Varint32();
  if (!reader.ok() || number < 1 || number > worker_count) {
    return absl::InvalidArgumentError("a cursor is not one that this server gave");
  }
  *worker = NodeId(number);
  *inner = std::string(reader.Raw(reader.remaining()));
  return absl::OkStatus();
}

uint32_t LimitOf(const Operation& operation) {
  if (operation.limit == 0) return exec::kMaxRowCount;
  return std::min(operation.limit, exec::kMaxRowCount);
}

}  // namespace

BatchRunner::BatchRunner(Backend* backend, TxId tx, std::vector<Operation> operations, Done done)
    : backend_(backend),
      tx_(tx),
      operations_(std::move(operations)),
      done_(std::move(done)),
      results_(operations_.size()),
      then_get_vertex_(operations_.size()) {}

void BatchRunner::Start() {
  if (operations_.size() > kMaxBatchOperationCount) {
    return Finish(absl::InvalidArgumentError(
        absl::StrCat("a batch has ", operations_.size(), " operations; at most ",
                     kMaxBatchOperationCount, " are allowed, send several")));
  }
  std::vector<NameRequest> missing;
  for (const Operation& operation : operations_) {
    CollectMissingNames(operation, backend_->names(), &missing);
  }
  if (missing.empty()) return RunSegment();
  backend_->InternNames(std::move(missing), [self = shared_from_this()](absl::Status status) {
    if (!status.ok()) return self->Finish(std::move(status));
    self->RunSegment();
  });
}

VertexId BatchRunner::Resolve(const VertexRef& ref) const {
  return ref.created_by < 0 ? ref.id : results_[static_cast<size_t>(ref.created_by)].vertex;
}

bool BatchRunner::CanJoinSegment(size_t index) const {
  const Operation& operation = operations_[index];
  if (ClassOf(operation.kind) != ClassOf(operations_[segment_begin_].kind)) return false;
  const auto is_ready = [this](const VertexRef& ref) {
    return ref.created_by < static_cast<int64_t>(segment_begin_);
  };
  return is_ready(operation.vertex) && is_ready(operation.target);
}

void BatchRunner::RunSegment() {
  if (done_ == nullptr) return;
  segment_begin_ = segment_end_;
  if (segment_begin_ == operations_.size()) return Finish(absl::OkStatus());
  while (segment_end_ < operations_.size() &&
         (segment_end_ == segment_begin_ || CanJoinSegment(segment_end_))) {
    const absl::Status status = AddToHop(segment_end_);
    if (!status.ok()) {
      return Finish(Annotate(status, absl::StrCat("operation ", segment_end_)));
    }
    ++segment_end_;
  }
  SendHop();
}

absl::Status BatchRunner::AddToHop(size_t index) {
  const Operation& operation = operations_[index];
  for (const VertexRef* ref : {&operation.vertex, &operation.target}) {
    if (ref->created_by >= static_cast<int64_t>(index) ||
        (ref->created_by >= 0 && !Resolve(*ref).valid())) {
      return absl::InvalidArgumentError(absl::StrCat("refers to operation ", ref->created_by,
                                                     ", which is not an earlier create vertex"));
    }
  }
  ASSIGN_OR_RETURN(Translated translated, Translate(operation, Resolve(operation.vertex),
                                                    Resolve(operation.target), *backend_));
  then_get_vertex_[index] = translated.then_get_vertex;
  for (exec::Operation& out : translated.operations) {
    if (translated.every_worker) {
      RETURN_IF_ERROR(AddScan(index, std::move(out)));
      continue;
    }
    out.limit = LimitOf(operation);
    NodeId worker;
    if (const std::optional<SlotId> slot = exec::SlotOf(out); slot.has_value()) {
      worker = OwnerOfSlot(*slot, backend_->worker_count());
    } else {
      if (placement_ == kMasterNode) placement_ = backend_->NextPlacement();
      worker = placement_;
    }
    Add(worker, std::move(out), index);
  }
  return absl::OkStatus();
}

absl::Status BatchRunner::AddScan(size_t index, exec::Operation scan) {
  NodeId worker;
  RETURN_IF_ERROR(
      DecodeScanCursor(operations_[index].cursor, backend_->worker_count(), &worker, &scan.cursor));
  scan.limit = LimitOf(operations_[index]);
  Add(worker, std::move(scan), index);
  return absl::OkStatus();
}

void BatchRunner::Add(NodeId worker, exec::Operation operation, size_t origin) {
  Outgoing& outgoing = hop_[worker];
  outgoing.operations.push_back(std::move(operation));
  outgoing.origins.push_back(origin);
}

BatchRunner::Outgoing BatchRunner::TakeFront(Outgoing* rest) {
  if (rest->operations.size() <= exec::kMaxBatchOperationCount) return std::exchange(*rest, {});
  constexpr auto kCount = static_cast<std::ptrdiff_t>(exec::kMaxBatchOperationCount);
  Outgoing front;
  const auto middle = rest->operations.begin() + kCount;
  std::move(rest->operations.begin(), middle, std::back_inserter(front.operations));
  rest->operations.erase(rest->operations.begin(), middle);
  front.origins.assign(rest->origins.begin(), rest->origins.begin() + kCount);
  rest->origins.erase(rest->origins.begin(), rest->origins.begin() + kCount);
  return front;
}

void BatchRunner::SendHop() {
  if (done_ == nullptr) return;
  if (sending_.empty()) sending_.swap(hop_);
  if (sending_.empty()) return RunSegment();
  std::vector<std::pair<NodeId, Outgoing>> parts;
  for (auto& [worker, rest] : sending_) parts.emplace_back(worker, TakeFront(&rest));
  std::erase_if(sending_, [](const auto& entry) { return entry.second.operations.empty(); });
  waiting_ = static_cast<int>(parts.size());
  for (auto& [worker, part] : parts) {
    Send(worker, std::move(part));
    if (done_ == nullptr) return;
  }
}

void BatchRunner::Send(NodeId worker, Outgoing part) {
  wrote_ =
      wrote_ || std::any_of(part.operations.begin(), part.operations.end(),
                            [](const exec::Operation& out) { return exec::IsWrite(out.kind); });
  std::string encoded = exec::EncodeBatch(part.operations);
  backend_->Execute(tx_, worker, std::move(encoded),
                    [self = shared_from_this(), node = worker, origins = std::move(part.origins),
                     sent = std::move(part.operations)](ExecuteReply reply) {
                      self->OnReply(node, origins, sent, std::move(reply));
                    });
}

void BatchRunner::OnReply(NodeId worker, const std::vector<size_t>& origins,
                          const std::vector<exec::Operation>& sent, ExecuteReply reply) {
  if (done_ == nullptr) return;
  if (reply.status.code() == absl::StatusCode::kResourceExhausted) {
    return Finish(Annotate(reply.status, absl::StrCat("worker ", worker.value())));
  }
  if (!reply.status.ok()) return Finish(std::move(reply.status));
  absl::StatusOr<exec::BatchResult> batch = exec::DecodeBatchResult(reply.results);
  if (!batch.ok()) {
    return Finish(absl::InternalError(absl::StrCat(
        "worker ", worker.value(), " gave a malformed result: ", batch.status().message())));
  }
  const absl::Status status = TakeResults(worker, origins, sent, std::move(*batch));
  if (!status.ok()) return Finish(status);
  if (--waiting_ == 0) SendHop();
}

absl::Status BatchRunner::TakeResults(NodeId worker, const std::vector<size_t>& origins,
                                      const std::vector<exec::Operation>& sent,
                                      exec::BatchResult batch) {
  if (batch.results.size() != sent.size()) {
    return absl::InternalError(absl::StrCat("worker ", worker.value(), " gave ",
                                            batch.results.size(), " results for ", sent.size(),
                                            " operations"));
  }
  for (size_t i = 0; i < sent.size(); ++i) {
    if (origins[i] != kNoOrigin) {
      TakeResult(worker, origins[i], sent[i], std::move(batch.results[i]));
    }
  }
  for (exec::Operation& follow_up : batch.follow_ups) {
    const std::optional<SlotId> slot = exec::SlotOf(follow_up);
    if (!slot.has_value()) return absl::InternalError("a follow-up has no owner");
    Add(OwnerOfSlot(*slot, backend_->worker_count()), std::move(follow_up), kNoOrigin);
  }
  return absl::OkStatus();
}

void BatchRunner::TakeResult(NodeId worker, size_t origin, const exec::Operation& sent,
                             exec::OperationResult result) {
  OperationResult& total = results_[origin];
  const bool is_scan = sent.kind == exec::OperationKind::kScanLabel ||
                       sent.kind == exec::OperationKind::kScanType ||
                       sent.kind == exec::OperationKind::kScanIndex;
  if (!is_scan) {
    if (then_get_vertex_[origin] && sent.kind == exec::OperationKind::kFindKey) {
      if (!result.vertex.valid()) return;
      exec::Operation get;
      get.kind = exec::OperationKind::kGetVertex;
      get.vertex = result.vertex;
      return Add(OwnerOfSlot(get.vertex.slot(), backend_->worker_count()), std::move(get), origin);
    }
    if (sent.kind == exec::OperationKind::kSetVertexProperty ||
        sent.kind == exec::OperationKind::kSetEdgeProperty ||
        sent.kind == exec::OperationKind::kSetLabel) {
      return;
    }
    total = std::move(result);
    return;
  }
  std::move(result.vertices.begin(), result.vertices.end(), std::back_inserter(total.vertices));
  std::move(result.edges.begin(), result.edges.end(), std::back_inserter(total.edges));
  const size_t limit = LimitOf(operations_[origin]);
  if (!result.cursor.empty()) {
    total.cursor = EncodeScanCursor(worker, result.cursor);
  } else if (worker.value() < backend_->worker_count()) {
    if (RowCount(total) >= limit) {
      total.cursor = EncodeScanCursor(worker.Next(), "");
      return;
    }
    exec::Operation next = sent;
    next.cursor.clear();
    next.limit = static_cast<uint32_t>(limit - RowCount(total));
    Add(worker.Next(), std::move(next), origin);
  }
}

void BatchRunner::Finish(absl::Status status) {
  if (done_ == nullptr) return;
  Done done = std::move(done_);
  done_ = nullptr;
  if (status.ok()) {
    done(std::move(results_));
  } else {
    done(std::move(status));
  }
}

}  // namespace tidemark::session
