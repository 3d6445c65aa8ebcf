// SPDX-License-Identifier: Apache-2.0
#include "session/typed_reads.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "session/scan_cursor.h"

namespace tidemark::session {
namespace {

using query::Batch;
using query::BatchRef;

// What a row takes beside its bytes.
constexpr size_t kRowBytes = 64;

size_t BytesOf(const std::vector<graph::Value>& row) {
  size_t bytes = 0;
  for (const graph::Value& value : row) {
    bytes += sizeof(graph::Value);
    if (value.type() == graph::ValueType::kBytes) bytes += value.bytes().size();
    if (value.type() == graph::ValueType::kString) bytes += value.string().size();
  }
  return bytes;
}

bool IsPage(ReadShape shape) {
  switch (shape) {
    case ReadShape::kVertex:
    case ReadShape::kEdge:
      return false;
    case ReadShape::kVertexPage:
    case ReadShape::kIdPage:
    case ReadShape::kEdgePage:
    case ReadShape::kNeighbourPage:
      break;
  }
  return true;
}

std::vector<LabelId> LabelsOf(const graph::Value& list) {
  std::vector<LabelId> labels;
  if (list.is_null()) return labels;
  labels.reserve(list.list().size());
  for (const graph::Value& label : list.list()) {
    labels.push_back(LabelId(static_cast<uint32_t>(label.integer())));
  }
  return labels;
}

absl::Status Malformed(NodeId worker) {
  return absl::InternalError(
      absl::StrCat("worker ", worker.value(), " gave a malformed result: rows of another shape"));
}

// Whether the batch has the columns of a shape, so that they can be read without further checks.
bool HasShape(const Batch& rows, ReadShape shape) {
  using Kinds = std::vector<query::ColumnKind>;
  constexpr auto kNumber = query::ColumnKind::kInteger;
  constexpr auto kVertex = query::ColumnKind::kVertex;
  constexpr auto kEdge = query::ColumnKind::kEdge;
  constexpr auto kValue = query::ColumnKind::kValue;
  static const auto* const kinds = new std::map<ReadShape, Kinds>{
      {ReadShape::kVertex, {kNumber, kVertex, kValue, kValue}},
      {ReadShape::kEdge, {kNumber, kEdge, kValue}},
      {ReadShape::kVertexPage, {kNumber, kValue, kVertex, kValue, kValue}},
      {ReadShape::kIdPage, {kNumber, kValue, kVertex}},
      {ReadShape::kEdgePage, {kNumber, kValue, kEdge, kValue}},
      {ReadShape::kNeighbourPage, {kNumber, kValue, kVertex, kEdge, query::ColumnKind::kBoolean}}};
  const Kinds& wanted = kinds->at(shape);
  if (rows.slot_count() != wanted.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const query::Column& column = rows.SlotColumn(i);
    if (column.kind() != wanted[i]) return false;
    if (column.kind() == kEdge && column.sources() == nullptr) return false;
  }
  return true;
}

bool IsBytes(const graph::Value& value) {
  return value.is_null() || value.type() == graph::ValueType::kBytes;
}

}  // namespace

TypedReads::TypedReads(const Batch& batch, size_t begin, size_t end,
                       std::function<void(absl::Status)> done)
    : batch_(batch),
      end_(end),
      next_(begin),
      done_(std::move(done)),
      calls_(std::in_place, batch.backend, batch.tx) {}

void TypedReads::Step() {
  const auto self = shared_from_this();  // whoever started it may let go when it is done
  stepping_ = false;
  if (done_ == nullptr) return;
  absl::Status status = PlanSome();
  if (!status.ok()) return Finish(std::move(status));
  SendSome();
  GoOn();
}

// Goes on with what is left, or ends.
void TypedReads::GoOn() {
  if (done_ == nullptr) return;
  if (next_ == end_ && queued_count_ == 0 && part_count_ == 0) return Finish(absl::OkStatus());
  StepLater();
}

void TypedReads::StepLater() {
  if (stepping_ || !can_send()) return;
  stepping_ = true;
  batch_.backend->Post([self = shared_from_this()] { self->Step(); });
}

bool TypedReads::can_send() const {
  if (next_ < end_ && queued_count_ <= kMaxPartOperationCount) return true;
  return std::any_of(queues_.begin(), queues_.end(), [this](const auto& entry) {
    return !entry.second.empty() && windows_.is_open(entry.first);
  });
}

absl::Status TypedReads::PlanSome() {
  if (queued_count_ > kMaxPartOperationCount) return absl::OkStatus();
  const size_t end = std::min(end_, next_ + kMaxPartOperationCount);
  for (; next_ < end; ++next_) {
    const Operation& operation = (*batch_.operations)[next_];
    const VertexRef& ref = operation.vertex;
    const VertexId vertex =
        ref.created_by < 0 ? ref.id : (*batch_.results)[static_cast<size_t>(ref.created_by)].vertex;
    absl::StatusOr<std::vector<PlannedRead>> reads =
        PlanRead(operation, vertex, *batch_.backend, batch_.read_csn);
    if (!reads.ok()) return Annotate(reads.status(), absl::StrCat("operation ", next_));
    for (PlannedRead& read : *reads) Queue(next_, std::move(read));
  }
  return absl::OkStatus();
}

// Reads by one plan go together, so equal plans must be one.
void TypedReads::Queue(size_t operation, PlannedRead read) {
  const std::string& bytes = read.plan->remote.encoded.bytes;
  const auto place = plans_.find(bytes);
  if (place == plans_.end()) {
    plans_.emplace(bytes, read.plan);
  } else {
    read.plan = place->second;
  }
  queues_[read.worker].push_back({operation, std::move(read)});
  ++queued_count_;
}

void TypedReads::SendSome() {
  std::vector<Part> parts;
  for (auto& [worker, queue] : queues_) {
    if (!queue.empty() && windows_.is_open(worker)) parts.push_back(TakeFront(worker, &queue));
  }
  for (Part& part : parts) {
    if (done_ == nullptr) return;
    Send(std::move(part));
  }
}

TypedReads::Part TypedReads::TakeFront(NodeId worker, std::deque<Queued>* queue) {
  Part part{.worker = worker, .plan = queue->front().read.plan};
  const size_t max_count = std::min(kMaxPartOperationCount, query::kMaxBatchRows);
  while (!queue->empty() && queue->front().read.plan == part.plan &&
         part.reads.size() < max_count && part.bytes < kMaxPartBytes) {
    part.bytes += BytesOf(queue->front().read.row);
    part.reads.push_back(std::move(queue->front()));
    queue->pop_front();
    --queued_count_;
  }
  return part;
}

BatchRef TypedReads::MakeInput(const Part& part) const {
  BatchRef input = query::Batch::Make(batch_.backend->slabs().get(), part.reads.size());
  input->set_row_count(part.reads.size());
  for (size_t slot = 0; slot < part.reads[0].read.row.size(); ++slot) {
    const bool is_vertex = part.reads[0].read.row[slot].type() == graph::ValueType::kVertex;
    query::Column* const column =
        input->AddColumn(is_vertex ? query::ColumnKind::kVertex : query::ColumnKind::kValue);
    for (size_t row = 0; row < part.reads.size(); ++row) {
      column->SetValue(row, part.reads[row].read.row[slot]);
    }
  }
  return input;
}

void TypedReads::Send(Part part) {
  windows_.Sent(part.worker, part.bytes);
  ++part_count_;
  const auto sent = std::make_shared<const Part>(std::move(part));
  calls_->Start(
      sent->worker, sent->plan->remote, MakeInput(*sent),
      [this, sent](const absl::StatusOr<exec::FragmentRows>& rows) { OnRows(*sent, rows); });
}

void TypedReads::OnRows(const Part& part, const absl::StatusOr<exec::FragmentRows>& rows) {
  if (done_ == nullptr) return;
  const auto self = shared_from_this();
  absl::Status status = rows.ok() ? TakeRows(part, *rows) : rows.status();
  if (!status.ok()) {
    return Finish(Annotate(status, absl::StrCat("operation ", part.reads[0].operation)));
  }
  if (!rows->is_end) return;
  windows_.Answered(part.worker, part.bytes);
  --part_count_;
  GoOn();
}

absl::Status TypedReads::TakeRows(const Part& part, const exec::FragmentRows& rows) {
  for (const exec::FoundVertex& found : rows.found_elsewhere) {
    if (found.row >= part.reads.size()) return Malformed(part.worker);
    Queue(part.reads[found.row].operation,
          ReadOfVertex(found.vertex, batch_.backend->worker_count()));
  }
  for (const BatchRef& batch : rows.batches) {
    if (!HasShape(*batch, part.plan->shape)) return Malformed(part.worker);
    for (uint16_t row = 0; row < batch->row_count(); ++row) {
      RETURN_IF_ERROR(TakeRow(part, *batch, row));
    }
  }
  return absl::OkStatus();
}

absl::Status TypedReads::TakeRow(const Part& part, const query::Batch& rows, uint16_t row) {
  const auto number = static_cast<uint64_t>(rows.CellAt(0, row).integer());
  if (number >= part.reads.size()) return Malformed(part.worker);
  const Queued& asked = part.reads[number];
  if (!IsPage(part.plan->shape)) return TakeElement(asked, part.plan->shape, rows, row);
  const graph::Value position = rows.ValueAt(1, row);
  if (!IsBytes(position)) return Malformed(part.worker);
  if (position.is_null()) return TakeElement(asked, part.plan->shape, rows, row);
  EndPage(part.worker, asked, std::string(position.bytes()));
  return absl::OkStatus();
}

// The columns of the shape, behind the number and the position of a page.
absl::Status TypedReads::TakeElement(const Queued& asked, ReadShape shape, const query::Batch& rows,
                                     uint16_t row) {
  OperationResult& result = (*batch_.results)[asked.operation];
  const size_t first = IsPage(shape) ? 2 : 1;
  const size_t last = rows.slot_count() - 1;
  const query::Cell element = rows.CellAt(first, row);
  if (element.type == graph::ValueType::kNull) return Malformed(asked.read.worker);
  size_t bytes = kRowBytes;
  switch (shape) {
    case ReadShape::kIdPage:
      result.vertices.push_back({VertexId(element.word), {}, {}});
      break;
    case ReadShape::kVertex:
    case ReadShape::kVertexPage: {
      const graph::Value properties = rows.ValueAt(last, row);
      if (!IsBytes(properties)) return Malformed(asked.read.worker);
      if (properties.is_null()) return absl::OkStatus();  // there is no such vertex
      result.vertices.push_back({VertexId(element.word), LabelsOf(rows.ValueAt(first + 1, row)),
                                 std::string(properties.bytes())});
      bytes += properties.bytes().size();
      break;
    }
    case ReadShape::kEdge:
    case ReadShape::kEdgePage: {
      const graph::EdgeRef edge = rows.ValueAt(first, row).edge();
      const graph::Value properties = rows.ValueAt(last, row);
      if (!IsBytes(properties) || properties.is_null()) return Malformed(asked.read.worker);
      result.edges.push_back(
          {edge.edge, edge.source, edge.target, edge.type, std::string(properties.bytes())});
      bytes += properties.bytes().size();
      break;
    }
    case ReadShape::kNeighbourPage: {
      if (rows.CellAt(first + 1, row).type == graph::ValueType::kNull) {
        return Malformed(asked.read.worker);
      }
      const graph::EdgeRef edge = rows.ValueAt(first + 1, row).edge();
      result.neighbours.push_back(
          {VertexId(element.word), edge.edge, edge.type, rows.ValueAt(last, row).boolean()});
      break;
    }
  }
  return batch_.room->Take(bytes);
}

// A scan visits the workers one after the other.
void TypedReads::EndPage(NodeId worker, const Queued& asked, std::string position) {
  const Operation& operation = (*batch_.operations)[asked.operation];
  OperationResult& result = (*batch_.results)[asked.operation];
  if (operation.kind == OperationKind::kExpand) {
    result.cursor = std::move(position);
    return;
  }
  if (!position.empty()) {
    result.cursor = EncodeScanCursor(worker, position);
    return;
  }
  if (worker.value() == batch_.backend->worker_count()) return;
  const size_t limit = RowLimitOf(operation);
  if (RowCount(result) >= limit) {
    result.cursor = EncodeScanCursor(worker.Next(), "");
    return;
  }
  PlannedRead next = asked.read;
  next.worker = worker.Next();
  next.row[0] = graph::Value::Bytes("");
  next.row[1] = graph::Value::Integer(static_cast<int64_t>(limit - RowCount(result)));
  Queue(asked.operation, std::move(next));
}

void TypedReads::Cancel() {
  done_ = nullptr;
  calls_.reset();
}

void TypedReads::Finish(absl::Status status) {
  const auto done = std::exchange(done_, nullptr);
  if (done != nullptr) done(std::move(status));
}

}  // namespace tidemark::session
