// SPDX-License-Identifier: Apache-2.0
#include "durability/master_log/master_log_record.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "base/coding.h"
#include "base/status.h"
#include "durability/file_format.h"

namespace tidemark::durability {
namespace {

static_assert(std::variant_size_v<MasterLogRecord> == kMaxMasterLogRecordKind);

void AppendBody(const ClusterRecord& record, std::string* out) {
  AppendFixed64(out, record.id.high);
  AppendFixed64(out, record.id.low);
  AppendVarint(out, record.worker_count);
  AppendVarint(out, record.feature_level);
}
void AppendBody(const EpochRecord& record, std::string* out) {
  AppendVarint(out, record.epoch.value());
  AppendVarint(out, record.base.value());
}
void AppendBody(const MemberRecord& record, std::string* out) {
  AppendVarint(out, record.node.value());
}
void AppendBody(const NameRecord& record, std::string* out) {
  AppendFixed8(out, static_cast<uint8_t>(record.kind));
  AppendVarint(out, record.id);
  AppendBytes(out, record.text);
}
void AppendBody(const SchemaRecord& record, std::string* out) {
  AppendVarint(out, record.epoch.value());
  AppendVarint(out, record.csn.value());
  graph::AppendIndexDefinition(record.definition, out);
}
void AppendBody(const WatermarkRecord& record, std::string* out) {
  AppendVarint(out, record.epoch.value());
  AppendVarint(out, record.csn.value());
  AppendVarint(out, record.last.size());
  for (const WatermarkRecord::Last& last : record.last) {
    AppendVarint(out, last.node.value());
    AppendVarint(out, last.csn.value());
  }
}
void AppendBody(const SnapshotCompleteRecord& record, std::string* out) {
  AppendVarint(out, record.epoch.value());
  AppendVarint(out, record.csn.value());
  AppendVarint(out, record.parts.size());
  for (const SnapshotCompleteRecord::Part& part : record.parts) {
    AppendVarint(out, part.node.value());
    AppendFixed64(out, part.digest);
    AppendVarint(out, part.last_csn.value());
    AppendVarint(out, part.bytes);
    AppendVarint(out, part.vertices);
    AppendVarint(out, part.edges);
  }
}

void ReadBody(ByteReader* in, ClusterRecord* record) {
  record->id.high = in->Fixed64();
  record->id.low = in->Fixed64();
  record->worker_count = in->Varint32();
  record->feature_level = in->Varint32();
  if (record->id.IsZero() || record->worker_count == 0 || record->worker_count > kMaxWorkerCount) {
    in->Fail();
  }
}
void ReadBody(ByteReader* in, EpochRecord* record) {
  record->epoch = Epoch(in->Varint());
  record->base = Csn(in->Varint());
}
// A worker's id.
NodeId ReadNode(ByteReader* in) {
  const uint32_t value = in->Varint32();
  if (value == 0 || value > kMaxWorkerCount) in->Fail();
  return NodeId(value);
}
void ReadBody(ByteReader* in, MemberRecord* record) { record->node = ReadNode(in); }
void ReadBody(ByteReader* in, NameRecord* record) {
  const uint8_t kind = in->Fixed8();
  record->id = in->Varint32();
  record->text = std::string(in->Bytes());
  if (kind == 0 || kind > graph::kNameKindCount || record->id == 0) in->Fail();
  record->kind = static_cast<NameKind>(kind);
}
void ReadBody(ByteReader* in, SchemaRecord* record) {
  record->epoch = Epoch(in->Varint());
  record->csn = Csn(in->Varint());
  absl::StatusOr<graph::IndexDefinition> definition =
      graph::DecodeIndexDefinition(in->Raw(in->remaining()));
  if (!definition.ok()) {
    in->Fail();
    return;
  }
  record->definition = *std::move(definition);
}
void ReadBody(ByteReader* in, WatermarkRecord* record) {
  record->epoch = Epoch(in->Varint());
  record->csn = Csn(in->Varint());
  const uint64_t count = in->Varint();
  if (count > kMaxWorkerCount) in->Fail();
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    WatermarkRecord::Last last;
    last.node = ReadNode(in);
    last.csn = Csn(in->Varint());
    if (i > 0 && last.node <= record->last.back().node) in->Fail();
    if (last.csn > record->csn) in->Fail();
    record->last.push_back(last);
  }
}
void ReadBody(ByteReader* in, SnapshotCompleteRecord* record) {
  record->epoch = Epoch(in->Varint());
  record->csn = Csn(in->Varint());
  const uint64_t count = in->Varint();
  if (count > kMaxWorkerCount) in->Fail();
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    SnapshotCompleteRecord::Part part;
    part.node = ReadNode(in);
    part.digest = in->Fixed64();
    part.last_csn = Csn(in->Varint());
    part.bytes = in->Varint();
    part.vertices = in->Varint();
    part.edges = in->Varint();
    if (i > 0 && part.node <= record->parts.back().node) in->Fail();
    if (part.last_csn > record->csn) in->Fail();
    record->parts.push_back(part);
  }
}

template <typename T>
absl::StatusOr<MasterLogRecord> Decode(std::string_view body) {
  ByteReader in(body);
  T record;
  ReadBody(&in, &record);
  if (!in.ok() || !in.done()) return absl::DataLossError("malformed master log record");
  return MasterLogRecord(std::move(record));
}

std::string Text(const ClusterRecord& record) {
  return absl::StrCat("cluster ", record.id.ToString(), " workers=", record.worker_count,
                      " feature-level=", record.feature_level);
}
std::string Text(const EpochRecord& record) {
  return absl::StrCat("epoch ", record.epoch.value(), " base=", record.base.value());
}
std::string Text(const MemberRecord& record) {
  return absl::StrCat("member ", record.node.value());
}
std::string Text(const NameRecord& record) {
  constexpr const char* kKinds[] = {"", "label", "type", "key"};
  return absl::StrCat("name ", kKinds[static_cast<int>(record.kind)], " ", record.id, " \"",
                      absl::Utf8SafeCEscape(record.text), "\"");
}
std::string Text(const SchemaRecord& record) {
  const graph::IndexDefinition& index = record.definition;
  std::string keys;
  for (const KeyId key : index.keys) absl::StrAppend(&keys, keys.empty() ? "" : ",", key.value());
  return absl::StrCat("schema epoch=", record.epoch.value(), " csn=", record.csn.value(),
                      " index=", index.id.value(), " kind=", static_cast<int>(index.kind),
                      " state=", static_cast<int>(index.state), " label=", index.label.value(),
                      " type=", index.type.value(), " keys=", keys, " \"",
                      absl::Utf8SafeCEscape(index.name), "\"");
}
std::string Text(const WatermarkRecord& record) {
  std::string text =
      absl::StrCat("watermark ", record.csn.value(), " epoch=", record.epoch.value(), " last");
  for (const auto& last : record.last) {
    absl::StrAppend(&text, " ", last.node.value(), ":", last.csn.value());
  }
  return text;
}
std::string Text(const SnapshotCompleteRecord& record) {
  std::string text =
      absl::StrCat("snapshot-complete ", record.csn.value(), " epoch=", record.epoch.value());
  for (const auto& part : record.parts) {
    absl::StrAppend(&text, " ", part.node.value(),
                    ":{digest=", absl::Hex(part.digest, absl::kZeroPad16),
                    " last=", part.last_csn.value(), " bytes=", part.bytes,
                    " vertices=", part.vertices, " edges=", part.edges, "}");
  }
  return text;
}

}  // namespace

uint8_t KindOf(const MasterLogRecord& record) { return static_cast<uint8_t>(record.index() + 1); }

void AppendMasterLogRecord(const MasterLogRecord& record, std::string* out) {
  std::visit([out](const auto& value) { AppendBody(value, out); }, record);
}

absl::StatusOr<MasterLogRecord> DecodeMasterLogRecord(uint8_t kind, std::string_view body) {
  switch (kind) {
    case 1:
      return Decode<ClusterRecord>(body);
    case 2:
      return Decode<EpochRecord>(body);
    case 3:
      return Decode<MemberRecord>(body);
    case 4:
      return Decode<NameRecord>(body);
    case 5:
      return Decode<SchemaRecord>(body);
    case 6:
      return Decode<WatermarkRecord>(body);
    case 7:
      return Decode<SnapshotCompleteRecord>(body);
    default:
      return absl::DataLossError(absl::StrCat("unknown kind ", kind, " of master log record"));
  }
}

std::string DebugString(const MasterLogRecord& record) {
  return std::visit([](const auto& value) { return Text(value); }, record);
}

}  // namespace tidemark::durability
