// SPDX-License-Identifier: Apache-2.0
#include "session/batch_runner.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/planted_bug.h"
#include "base/status.h"
#include "rpc/limits.h"
#include "session/scan_cursor.h"

namespace tidemark::session {
namespace {

// A shorter answer is read in the step in which it comes, which brings other frames too.
constexpr size_t kMaxReadAtOnceBytes = 1024;
// A runner of no more than this may go in one step.
constexpr size_t kMaxDropAtOnceCount = 64;
constexpr size_t kMaxDropAtOnceBytes = 16 << 10;
// The results of a batch that are no larger always find room.
constexpr size_t kSmallResultBytes = size_t{64} << 10;
// What a row takes beside its bytes.
constexpr size_t kRowBytes = 64;
// What a piece of an answer takes beside 1 for itself.
constexpr size_t kBytesPerUnit = 256;

size_t RowCount(const OperationResult& result) {
  return result.vertices.size() + result.edges.size() + result.neighbours.size();
}

void Take(size_t cost, size_t* units) { *units -= std::min(*units, cost); }

void DropBack(std::vector<OperationResult>* results, size_t* units) {
  for (; *units > 0 && !results->empty(); results->pop_back()) {
    Take(1 + RowCount(results->back()), units);
  }
}
void DropBack(std::vector<Operation>* operations, size_t* units) {
  for (; *units > 0 && !operations->empty(); operations->pop_back()) Take(1, units);
}
template <typename Hop>
void DropFront(Hop* hop, size_t* units) {
  while (*units > 0 && !hop->empty()) {
    auto& items = hop->begin()->second;
    for (; *units > 0 && !items.empty(); items.erase(items.begin())) Take(1, units);
    if (items.empty()) hop->erase(hop->begin());
  }
}

uint32_t LimitOf(const Operation& operation) {
  if (operation.limit == 0) return exec::kMaxRowCount;
  return std::min(operation.limit, exec::kMaxRowCount);
}

}  // namespace

// Operations of one class may run side by side; a class begins only when the one before has ended.
enum class BatchRunner::SegmentClass : uint8_t {
  kWrite,     // frees no unique key
  kKeyWrite,  // may; writes of the class before may run beside it
  kDelete,
  kRead,
};

BatchRunner::BatchRunner(Backend* backend, TxId tx, Csn read_csn, std::vector<Operation> operations,
                         Done done)
    : backend_(backend),
      tx_(tx),
      read_csn_(read_csn),
      operations_(std::move(operations)),
      done_(std::move(done)),
      then_get_vertex_(operations_.size()) {
  results_.reserve(operations_.size());
}

void BatchRunner::Start() {
  const auto self = shared_from_this();  // whoever started it may let go when it is done
  if (operations_.size() > kMaxBatchOperationCount) {
    return Finish(absl::ResourceExhaustedError(
        absl::StrCat("a batch has ", operations_.size(), " operations; at most ",
                     kMaxBatchOperationCount, " are allowed, send several")));
  }
  StartSegment();
}

VertexId BatchRunner::Resolve(const VertexRef& ref) const {
  return ref.created_by < 0 ? ref.id : results_[static_cast<size_t>(ref.created_by)].vertex;
}

BatchRunner::SegmentClass BatchRunner::ClassOf(const Operation& operation) const {
  switch (session::ClassOf(operation.kind)) {
    case OperationClass::kDelete:
      return SegmentClass::kDelete;
    case OperationClass::kRead:
      return SegmentClass::kRead;
    case OperationClass::kWrite:
      break;
  }
  const bool sets_vertex = operation.kind == OperationKind::kSetVertexProperties ||
                           operation.kind == OperationKind::kSetLabels;
  return sets_vertex && MayFreeKey(operation) ? SegmentClass::kKeyWrite : SegmentClass::kWrite;
}

// A single worker keeps all keys and changes them in the order of the batch.
bool BatchRunner::MayFreeKey(const Operation& operation) const {
  const catalog::SchemaTable& schema = backend_->schema();
  if (backend_->worker_count() == 1 || !schema.has_unique()) return false;
  if (PlantedBug("keys-out-of-order")) return false;
  const auto frees = [&](graph::NameKind kind, const std::string& name) {
    const std::optional<uint32_t> id = backend_->names().Find(kind, name);
    if (!id.has_value()) return false;
    return kind == graph::NameKind::kKey ? schema.IsUniqueKey(KeyId(*id))
                                         : schema.IsUniqueLabel(LabelId(*id));
  };
  if (operation.kind == OperationKind::kSetLabels) {
    return std::any_of(operation.removed_labels.begin(), operation.removed_labels.end(),
                       [&](const auto& label) { return frees(graph::NameKind::kLabel, label); });
  }
  return std::any_of(
      operation.properties.begin(), operation.properties.end(),
      [&](const auto& property) { return frees(graph::NameKind::kKey, property.first); });
}

bool BatchRunner::CanJoinSegment(size_t index) const {
  const Operation& operation = operations_[index];
  const SegmentClass wanted = ClassOf(operation);
  const bool fits = wanted == segment_class_ ||
                    (wanted == SegmentClass::kWrite && segment_class_ == SegmentClass::kKeyWrite);
  if (!fits) return false;
  const auto is_ready = [this](const VertexRef& ref) {
    return ref.created_by < static_cast<int64_t>(segment_begin_);
  };
  return is_ready(operation.vertex) && is_ready(operation.target);
}

void BatchRunner::StartSegment() {
  segment_begin_ = segment_end_;
  if (segment_begin_ == operations_.size()) return Finish(absl::OkStatus());
  segment_complete_ = false;
  segment_class_ = ClassOf(operations_[segment_begin_]);
  first_hop_ = true;
  Step();
}

void BatchRunner::Step() {
  stepping_ = false;
  if (done_ == nullptr) return;
  ++waiting_;
  if (!segment_complete_ && backlog_count() <= kMaxPartOperationCount) {
    const size_t end = std::min(operations_.size(), segment_end_ + kMaxPartOperationCount);
    if (InternMissingNames(end)) return;
    absl::Status status = TranslateUpTo(end);
    if (!status.ok()) return Finish(std::move(status));
  }
  SendSome();
  --waiting_;
  if (done_ == nullptr) return;
  if (!has_more_to_send()) return EndHopOnceAnswered();
  StepLater();
}

void BatchRunner::StepLater() {
  if (stepping_ || !has_more_to_send() || !can_send()) return;
  stepping_ = true;
  backend_->Post([self = shared_from_this()] { self->Step(); });
}

// Also when the next operations are not translated: nobody knows yet where they go.
bool BatchRunner::can_send() const {
  if (!segment_complete_ && backlog_count() <= kMaxPartOperationCount) return true;
  return std::any_of(sending_.begin(), sending_.end(),
                     [this](const auto& entry) { return windows_.is_open(entry.first); });
}

size_t BatchRunner::backlog_count() const {
  size_t count = 0;
  for (const auto& [worker, items] : sending_) count += items.size();
  return count;
}

// False when there are none; otherwise the step is done again once they have ids.
bool BatchRunner::InternMissingNames(size_t end) {
  std::vector<NameRequest> missing;
  for (size_t i = segment_end_; i < end; ++i) {
    CollectMissingNames(operations_[i], backend_->names(), &missing);
  }
  if (missing.empty()) return false;
  stepping_ = true;
  backend_->InternNames(std::move(missing), [self = shared_from_this()](absl::Status status) {
    --self->waiting_;
    if (!status.ok()) return self->Finish(std::move(status));
    self->Step();
  });
  return true;
}

absl::Status BatchRunner::TranslateUpTo(size_t end) {
  results_.resize(end);
  while (segment_end_ < end && (segment_end_ == segment_begin_ || CanJoinSegment(segment_end_))) {
    const absl::Status status = Add(segment_end_);
    if (!status.ok()) return Annotate(status, absl::StrCat("operation ", segment_end_));
    ++segment_end_;
  }
  segment_complete_ = segment_end_ == operations_.size() || !CanJoinSegment(segment_end_);
  return absl::OkStatus();
}

absl::Status BatchRunner::Add(size_t index) {
  const Operation& operation = operations_[index];
  for (const VertexRef* ref : {&operation.vertex, &operation.target}) {
    if (ref->created_by >= static_cast<int64_t>(index) ||
        (ref->created_by >= 0 && !Resolve(*ref).valid())) {
      return absl::InvalidArgumentError(absl::StrCat("refers to operation ", ref->created_by,
                                                     ", which is not an earlier create vertex"));
    }
  }
  ASSIGN_OR_RETURN(Translated translated,
                   Translate(operation, Resolve(operation.vertex), Resolve(operation.target),
                             *backend_, read_csn_));
  then_get_vertex_[index] = translated.then_get_vertex;
  for (exec::Operation& out : translated.operations) {
    NodeId worker;
    out.limit = LimitOf(operation);
    if (translated.every_worker) {
      RETURN_IF_ERROR(
          DecodeScanCursor(operation.cursor, backend_->worker_count(), &worker, &out.cursor));
    } else if (const std::optional<SlotId> slot = exec::SlotOf(out); slot.has_value()) {
      worker = OwnerOfSlot(*slot, backend_->worker_count());
    } else {
      if (placement_ == kMasterNode) placement_ = backend_->NextPlacement();
      worker = placement_;
    }
    Items& items = sending_[worker];
    items.emplace_hint(items.end(), index, Item{std::move(out), Role::kPart});
  }
  return absl::OkStatus();
}

BatchRunner::Sent BatchRunner::TakeFront(NodeId worker, Items* items, size_t count) const {
  Sent message{.worker = worker};
  size_t bytes = 0;
  const auto add = [&message, &bytes](exec::Operation operation, size_t origin, Role role) {
    bytes += operation.bytes.size() + operation.last_key.size() + operation.cursor.size();
    message.operations.push_back(std::move(operation));
    message.origins.push_back(origin);
    message.roles.push_back(role);
  };
  if (first_hop_ && segment_class_ == SegmentClass::kKeyWrite) {
    exec::Operation keys_later;
    keys_later.kind = exec::OperationKind::kKeysLater;
    add(std::move(keys_later), segment_begin_, Role::kFollowUp);
  }
  // What belongs to one change of a vertex stays together.
  for (bool more = false; !items->empty() && (more || (count > 0 && bytes < kMaxPartBytes));) {
    Take(1, &count);
    auto node = items->extract(items->begin());
    more = node.mapped().operation.more;
    add(std::move(node.mapped().operation), node.key(), node.mapped().role);
  }
  return message;
}

void BatchRunner::SendSome() {
  std::vector<Sent> messages;
  const size_t share = kMaxPartOperationCount / std::max<size_t>(sending_.size(), 1) + 1;
  for (auto& [worker, items] : sending_) {
    if (windows_.is_open(worker)) messages.push_back(TakeFront(worker, &items, share));
  }
  std::erase_if(sending_, [](const auto& entry) { return entry.second.empty(); });
  for (Sent& message : messages) {
    Send(std::move(message));
    if (done_ == nullptr) return;
  }
}

void BatchRunner::Send(Sent message) {
  wrote_ = wrote_ || std::any_of(message.operations.begin(), message.operations.end(),
                                 [](const exec::Operation& out) { return IsWrite(out.kind); });
  ++waiting_;
  std::string encoded = exec::EncodeBatch(message.operations);
  message.bytes = encoded.size();
  windows_.Sent(message.worker, message.bytes);
  const auto sent = std::make_shared<const Sent>(std::move(message));
  backend_->Execute(tx_, sent->worker, std::move(encoded),
                    [self = shared_from_this(), sent](ExecuteReply reply) {
                      self->OnReply(sent, std::move(reply));
                    });
}

void BatchRunner::OnReply(const std::shared_ptr<const Sent>& sent, ExecuteReply reply) {
  if (done_ == nullptr) return;
  const size_t bytes = reply.results.size();
  absl::Status status = TakeReply(sent, std::move(reply));
  if (!status.ok()) return Finish(std::move(status));
  if (replies_.size() > 1) return;  // those before are being read
  if (bytes <= kMaxReadAtOnceBytes) return ReadSome();
  backend_->Post([self = shared_from_this()] { self->ReadSome(); });
}

absl::Status BatchRunner::TakeReply(const std::shared_ptr<const Sent>& sent, ExecuteReply reply) {
  if (!reply.status.ok()) return DescribeFailure(*sent, reply);
  result_bytes_ += reply.results.size();
  if (result_bytes_ > rpc::kMaxMessageBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the results of the batch exceed ", rpc::kMaxMessageBytes,
                     " bytes, which no answer can have; ask for less at a time"));
  }
  RETURN_IF_ERROR(TakeMemoryFor(reply.results.size()));
  exec::BatchResultReader& reader = replies_.emplace_back(sent, std::move(reply.results)).reader;
  const absl::Status status = reader.Open();
  if (!status.ok()) return Malformed(*sent, status);
  if (reader.result_count() == sent->operations.size()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("worker ", sent->worker.value(), " gave ",
                                          reader.result_count(), " results for ",
                                          sent->operations.size(), " operations"));
}

absl::Status BatchRunner::TakeMemoryFor(size_t bytes) {
  MemoryBudget* const memory = backend_->result_memory();
  if (memory_.bytes() + bytes <= kSmallResultBytes) {
    memory->Take(bytes);
  } else if (!memory->TryTake(bytes)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the results find no room: those of all clients take ", memory->used_bytes(),
                     " bytes, at most ", memory->limit_bytes(),
                     " are allowed; ask for less at a time, or later"));
  }
  if (memory_.bytes() == 0) {
    memory_ = MemoryCharge(memory, bytes);
  } else {
    memory_.Add(bytes);
  }
  return absl::OkStatus();
}

void BatchRunner::ReadSome() {
  size_t units = kMaxReadPerStep;
  while (done_ != nullptr && !replies_.empty()) {
    const absl::StatusOr<bool> is_read = ReadSlice(&replies_.front(), &units);
    if (!is_read.ok()) return Finish(is_read.status());
    if (!*is_read) return backend_->Post([self = shared_from_this()] { self->ReadSome(); });
    const Sent& sent = *replies_.front().sent;
    windows_.Answered(sent.worker, sent.bytes);
    --waiting_;
    replies_.pop_front();
  }
  if (done_ == nullptr) return;
  StepLater();
  EndHopOnceAnswered();
}

absl::StatusOr<bool> BatchRunner::ReadSlice(Reply* reply, size_t* units) {
  const exec::BatchResultReader& reader = reply->reader;
  while (reader.has_result() || reader.has_follow_up()) {
    if (*units == 0) return false;
    const size_t before = reader.remaining_bytes();
    RETURN_IF_ERROR(reader.has_result() ? ReadResult(reply, units) : ReadFollowUp(reply));
    Take(1 + (before - reader.remaining_bytes()) / kBytesPerUnit, units);
  }
  return true;
}

absl::Status BatchRunner::ReadResult(Reply* reply, size_t* units) {
  exec::OperationResult result;
  const absl::Status status = reply->reader.NextResult(&result);
  if (!status.ok()) return Malformed(*reply->sent, status);
  Take(RowCount(result), units);
  RETURN_IF_ERROR(TakeMemoryFor(RowCount(result) * kRowBytes));
  const size_t index = reply->next_result++;
  if (reply->sent->roles[index] == Role::kPart) {
    TakeResult(*reply->sent, index, std::move(result));
  }
  return absl::OkStatus();
}

absl::Status BatchRunner::ReadFollowUp(Reply* reply) {
  exec::FollowUp follow_up;
  const absl::Status status = reply->reader.NextFollowUp(&follow_up);
  if (!status.ok()) return Malformed(*reply->sent, status);
  const std::optional<SlotId> slot = exec::SlotOf(follow_up.operation);
  if (!slot.has_value()) return absl::InternalError("a follow-up has no owner");
  const NodeId worker = OwnerOfSlot(*slot, backend_->worker_count());
  next_hop_[worker].emplace(reply->sent->origins[follow_up.cause],
                            Item{std::move(follow_up.operation), Role::kFollowUp});
  return absl::OkStatus();
}

absl::Status BatchRunner::Malformed(const Sent& sent, const absl::Status& status) {
  return absl::InternalError(
      absl::StrCat("worker ", sent.worker.value(), " gave a malformed result: ", status.message()));
}

// The number of an operation in a message means nothing to the client; that in its batch does.
absl::Status BatchRunner::DescribeFailure(const Sent& sent, const ExecuteReply& reply) const {
  absl::Status status = NameConstraint(reply.status, reply.results, *backend_);
  if (reply.failed_operation.has_value() && *reply.failed_operation < sent.operations.size()) {
    const size_t index = *reply.failed_operation;
    const std::string kind(exec::KindName(sent.operations[index].kind));
    status = Annotate(status, absl::StrCat("operation ", sent.origins[index], " (", kind, ")"));
  }
  if (status.code() != absl::StatusCode::kResourceExhausted) return status;
  return Annotate(status, absl::StrCat("worker ", sent.worker.value()));
}

void BatchRunner::TakeResult(const Sent& sent, size_t index, exec::OperationResult result) {
  const size_t origin = sent.origins[index];
  switch (sent.operations[index].kind) {
    case exec::OperationKind::kScanLabel:
    case exec::OperationKind::kScanType:
    case exec::OperationKind::kScanIndex:
      return TakeScanResult(sent, index, std::move(result));
    case exec::OperationKind::kSetVertexProperty:
    case exec::OperationKind::kSetEdgeProperty:
    case exec::OperationKind::kSetLabel:
      return;
    case exec::OperationKind::kFindKey:
      if (!then_get_vertex_[origin]) break;
      if (result.vertex.valid()) {
        exec::Operation get;
        get.kind = exec::OperationKind::kGetVertex;
        get.vertex = result.vertex;
        const NodeId owner = OwnerOfSlot(get.vertex.slot(), backend_->worker_count());
        next_hop_[owner].emplace(origin, Item{std::move(get), Role::kPart});
      }
      return;
    default:
      break;
  }
  if (then_get_vertex_[origin]) {  // a lookup of 0.0 may find the vertex of -0.0 too
    std::move(result.vertices.begin(), result.vertices.end(),
              std::back_inserter(results_[origin].vertices));
    return;
  }
  results_[origin] = std::move(result);
}

// A scan visits the workers one after the other.
void BatchRunner::TakeScanResult(const Sent& sent, size_t index, exec::OperationResult result) {
  const size_t origin = sent.origins[index];
  OperationResult& total = results_[origin];
  std::move(result.vertices.begin(), result.vertices.end(), std::back_inserter(total.vertices));
  std::move(result.edges.begin(), result.edges.end(), std::back_inserter(total.edges));
  const size_t limit = LimitOf(operations_[origin]);
  if (!result.cursor.empty()) {
    total.cursor = EncodeScanCursor(sent.worker, result.cursor);
  } else if (sent.worker.value() < backend_->worker_count()) {
    const NodeId next_worker = sent.worker.Next();
    if (RowCount(total) >= limit) {
      total.cursor = EncodeScanCursor(next_worker, "");
      return;
    }
    exec::Operation next = sent.operations[index];
    next.cursor.clear();
    next.limit = static_cast<uint32_t>(limit - RowCount(total));
    next_hop_[next_worker].emplace(origin, Item{std::move(next), Role::kPart});
  }
}

void BatchRunner::EndHopOnceAnswered() {
  if (waiting_ > 0 || has_more_to_send()) return;
  if (next_hop_.empty()) return StartSegment();
  sending_.swap(next_hop_);
  first_hop_ = false;
  Step();
}

void BatchRunner::Cancel() {
  if (done_ == nullptr) return;
  done_ = nullptr;
  Drop();
}

void BatchRunner::Drop() {
  if (operations_.size() <= kMaxDropAtOnceCount && result_bytes_ <= kMaxDropAtOnceBytes) return;
  backend_->Post([self = shared_from_this()] { self->DropSome(); });
}

void BatchRunner::DropSome() {
  size_t units = kMaxReadPerStep;
  DropBack(&results_, &units);
  DropBack(&operations_, &units);
  DropFront(&sending_, &units);
  DropFront(&next_hop_, &units);
  if (units == 0) backend_->Post([self = shared_from_this()] { self->DropSome(); });
}

void BatchRunner::Finish(absl::Status status) {
  if (done_ == nullptr) return;
  const Done done = std::exchange(done_, nullptr);
  Drop();
  if (status.ok()) {
    done(std::move(results_));
  } else {
    done(std::move(status));
  }
}

}  // namespace tidemark::session
