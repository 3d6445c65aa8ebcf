// SPDX-License-Identifier: Apache-2.0
#include "graph/edge_run.h"

#include "graph/property_set.h"

namespace tidemark::graph {

const char* EdgeRun::FindFault(const Mutation& run) {
  if (!run.vertex.valid()) return "invalid vertex id";
  if (run.type == TypeId()) return "type 0";
  if (run.sides != kOut && run.sides != kIn) return "invalid side";
  ByteReader reader(run.bytes);
  const uint64_t size = reader.Varint();
  if (!reader.ok() || size == 0 || size > reader.remaining() / (kNeighbourBytes + kSequenceBytes)) {
    return "malformed number of edges";
  }
  for (uint64_t i = 0; i < size; ++i) {
    if (!VertexId(reader.Fixed64()).valid()) return "invalid neighbour";
  }
  for (uint64_t i = 0; i < size; ++i) {
    if (reader.Fixed32() == 0) return "invalid edge id";
  }
  for (uint64_t next = 0; !reader.done();) {
    const uint64_t i = reader.Varint();
    const std::string_view set = reader.Bytes();
    if (!reader.ok() || run.sides != kOut || i < next || i >= size || set.empty()) {
      return "malformed list of properties";
    }
    if (!ValidatePropertySet(set).ok()) return "malformed property set";
    next = i + 1;
  }
  return reader.ok() ? nullptr : "cut off";
}

void EdgeRunWriter::Begin(VertexId vertex, TypeId type, EdgeSides side) {
  CHECK(empty());
  run_.kind = MutationKind::kCreateEdges;
  run_.vertex = vertex;
  run_.type = type;
  run_.sides = side;
}

void EdgeRunWriter::Add(VertexId neighbour, uint32_t sequence, std::string_view properties) {
  if (!properties.empty()) {
    AppendVarint(&properties_, count_);
    AppendBytes(&properties_, properties);
  }
  AppendFixed64(&neighbours_, neighbour.value());
  AppendFixed32(&sequences_, sequence);
  ++count_;
}

void EdgeRunWriter::Finish(std::string* out) {
  if (empty()) return;
  body_.clear();
  AppendVarint(&body_, count_);
  body_.append(neighbours_);
  body_.append(sequences_);
  body_.append(properties_);
  run_.bytes = body_;
  AppendMutation(run_, out);
  count_ = 0;
  neighbours_.clear();
  sequences_.clear();
  properties_.clear();
}

}  // namespace tidemark::graph
