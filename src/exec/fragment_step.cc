// SPDX-License-Identifier: Apache-2.0
#include "exec/fragment_step.h"

#include <utility>

#include "base/coding.h"
#include "base/status.h"
#include "graph/value_coding.h"
#include "query/batch/batch_coding.h"

namespace tidemark::exec {

namespace {

using graph::NameKind;

// The first byte of an answer.
constexpr uint8_t kIsEnd = 1;
constexpr uint8_t kHasFound = 2;
constexpr uint8_t kHasFigures = 4;
// What a call has.
constexpr uint8_t kHasNames = 1;
constexpr uint8_t kIsProfiled = 2;

// Ids are given from 1 on.
void AppendNames(const catalog::NameTable& names, std::string* out) {
  for (const NameKind kind : graph::kNameKinds) {
    AppendVarint(out, names.count(kind));
    for (uint32_t id = 1; id <= names.count(kind); ++id) AppendBytes(out, names.Text(kind, id));
  }
}

absl::StatusOr<std::shared_ptr<const catalog::NameTable>> ReadNames(ByteReader* reader) {
  auto names = std::make_shared<catalog::NameTable>();
  for (const NameKind kind : graph::kNameKinds) {
    const uint64_t count = reader->Varint();
    for (uint64_t i = 0; i < count; ++i) {
      const std::string_view text = reader->Bytes();
      if (!reader->ok()) return absl::DataLossError("malformed names in a call of a fragment");
      RETURN_IF_ERROR(names->Add(kind, text).status());
    }
  }
  return std::shared_ptr<const catalog::NameTable>(std::move(names));
}

}  // namespace

absl::StatusOr<std::string> EncodeCall(const FragmentCall& call) {
  std::string bytes;
  AppendBytes(&bytes, call.fragment);
  AppendVarint(&bytes, call.returned.size());
  for (const uint32_t slot : call.returned) AppendVarint(&bytes, slot);
  AppendBytes(&bytes, call.statement);
  AppendVarint(&bytes, call.parameters.size());
  for (const graph::Value& value : call.parameters) {
    RETURN_IF_ERROR(graph::CheckEncodable(value));
    AppendBytes(&bytes, graph::EncodeValue(value));
  }
  AppendSignedVarint(&bytes, call.transaction_micros);
  AppendSignedVarint(&bytes, call.statement_micros);
  AppendFixed64(&bytes, call.seed);
  AppendFixed8(&bytes,
               (call.names != nullptr ? kHasNames : 0) | (call.is_profiled ? kIsProfiled : 0));
  if (call.names != nullptr) AppendNames(*call.names, &bytes);
  AppendVarint(&bytes, call.found.size());
  for (const VertexId vertex : call.found) AppendFixed64(&bytes, vertex.value());
  RETURN_IF_ERROR(query::AppendBatch(*call.input, &bytes));
  return bytes;
}

absl::StatusOr<FragmentCall> DecodeCall(query::SlabPool* pool, std::string_view bytes) {
  const absl::Status malformed = absl::DataLossError("a malformed call of a fragment");
  ByteReader reader(bytes);
  FragmentCall call;
  call.fragment = reader.Bytes();
  const uint64_t returned_count = reader.Varint();
  if (returned_count > reader.remaining()) return malformed;
  for (uint64_t i = 0; i < returned_count; ++i) call.returned.push_back(reader.Varint32());
  call.statement = reader.Bytes();
  const uint64_t parameter_count = reader.Varint();
  if (parameter_count > reader.remaining()) return malformed;
  for (uint64_t i = 0; i < parameter_count; ++i) {
    const std::string_view encoded = reader.Bytes();
    if (!reader.ok()) return malformed;
    ASSIGN_OR_RETURN(graph::Value value, graph::DecodeValue(encoded));
    call.parameters.push_back(std::move(value));
  }
  call.transaction_micros = reader.SignedVarint();
  call.statement_micros = reader.SignedVarint();
  call.seed = reader.Fixed64();
  const uint8_t flags = reader.Fixed8();
  call.is_profiled = (flags & kIsProfiled) != 0;
  if ((flags & kHasNames) != 0) {
    ASSIGN_OR_RETURN(call.names, ReadNames(&reader));
  }
  const uint64_t found_count = reader.Varint();
  if (found_count > reader.remaining()) return malformed;
  for (uint64_t i = 0; i < found_count; ++i) call.found.emplace_back(reader.Fixed64());
  if (!reader.ok()) return malformed;
  ASSIGN_OR_RETURN(call.input, query::DecodeBatch(pool, reader.Raw(reader.remaining())));
  if (found_count != 0 && found_count != call.input->row_count()) return malformed;
  return call;
}

std::string EncodeHead(const FragmentHead& head) {
  std::string bytes;
  AppendFixed8(&bytes, (head.is_end ? kIsEnd : 0) | (head.found_elsewhere.empty() ? 0 : kHasFound) |
                           (head.figures.empty() ? 0 : kHasFigures));
  if (!head.found_elsewhere.empty()) AppendVarint(&bytes, head.found_elsewhere.size());
  for (const FoundVertex& found : head.found_elsewhere) {
    AppendVarint(&bytes, found.row);
    AppendFixed64(&bytes, found.vertex.value());
  }
  if (!head.figures.empty()) AppendVarint(&bytes, head.figures.size());
  for (const OperatorFigures& figures : head.figures) {
    AppendSignedVarint(&bytes, figures.rows);
    AppendSignedVarint(&bytes, figures.units);
    AppendSignedVarint(&bytes, figures.micros);
  }
  return bytes;
}

namespace {

absl::Status DecodeHead(ByteReader* reader, FragmentHead* head) {
  const uint8_t flags = reader->Fixed8();
  head->is_end = (flags & kIsEnd) != 0;
  const uint64_t found_count = (flags & kHasFound) != 0 ? reader->Varint() : 0;
  for (uint64_t i = 0; i < found_count && reader->ok(); ++i) {
    const uint32_t row = reader->Varint32();
    head->found_elsewhere.push_back({static_cast<uint16_t>(row), VertexId(reader->Fixed64())});
    if (row >= query::kMaxBatchRows) return absl::DataLossError("malformed rows of a fragment");
  }
  const uint64_t figure_count = (flags & kHasFigures) != 0 ? reader->Varint() : 0;
  for (uint64_t i = 0; i < figure_count && reader->ok(); ++i) {
    OperatorFigures& figures = head->figures.emplace_back();
    figures.rows = reader->SignedVarint();
    figures.units = reader->SignedVarint();
    figures.micros = reader->SignedVarint();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FragmentRows> DecodeRows(query::SlabPool* pool, std::string_view bytes) {
  ByteReader reader(bytes);
  FragmentRows rows;
  rows.received_bytes = bytes.size();
  RETURN_IF_ERROR(DecodeHead(&reader, &rows));
  size_t decoded_bytes = 0;
  while (reader.ok() && !reader.done()) {
    const std::string_view encoded = reader.Bytes();
    if (!reader.ok()) break;
    if (decoded_bytes > 0 && decoded_bytes + encoded.size() > kMaxDecodedAtOnceBytes) {
      decoded_bytes = kMaxDecodedAtOnceBytes;
      rows.packed.emplace_back(encoded);
      continue;
    }
    decoded_bytes += encoded.size();
    ASSIGN_OR_RETURN(query::BatchRef batch, query::DecodeBatch(pool, encoded));
    rows.batches.push_back(std::move(batch));
  }
  if (!reader.ok()) return absl::DataLossError("malformed rows of a fragment");
  return rows;
}

absl::Status Unpack(query::SlabPool* pool, FragmentRows* rows) {
  for (const std::string& encoded : rows->packed) {
    ASSIGN_OR_RETURN(query::BatchRef batch, query::DecodeBatch(pool, encoded));
    rows->batches.push_back(std::move(batch));
  }
  rows->packed.clear();
  return absl::OkStatus();
}

}  // namespace tidemark::exec
