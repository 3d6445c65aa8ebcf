// SPDX-License-Identifier: Apache-2.0
#include "graph/mutation.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "graph/edge_run.h"
#include "graph/index_definition.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_format.h"

namespace tidemark::graph {
namespace {

// Edges are written as source, sequence of the edge, target, type, sides.
void AppendEdge(const Mutation& m, std::string* out) {
  AppendEdgeRef(out, {m.edge, m.vertex, m.target, m.type});
  AppendFixed8(out, m.sides);
}

void ReadEdge(ByteReader* reader, Mutation* m) {
  const EdgeRef edge = ReadEdgeRef(reader);
  m->edge = edge.edge;
  m->vertex = edge.source;
  m->target = edge.target;
  m->type = edge.type;
  m->sides = reader->Fixed8();
}

void AppendVertex(const Mutation& m, std::string* out) {
  AppendElementId(out, m.vertex.slot(), m.vertex.sequence());
}

void AppendLabels(absl::Span<const LabelId> labels, std::string* out) {
  AppendVarint(out, labels.size());
  for (LabelId label : labels) AppendVarint(out, label.value());
}

void ReadLabels(ByteReader* reader, std::vector<LabelId>* labels) {
  labels->clear();
  const uint64_t count = reader->Varint();
  if (count > kMaxLabelCount || count > reader->remaining()) {
    reader->Fail();
    return;
  }
  for (uint64_t i = 0; i < count; ++i) labels->push_back(LabelId(reader->Varint32()));
}

bool IsEdgeEnds(const Mutation& m) {
  return IsValid(EdgeRef{m.edge, m.vertex, m.target, m.type}) && m.sides >= kOut &&
         m.sides <= kBoth;
}

const char* FindLabelFault(absl::Span<const LabelId> labels) {
  if (labels.size() > kMaxLabelCount) return "too many labels";
  LabelId previous;
  for (LabelId label : labels) {
    if (label <= previous) return "labels not in ascending order";
    previous = label;
  }
  return nullptr;
}

const char* FindPropertyFault(const Mutation& m) {
  if (m.key == KeyId()) return "key 0";
  if (m.bytes.empty() || ValidateProperty(m.bytes).ok()) return nullptr;
  return "malformed property value";
}

const char* FindSetFault(const Mutation& m) {
  return ValidatePropertySet(m.bytes).ok() ? nullptr : "malformed property set";
}

// Appends what follows the kind.
void AppendFields(const Mutation& m, std::string* out) {
  switch (m.kind) {
    case MutationKind::kCreateVertex:
      AppendVertex(m, out);
      AppendLabels(m.labels, out);
      return AppendBytes(out, m.bytes);
    case MutationKind::kDeleteVertex:
      return AppendVertex(m, out);
    case MutationKind::kAddLabel:
    case MutationKind::kRemoveLabel:
      AppendVertex(m, out);
      return AppendVarint(out, m.label.value());
    case MutationKind::kSetVertexProperty:
      AppendVertex(m, out);
      AppendVarint(out, m.key.value());
      return AppendBytes(out, m.bytes);
    case MutationKind::kCreateEdge:
      AppendEdge(m, out);
      return AppendBytes(out, m.bytes);
    case MutationKind::kDeleteEdge:
      return AppendEdge(m, out);
    case MutationKind::kSetEdgeProperty:
      AppendElementId(out, m.edge.slot(), m.edge.sequence());
      AppendVarint(out, m.key.value());
      return AppendBytes(out, m.bytes);
    case MutationKind::kClaimKey:
    case MutationKind::kReleaseKey:
      AppendVarint(out, m.index.value());
      AppendVertex(m, out);
      return AppendBytes(out, m.bytes);
    case MutationKind::kSchema:
      return AppendBytes(out, m.bytes);
    case MutationKind::kCreateEdges:
      AppendVertex(m, out);
      AppendVarint(out, m.type.value());
      AppendFixed8(out, m.sides);
      return AppendBytes(out, m.bytes);
    case MutationKind::kNextSequences:
      AppendVarint(out, m.slot.value());
      AppendVarint(out, m.next_vertex);
      return AppendVarint(out, m.next_edge);
  }
}

// False when the kind is unknown.
bool ReadFields(ByteReader* reader, std::vector<LabelId>* labels, Mutation* m) {
  switch (m->kind) {
    case MutationKind::kCreateVertex:
      m->vertex = ReadVertexId(reader);
      ReadLabels(reader, labels);
      m->labels = *labels;
      m->bytes = reader->Bytes();
      return true;
    case MutationKind::kDeleteVertex:
      m->vertex = ReadVertexId(reader);
      return true;
    case MutationKind::kAddLabel:
    case MutationKind::kRemoveLabel:
      m->vertex = ReadVertexId(reader);
      m->label = LabelId(reader->Varint32());
      return true;
    case MutationKind::kSetVertexProperty:
      m->vertex = ReadVertexId(reader);
      m->key = KeyId(reader->Varint32());
      m->bytes = reader->Bytes();
      return true;
    case MutationKind::kCreateEdge:
      ReadEdge(reader, m);
      m->bytes = reader->Bytes();
      return true;
    case MutationKind::kDeleteEdge:
      ReadEdge(reader, m);
      return true;
    case MutationKind::kSetEdgeProperty:
      m->edge = EdgeId(ReadVertexId(reader).value());
      m->key = KeyId(reader->Varint32());
      m->bytes = reader->Bytes();
      return true;
    case MutationKind::kClaimKey:
    case MutationKind::kReleaseKey:
      m->index = IndexId(reader->Varint32());
      m->vertex = ReadVertexId(reader);
      m->bytes = reader->Bytes();
      return true;
    case MutationKind::kSchema:
      m->bytes = reader->Bytes();
      return true;
    case MutationKind::kCreateEdges:
      m->vertex = ReadVertexId(reader);
      m->type = TypeId(reader->Varint32());
      m->sides = reader->Fixed8();
      m->bytes = reader->Bytes();
      return true;
    case MutationKind::kNextSequences: {
      const uint32_t slot = reader->Varint32();
      if (slot >= kSlotCount) reader->Fail();
      m->slot = SlotId(static_cast<uint16_t>(slot));
      m->next_vertex = reader->Varint32();
      m->next_edge = reader->Varint32();
      return true;
    }
  }
  return false;
}

}  // namespace

const char* FindFault(const Mutation& m) {
  switch (m.kind) {
    case MutationKind::kCreateVertex:
      if (!m.vertex.valid()) return "invalid vertex id";
      if (const char* fault = FindLabelFault(m.labels)) return fault;
      return FindSetFault(m);
    case MutationKind::kDeleteVertex:
      return m.vertex.valid() ? nullptr : "invalid vertex id";
    case MutationKind::kAddLabel:
    case MutationKind::kRemoveLabel:
      if (!m.vertex.valid()) return "invalid vertex id";
      return m.label != LabelId() ? nullptr : "label 0";
    case MutationKind::kSetVertexProperty:
      return m.vertex.valid() ? FindPropertyFault(m) : "invalid vertex id";
    case MutationKind::kCreateEdge:
      return IsEdgeEnds(m) ? FindSetFault(m) : "invalid ends of an edge";
    case MutationKind::kDeleteEdge:
      return IsEdgeEnds(m) ? nullptr : "invalid ends of an edge";
    case MutationKind::kSetEdgeProperty:
      return m.edge.valid() ? FindPropertyFault(m) : "invalid edge id";
    case MutationKind::kClaimKey:
    case MutationKind::kReleaseKey:
      if (m.index == IndexId() || !m.vertex.valid()) return "invalid index or vertex id";
      return !m.bytes.empty() && m.bytes.size() <= kMaxIndexKeyBytes
                 ? nullptr
                 : "index key too long or empty";
    case MutationKind::kSchema:
      return DecodeIndexDefinition(m.bytes).ok() ? nullptr : "malformed index definition";
    case MutationKind::kCreateEdges:
      return EdgeRun::FindFault(m);
    case MutationKind::kNextSequences:
      return m.slot.value() < kSlotCount ? nullptr : "invalid slot";
  }
  return "unknown kind";
}

void AppendMutation(const Mutation& mutation, std::string* out) {
  const char* fault = FindFault(mutation);
  CHECK(fault == nullptr) << "mutation of kind " << static_cast<int>(mutation.kind) << ": "
                          << fault;
  AppendFixed8(out, static_cast<uint8_t>(mutation.kind));
  AppendFields(mutation, out);
}

absl::StatusOr<bool> MutationReader::Next(Mutation* mutation) {
  if (reader_.done()) return false;
  const size_t offset = size_ - reader_.remaining();
  *mutation = Mutation();
  mutation->kind = static_cast<MutationKind>(reader_.Fixed8());
  const char* fault = "unknown kind";
  if (ReadFields(&reader_, &labels_, mutation)) {
    fault = reader_.ok() ? FindFault(*mutation) : "cut off, or an id is out of its range";
  }
  if (fault == nullptr) return true;
  reader_.Fail();
  return absl::DataLossError(absl::StrCat("malformed mutation of kind ",
                                          static_cast<int>(mutation->kind), " at byte ", offset,
                                          ": ", fault));
}

}  // namespace tidemark::graph
