// SPDX-License-Identifier: Apache-2.0
#include "session/change_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "exec/change_rows.h"
#include "query/text/error.h"
#include "session/worker_changes.h"

namespace tidemark::session {
namespace {

using exec::Change;
using exec::ChangeKind;
using exec::GraphChange;
using exec::GraphChangeKind;

// A runner of no more than this may go in one step.
constexpr size_t kMaxDropAtOnceCount = 64;
constexpr size_t kDropPerStep = 256;
// What a change takes in a part beside its bytes, about.
constexpr size_t kChangeBytes = 32;

void Take(size_t cost, size_t* units) { *units -= std::min(*units, cost); }

template <typename Hop>
void DropFront(Hop* hop, size_t* units) {
  while (*units > 0 && !hop->empty()) {
    auto& items = hop->begin()->second;
    for (; *units > 0 && !items.empty(); items.erase(items.begin())) Take(1, units);
    if (items.empty()) hop->erase(hop->begin());
  }
}

}  // namespace

// Changes of one class may run side by side; a class begins only when the one before has ended.
enum class ChangeRunner::SegmentClass : uint8_t {
  kWrite,     // frees no unique key
  kKeyWrite,  // may; writes of the class before may run beside it
  kDelete,
};

ChangeRunner::ChangeRunner(const Options& options, std::vector<GraphChange> changes, Done done)
    : backend_(options.backend),
      first_operation_(options.first_operation),
      changes_(std::move(changes)),
      done_(std::move(done)),
      calls_(std::in_place, options.backend, options.tx) {
  created_.reserve(changes_.size());
}

void ChangeRunner::Start() {
  const auto self = shared_from_this();  // whoever started it may let go when it is done
  StartSegment();
}

VertexId ChangeRunner::Resolve(const exec::ChangedVertex& ref) const {
  return ref.created_by < 0 ? ref.id : created_[static_cast<size_t>(ref.created_by)].vertex;
}

ChangeRunner::SegmentClass ChangeRunner::ClassOf(const GraphChange& change) const {
  switch (change.kind) {
    case GraphChangeKind::kDeleteVertex:
    case GraphChangeKind::kDeleteEdge:
      return SegmentClass::kDelete;
    case GraphChangeKind::kSetVertexProperties:
    case GraphChangeKind::kSetLabels:
      return MayFreeKey(change) ? SegmentClass::kKeyWrite : SegmentClass::kWrite;
    case GraphChangeKind::kCreateVertex:
    case GraphChangeKind::kCreateEdge:
    case GraphChangeKind::kSetEdgeProperties:
      break;
  }
  return SegmentClass::kWrite;
}

// A single worker keeps all keys and changes them in the order of the batch.
bool ChangeRunner::MayFreeKey(const GraphChange& change) const {
  const catalog::SchemaTable& schema = backend_->schema();
  if (backend_->worker_count() == 1 || !schema.has_unique()) return false;
  if (PlantedBug("keys-out-of-order")) return false;
  const auto frees = [&](graph::NameKind kind, const std::string& name) {
    const std::optional<uint32_t> id = backend_->names().Find(kind, name);
    if (!id.has_value()) return false;
    return kind == graph::NameKind::kKey ? schema.IsUniqueKey(KeyId(*id))
                                         : schema.IsUniqueLabel(LabelId(*id));
  };
  if (change.kind == GraphChangeKind::kSetLabels) {
    return std::any_of(change.removed_labels.begin(), change.removed_labels.end(),
                       [&](const auto& label) { return frees(graph::NameKind::kLabel, label); });
  }
  return std::any_of(change.properties.begin(), change.properties.end(), [&](const auto& property) {
    return frees(graph::NameKind::kKey, property.first);
  });
}

bool ChangeRunner::CanJoinSegment(size_t index) const {
  const GraphChange& change = changes_[index];
  const SegmentClass wanted = ClassOf(change);
  const bool fits = wanted == segment_class_ ||
                    (wanted == SegmentClass::kWrite && segment_class_ == SegmentClass::kKeyWrite);
  if (!fits) return false;
  const auto is_ready = [this](const exec::ChangedVertex& ref) {
    return ref.created_by < static_cast<int64_t>(segment_begin_);
  };
  return is_ready(change.vertex) && is_ready(change.target);
}

void ChangeRunner::StartSegment() {
  segment_begin_ = segment_end_;
  if (segment_begin_ == changes_.size()) return Finish(absl::OkStatus());
  segment_complete_ = false;
  segment_class_ = ClassOf(changes_[segment_begin_]);
  first_hop_ = true;
  Step();
}

void ChangeRunner::Step() {
  stepping_ = false;
  if (done_ == nullptr) return;
  ++waiting_;
  if (!segment_complete_ && backlog_count() <= kMaxPartOperationCount) {
    const size_t end = std::min(changes_.size(), segment_end_ + kMaxPartOperationCount);
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

void ChangeRunner::StepLater() {
  if (stepping_ || !has_more_to_send() || !can_send()) return;
  stepping_ = true;
  backend_->PostLater([self = shared_from_this()] { self->Step(); });
}

// Also when the next changes are not translated: nobody knows yet where they go.
bool ChangeRunner::can_send() const {
  if (!segment_complete_ && backlog_count() <= kMaxPartOperationCount) return true;
  return std::any_of(sending_.begin(), sending_.end(),
                     [this](const auto& entry) { return windows_.is_open(entry.first); });
}

size_t ChangeRunner::backlog_count() const {
  size_t count = 0;
  for (const auto& [worker, items] : sending_) count += items.size();
  return count;
}

// False when there are none; otherwise the step is done again once they have ids.
bool ChangeRunner::InternMissingNames(size_t end) {
  std::vector<NameRequest> missing;
  for (size_t i = segment_end_; i < end; ++i) {
    CollectMissingNames(changes_[i], backend_->names(), &missing);
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

absl::Status ChangeRunner::TranslateUpTo(size_t end) {
  created_.resize(end);
  while (segment_end_ < end && (segment_end_ == segment_begin_ || CanJoinSegment(segment_end_))) {
    const absl::Status status = Add(segment_end_);
    if (!status.ok()) return OfOperation(status, segment_end_, "");
    ++segment_end_;
  }
  segment_complete_ = segment_end_ == changes_.size() || !CanJoinSegment(segment_end_);
  return absl::OkStatus();
}

absl::Status ChangeRunner::Add(size_t index) {
  const GraphChange& change = changes_[index];
  ASSIGN_OR_RETURN(std::vector<Change> changes, ToWorkerChanges(change, Resolve(change.vertex),
                                                                Resolve(change.target), *backend_));
  for (Change& out : changes) {
    const std::optional<SlotId> slot = exec::SlotOf(out);
    if (!slot.has_value() && placement_ == kMasterNode) placement_ = backend_->NextPlacement();
    const NodeId worker =
        slot.has_value() ? OwnerOfSlot(*slot, backend_->worker_count()) : placement_;
    Items& items = sending_[worker];
    items.emplace_hint(items.end(), index, std::move(out));
  }
  return absl::OkStatus();
}

ChangeRunner::Sent ChangeRunner::TakeFront(NodeId worker, Items* items, size_t count) const {
  Sent part{.worker = worker};
  const auto add = [&part](Change change, size_t origin) {
    part.bytes += kChangeBytes + change.bytes.size() + change.cursor.size();
    part.changes.push_back(std::move(change));
    part.origins.push_back(origin);
  };
  if (first_hop_ && segment_class_ == SegmentClass::kKeyWrite) {
    add({.kind = ChangeKind::kKeysLater}, segment_begin_);
    ++count;
  }
  count = std::min(count, query::kMaxBatchRows);
  while (!items->empty() && part.changes.size() < count && part.bytes < kMaxPartBytes) {
    auto node = items->extract(items->begin());
    add(std::move(node.mapped()), node.key());
  }
  return part;
}

void ChangeRunner::SendSome() {
  std::vector<Sent> parts;
  const size_t share = kMaxPartOperationCount / std::max<size_t>(sending_.size(), 1) + 1;
  for (auto& [worker, items] : sending_) {
    if (windows_.is_open(worker)) parts.push_back(TakeFront(worker, &items, share));
  }
  std::erase_if(sending_, [](const auto& entry) { return entry.second.empty(); });
  for (Sent& part : parts) {
    Send(std::move(part));
    if (done_ == nullptr) return;
  }
}

void ChangeRunner::Send(Sent part) {
  ++waiting_;
  windows_.Sent(part.worker, part.bytes);
  const auto sent = std::make_shared<const Sent>(std::move(part));
  calls_->Start(
      sent->worker, exec::ChangeFragment(),
      exec::MakeChangeRows(backend_->slabs().get(), sent->changes),
      [this, sent](const absl::StatusOr<exec::FragmentRows>& rows) { OnRows(*sent, rows); });
}

void ChangeRunner::OnRows(const Sent& sent, const absl::StatusOr<exec::FragmentRows>& rows) {
  if (done_ == nullptr) return;
  const auto self = shared_from_this();
  if (!rows.ok()) return Finish(DescribeFailure(sent, rows.status()));
  const absl::Status status = TakeRows(sent, *rows);
  if (!status.ok()) {
    return Finish(absl::InternalError(absl::StrCat(
        "worker ", sent.worker.value(), " gave a malformed result: ", status.message())));
  }
  if (!rows->is_end) return;
  windows_.Answered(sent.worker, sent.bytes);
  --waiting_;
  StepLater();
  EndHopOnceAnswered();
}

absl::Status ChangeRunner::TakeRows(const Sent& sent, const exec::FragmentRows& rows) {
  for (const query::BatchRef& batch : rows.batches) {
    for (uint16_t row = 0; row < batch->row_count(); ++row) {
      ASSIGN_OR_RETURN(exec::ChangeOutput output, exec::ReadOutput(*batch, row));
      if (output.cause >= sent.origins.size()) {
        return absl::InvalidArgumentError("an answer to nothing");
      }
      const size_t origin = sent.origins[output.cause];
      if (output.is_made()) {
        TakeMade(origin, output.change);
        continue;
      }
      const std::optional<SlotId> slot = exec::SlotOf(output.change);
      if (!slot.has_value()) return absl::InvalidArgumentError("a follow-up has no owner");
      const NodeId worker = OwnerOfSlot(*slot, backend_->worker_count());
      next_hop_[worker].emplace(origin, std::move(output.change));
    }
  }
  return absl::OkStatus();
}

void ChangeRunner::TakeMade(size_t origin, const Change& made) {
  exec::CreatedElement& created = created_[origin];
  created.vertex = made.vertex;
  created.edge = made.edge;
  if (made.kind != ChangeKind::kCreateEdge) return;
  const auto type = backend_->names().Find(graph::NameKind::kType, changes_[origin].type);
  created.type = TypeId(type.value_or(0));
}

absl::Status ChangeRunner::OfOperation(const absl::Status& status, size_t index,
                                       std::string_view kind) const {
  if (!first_operation_.has_value()) return status;
  std::string prefix = absl::StrCat("operation ", *first_operation_ + index);
  if (!kind.empty()) absl::StrAppend(&prefix, " (", ToAbsl(kind), ")");
  return Annotate(status, prefix);
}

// The number of a row in a part means nothing to the client; that of its operation does.
absl::Status ChangeRunner::DescribeFailure(const Sent& sent, const absl::Status& status) const {
  const std::optional<exec::ChangeFailure> failure = exec::FailureOf(status);
  if (!failure.has_value()) return status;
  absl::Status described = NameConstraint(status, *backend_);
  if (failure->row < sent.changes.size()) {
    described = OfOperation(described, sent.origins[failure->row],
                            exec::KindName(sent.changes[failure->row].kind));
  }
  if (described.code() != absl::StatusCode::kResourceExhausted) return described;
  return Annotate(described, absl::StrCat("worker ", sent.worker.value()));
}

void ChangeRunner::EndHopOnceAnswered() {
  if (waiting_ > 0 || has_more_to_send()) return;
  if (next_hop_.empty()) return StartSegment();
  sending_.swap(next_hop_);
  first_hop_ = false;
  Step();
}

void ChangeRunner::Cancel() {
  if (done_ == nullptr) return;
  done_ = nullptr;
  calls_.reset();
  Drop();
}

void ChangeRunner::Drop() {
  if (changes_.size() <= kMaxDropAtOnceCount) return;
  backend_->Post([self = shared_from_this()] { self->DropSome(); });
}

void ChangeRunner::DropSome() {
  size_t units = kDropPerStep;
  for (; units > 0 && !changes_.empty(); changes_.pop_back()) Take(1, &units);
  DropFront(&sending_, &units);
  DropFront(&next_hop_, &units);
  if (units == 0) backend_->Post([self = shared_from_this()] { self->DropSome(); });
}

void ChangeRunner::Finish(absl::Status status) {
  if (done_ == nullptr) return;
  const Done done = std::exchange(done_, nullptr);
  Drop();
  if (status.ok()) {
    done(std::move(created_));
  } else {
    done(std::move(status));
  }
}

}  // namespace tidemark::session
