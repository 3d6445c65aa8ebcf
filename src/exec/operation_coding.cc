// SPDX-License-Identifier: Apache-2.0
#include "exec/operation_coding.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "exec/element_coding.h"
#include "exec/operation.h"
#include "exec/operation_fields.h"
#include "graph/index_key.h"
#include "graph/mutation.h"
#include "graph/property_set.h"

namespace tidemark::exec {
namespace {

// A range may end just above the longest key.
constexpr size_t kMaxKeyBytes = graph::kMaxIndexKeyBytes + 1;

bool ReadFlag(ByteReader* reader) {
  const uint8_t value = reader->Fixed8();
  if (value > 1) reader->Fail();
  return value == 1;
}

storage::Direction ReadDirection(ByteReader* reader) {
  const uint8_t value = reader->Fixed8();
  if (value < 1 || value > 3) {
    reader->Fail();
    return storage::Direction::kAny;
  }
  return static_cast<storage::Direction>(value);
}

std::optional<SlotId> ReadSlot(ByteReader* reader) {
  const uint32_t value = reader->Varint32();
  if (value > kSlotCount) reader->Fail();
  if (!reader->ok() || value == 0) return std::nullopt;
  return SlotId(static_cast<uint16_t>(value - 1));
}

void ReadIdFields(ByteReader* reader, uint32_t fields, Operation* out) {
  if ((fields & kVertexField) != 0) out->vertex = ReadElement<VertexId>(reader);
  if ((fields & kTargetField) != 0) out->target = ReadElement<VertexId>(reader);
  if ((fields & kEdgeField) != 0) out->edge = ReadElement<EdgeId>(reader);
  if ((fields & kLabelField) != 0) out->label = LabelId(reader->Varint32());
  if ((fields & kTypeField) != 0) out->type = ReadNonZero<TypeId>(reader);
  if ((fields & kKeyField) != 0) out->key = ReadNonZero<KeyId>(reader);
  if ((fields & kIndexField) != 0) out->index = ReadNonZero<IndexId>(reader);
  if ((fields & kSlotField) != 0) out->slot = ReadSlot(reader);
}

void ReadByteFields(ByteReader* reader, uint32_t fields, Operation* out) {
  if ((fields & (kPropertiesField | kValueField)) != 0) {
    out->bytes = ReadBounded(reader, graph::kMaxPropertySetBytes);
  }
  if ((fields & kIndexKeyField) != 0) out->bytes = ReadBounded(reader, kMaxKeyBytes);
  if ((fields & kLastKeyField) != 0) out->last_key = ReadBounded(reader, kMaxKeyBytes);
  if ((fields & kCursorField) != 0) out->cursor = ReadBounded(reader, kMaxCursorBytes);
}

// What is wrong with the fields, taken together; nullptr when nothing is.
const char* FindFault(const Operation& operation, uint32_t fields) {
  if ((fields & kPropertiesField) != 0 && !graph::ValidatePropertySet(operation.bytes).ok()) {
    return "malformed property set";
  }
  if ((fields & kValueField) != 0 && !operation.bytes.empty() &&
      !graph::ValidateProperty(operation.bytes).ok()) {
    return "malformed property value";
  }
  if (operation.kind == OperationKind::kSetLabel && operation.label == LabelId()) {
    return "label 0";
  }
  const bool names_edge = (fields & kEdgeField) != 0 && (fields & kVertexField) != 0;
  if (names_edge && operation.edge.slot() != operation.vertex.slot()) {
    return "the edge is not in its source's slot";
  }
  return nullptr;
}

}  // namespace

void AppendOperation(const Operation& operation, std::string* out) {
  CHECK(IsKind(static_cast<uint8_t>(operation.kind)))
      << "kind " << static_cast<int>(operation.kind);
  if (operation.slot.has_value()) CHECK_LT(operation.slot->value(), kSlotCount);
  const uint32_t fields = FieldsOf(operation.kind);
  AppendFixed8(out, static_cast<uint8_t>(operation.kind));
  if ((fields & kVertexField) != 0) AppendElement(out, operation.vertex);
  if ((fields & kTargetField) != 0) AppendElement(out, operation.target);
  if ((fields & kEdgeField) != 0) AppendElement(out, operation.edge);
  if ((fields & kLabelField) != 0) AppendVarint(out, operation.label.value());
  if ((fields & kTypeField) != 0) AppendVarint(out, operation.type.value());
  if ((fields & kKeyField) != 0) AppendVarint(out, operation.key.value());
  if ((fields & kIndexField) != 0) AppendVarint(out, operation.index.value());
  if ((fields & kSlotField) != 0) {
    AppendVarint(out, operation.slot.has_value() ? operation.slot->value() + 1u : 0);
  }
  if ((fields & kDetachField) != 0) AppendFixed8(out, operation.detach ? 1 : 0);
  if ((fields & kPresentField) != 0) AppendFixed8(out, operation.present ? 1 : 0);
  if ((fields & kIdsOnlyField) != 0) AppendFixed8(out, operation.ids_only ? 1 : 0);
  if ((fields & kDirectionField) != 0) {
    AppendFixed8(out, static_cast<uint8_t>(operation.direction));
  }
  if ((fields & kLabelsField) != 0) AppendIds(out, operation.labels);
  if ((fields & kTypesField) != 0) AppendIds(out, operation.types);
  if ((fields & (kPropertiesField | kValueField | kIndexKeyField)) != 0) {
    AppendBytes(out, operation.bytes);
  }
  if ((fields & kLastKeyField) != 0) AppendBytes(out, operation.last_key);
  if ((fields & kCursorField) != 0) AppendBytes(out, operation.cursor);
  if ((fields & kLimitField) != 0) AppendVarint(out, operation.limit);
  if ((fields & kMoreField) != 0) AppendFixed8(out, operation.more ? 1 : 0);
}

absl::Status ReadOperation(ByteReader* reader, Operation* out) {
  const uint8_t kind = reader->Fixed8();
  if (!reader->ok() || !IsKind(kind)) {
    return absl::InvalidArgumentError(absl::StrCat("unknown kind ", kind));
  }
  out->kind = static_cast<OperationKind>(kind);
  const uint32_t fields = FieldsOf(out->kind);
  ReadIdFields(reader, fields, out);
  if ((fields & kDetachField) != 0) out->detach = ReadFlag(reader);
  if ((fields & kPresentField) != 0) out->present = ReadFlag(reader);
  if ((fields & kIdsOnlyField) != 0) out->ids_only = ReadFlag(reader);
  if ((fields & kDirectionField) != 0) out->direction = ReadDirection(reader);
  if ((fields & kLabelsField) != 0) ReadIds(reader, graph::kMaxLabelCount, &out->labels);
  if ((fields & kTypesField) != 0) ReadIds(reader, kMaxTypeFilterCount, &out->types);
  ReadByteFields(reader, fields, out);
  if ((fields & kLimitField) != 0) out->limit = reader->Varint32();
  if ((fields & kMoreField) != 0) out->more = ReadFlag(reader);
  const char* fault = reader->ok() ? FindFault(*out, fields) : "malformed or beyond a limit";
  if (fault == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(ToAbsl(KindName(out->kind)), ": ", fault));
}

std::string EncodeBatch(absl::Span<const Operation> operations) {
  std::string out;
  AppendVarint(&out, operations.size());
  for (const Operation& operation : operations) AppendOperation(operation, &out);
  return out;
}

absl::Status BatchReader::Open() {
  if (size_bytes_ > kMaxBatchBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a batch of ", size_bytes_, " bytes; at most ",
                                                   kMaxBatchBytes, " are allowed, send several"));
  }
  count_ = reader_.Varint();
  if (!reader_.ok() || count_ > kMaxBatchOperationCount || count_ > reader_.remaining()) {
    return absl::InvalidArgumentError(absl::StrCat("a batch of ", count_, " operations; at most ",
                                                   kMaxBatchOperationCount,
                                                   " are allowed, send several"));
  }
  if (count_ == 0 && !reader_.done()) return absl::InvalidArgumentError("bytes behind the batch");
  return absl::OkStatus();
}

absl::Status BatchReader::Next(Operation* out) {
  CHECK_LT(next_, count_);
  RETURN_IF_ERROR(ReadOperation(&reader_, out));
  if (++next_ < count_ || reader_.done()) return absl::OkStatus();
  return absl::InvalidArgumentError("bytes behind the last operation");
}

absl::StatusOr<std::vector<Operation>> DecodeBatch(std::string_view bytes) {
  BatchReader reader(bytes);
  RETURN_IF_ERROR(reader.Open());
  std::vector<Operation> operations(reader.count());
  for (size_t i = 0; i < operations.size(); ++i) {
    const absl::Status status = reader.Next(&operations[i]);
    if (!status.ok()) return Annotate(status, absl::StrCat("operation ", i));
  }
  return operations;
}

}  // namespace tidemark::exec
