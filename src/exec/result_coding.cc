// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "exec/element_coding.h"
#include "exec/operation.h"
#include "exec/operation_coding.h"
#include "exec/operation_fields.h"
#include "graph/mutation.h"
#include "graph/property_set.h"

namespace tidemark::exec {
namespace {

// Rows of one result that a reader takes; a writer never gives more than kMaxRowCount.
constexpr size_t kMaxReadRowCount = 100'000;

uint8_t ResultFieldsOf(const OperationResult& result) {
  uint8_t fields = 0;
  if (result.vertex.valid()) fields |= kResultVertex;
  if (result.edge.valid()) fields |= kResultEdge;
  if (!result.vertices.empty()) fields |= kResultVertices;
  if (!result.edges.empty()) fields |= kResultEdges;
  if (!result.neighbours.empty()) fields |= kResultNeighbours;
  if (!result.cursor.empty()) fields |= kResultCursor;
  return fields;
}

void AppendRow(const VertexRow& row, std::string* out) {
  AppendElement(out, row.id);
  AppendIds(out, row.labels);
  AppendBytes(out, row.properties);
}
void AppendRow(const EdgeRow& row, std::string* out) {
  AppendElement(out, row.id);
  AppendElement(out, row.source);
  AppendElement(out, row.target);
  AppendVarint(out, row.type.value());
  AppendBytes(out, row.properties);
}
// The lowest bit of the last number is the direction.
void AppendRow(const NeighbourRow& row, std::string* out) {
  AppendElement(out, row.vertex);
  AppendElement(out, row.edge);
  AppendVarint(out, uint64_t{row.type.value()} << 1 | (row.outgoing ? 1 : 0));
}

std::string ReadProperties(ByteReader* reader) {
  std::string properties = ReadBounded(reader, graph::kMaxPropertySetBytes);
  if (!graph::ValidatePropertySet(properties).ok()) reader->Fail();
  return properties;
}

void ReadRow(ByteReader* reader, VertexRow* row) {
  row->id = ReadElement<VertexId>(reader);
  ReadIds(reader, graph::kMaxLabelCount, &row->labels);
  row->properties = ReadProperties(reader);
}
void ReadRow(ByteReader* reader, EdgeRow* row) {
  row->id = ReadElement<EdgeId>(reader);
  row->source = ReadElement<VertexId>(reader);
  row->target = ReadElement<VertexId>(reader);
  row->type = ReadNonZero<TypeId>(reader);
  row->properties = ReadProperties(reader);
}
void ReadRow(ByteReader* reader, NeighbourRow* row) {
  row->vertex = ReadElement<VertexId>(reader);
  row->edge = ReadElement<EdgeId>(reader);
  const uint64_t type = reader->Varint();
  if (type >> 1 == 0 || type >> 1 > UINT32_MAX) reader->Fail();
  row->type = TypeId(static_cast<uint32_t>(type >> 1));
  row->outgoing = (type & 1) != 0;
}

template <typename Row>
void AppendRows(const std::vector<Row>& rows, std::string* out) {
  AppendVarint(out, rows.size());
  for (const Row& row : rows) AppendRow(row, out);
}
template <typename Row>
void ReadRows(ByteReader* reader, std::vector<Row>* rows) {
  const uint64_t count = reader->Varint();
  if (count == 0 || count > kMaxReadRowCount || count > reader->remaining()) {
    reader->Fail();
    return;
  }
  for (uint64_t i = 0; i < count && reader->ok(); ++i) ReadRow(reader, &rows->emplace_back());
}

void ReadResult(ByteReader* reader, OperationResult* result) {
  const uint8_t fields = reader->Fixed8();
  if (fields > kAllResultFields) reader->Fail();
  if ((fields & kResultVertex) != 0) result->vertex = ReadElement<VertexId>(reader);
  if ((fields & kResultEdge) != 0) result->edge = ReadElement<EdgeId>(reader);
  if ((fields & kResultVertices) != 0) ReadRows(reader, &result->vertices);
  if ((fields & kResultEdges) != 0) ReadRows(reader, &result->edges);
  if ((fields & kResultNeighbours) != 0) ReadRows(reader, &result->neighbours);
  if ((fields & kResultCursor) != 0) {
    result->cursor = ReadBounded(reader, kMaxCursorBytes);
    if (result->cursor.empty()) reader->Fail();
  }
}

absl::Status Malformed(std::string_view what, uint64_t number) {
  return absl::InvalidArgumentError(
      absl::StrCat("batch result: malformed ", ToAbsl(what), " ", number));
}

}  // namespace

void BatchResultWriter::AddResult(const OperationResult& result) {
  CHECK_LT(result_count_, count_);
  std::string* out = &results_;
  const uint8_t fields = ResultFieldsOf(result);
  AppendFixed8(out, fields);
  if ((fields & kResultVertex) != 0) AppendElement(out, result.vertex);
  if ((fields & kResultEdge) != 0) AppendElement(out, result.edge);
  if ((fields & kResultVertices) != 0) AppendRows(result.vertices, out);
  if ((fields & kResultEdges) != 0) AppendRows(result.edges, out);
  if ((fields & kResultNeighbours) != 0) AppendRows(result.neighbours, out);
  if ((fields & kResultCursor) != 0) AppendBytes(out, result.cursor);
  ++result_count_;
}

void BatchResultWriter::AddFollowUp(size_t cause, const Operation& operation) {
  CHECK_LT(cause, count_);
  AppendVarint(&follow_ups_, cause);
  AppendOperation(operation, &follow_ups_);
  ++follow_up_count_;
}

std::string BatchResultWriter::Finish() {
  CHECK_EQ(result_count_, count_);
  AppendVarint(&results_, follow_up_count_);
  results_ += follow_ups_;
  return std::move(results_);
}

std::string EncodeBatchResult(const BatchResult& result) {
  BatchResultWriter writer(result.results.size());
  for (const OperationResult& one : result.results) writer.AddResult(one);
  for (const auto& [cause, operation] : result.follow_ups) writer.AddFollowUp(cause, operation);
  return writer.Finish();
}

absl::Status BatchResultReader::Open() {
  const uint64_t count = reader_.Varint();
  if (!reader_.ok() || count > kMaxBatchOperationCount || count > reader_.remaining()) {
    return Malformed("count of results", count);
  }
  result_count_ = count;
  return count == 0 ? OpenFollowUps() : absl::OkStatus();
}

absl::Status BatchResultReader::NextResult(OperationResult* out) {
  CHECK(has_result());
  ReadResult(&reader_, out);
  if (!reader_.ok()) return Malformed("result", next_result_);
  return ++next_result_ < result_count_ ? absl::OkStatus() : OpenFollowUps();
}

absl::Status BatchResultReader::OpenFollowUps() {
  const uint64_t count = reader_.Varint();
  if (!reader_.ok() || count > kMaxFollowUpCount || count > reader_.remaining()) {
    return Malformed("count of follow-ups", count);
  }
  follow_up_count_ = count;
  return count == 0 ? CheckEnd() : absl::OkStatus();
}

absl::Status BatchResultReader::NextFollowUp(FollowUp* out) {
  CHECK(!has_result() && has_follow_up());
  out->cause = reader_.Varint();
  if (!reader_.ok() || out->cause >= result_count_) {
    return Malformed("cause of follow-up", next_follow_up_);
  }
  const absl::Status status = ReadOperation(&reader_, &out->operation);
  if (!status.ok()) {
    return Annotate(status, absl::StrCat("batch result: follow-up ", next_follow_up_));
  }
  return ++next_follow_up_ < follow_up_count_ ? absl::OkStatus() : CheckEnd();
}

absl::Status BatchResultReader::CheckEnd() const {
  if (reader_.done()) return absl::OkStatus();
  return absl::InvalidArgumentError("batch result: bytes behind the end");
}

absl::StatusOr<BatchResult> DecodeBatchResult(std::string_view bytes) {
  BatchResultReader reader(bytes);
  RETURN_IF_ERROR(reader.Open());
  BatchResult batch;
  batch.results.resize(reader.result_count());
  for (OperationResult& result : batch.results) RETURN_IF_ERROR(reader.NextResult(&result));
  batch.follow_ups.resize(reader.follow_up_count());
  for (FollowUp& follow_up : batch.follow_ups) RETURN_IF_ERROR(reader.NextFollowUp(&follow_up));
  return batch;
}

}  // namespace tidemark::exec
