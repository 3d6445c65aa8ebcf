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
  AppendFixed8(&bytes, call.names != nullptr ? 1 : 0);
  if (call.names != nullptr) AppendNames(*call.names, &bytes);
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
  if (reader.Fixed8() != 0) {
    ASSIGN_OR_RETURN(call.names, ReadNames(&reader));
  }
  if (!reader.ok()) return malformed;
  ASSIGN_OR_RETURN(call.input, query::DecodeBatch(pool, reader.Raw(reader.remaining())));
  return call;
}

absl::StatusOr<FragmentRows> DecodeRows(query::SlabPool* pool, std::string_view bytes) {
  ByteReader reader(bytes);
  FragmentRows rows;
  rows.is_end = reader.Fixed8() != 0;
  while (reader.ok() && !reader.done()) {
    const std::string_view encoded = reader.Bytes();
    if (!reader.ok()) break;
    ASSIGN_OR_RETURN(query::BatchRef batch, query::DecodeBatch(pool, encoded));
    rows.batches.push_back(std::move(batch));
  }
  if (!reader.ok()) return absl::DataLossError("malformed rows of a fragment");
  return rows;
}

}  // namespace tidemark::exec
