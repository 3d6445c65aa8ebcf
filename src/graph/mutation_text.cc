// SPDX-License-Identifier: Apache-2.0
// Mutations as text for people: `tidemark inspect`, failed tests, logs.
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/edge_run.h"
#include "graph/index_definition.h"
#include "graph/mutation.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_text.h"

namespace tidemark::graph {
namespace {

constexpr size_t kMaxShownValueBytes = 100;
constexpr size_t kMaxShownEdges = 100;

template <typename Id>
std::string ShowId(Id id) {
  return absl::StrCat(id.slot().value(), ":", id.sequence());
}

std::string ShowValue(std::string_view encoded) {
  if (encoded.empty()) return "removed";
  const absl::StatusOr<Value> value = DecodeValue(encoded);
  return value.ok() ? ToText(*value, kMaxShownValueBytes) : "malformed";
}

// {1: "Ann", 4: 17}: keys are numbers here; the names are the catalog's.
std::string ShowProperties(std::string_view set) {
  if (!ValidatePropertySet(set).ok()) return "{malformed}";
  std::string out = "{";
  for (PropertyCursor property(set); property.valid(); property.Advance()) {
    absl::StrAppend(&out, out.size() > 1 ? ", " : "", property.key().value(), ": ",
                    ShowValue(property.encoded_value()));
  }
  return out + "}";
}

std::string ShowLabels(absl::Span<const LabelId> labels) {
  std::string out = "labels [";
  for (size_t i = 0; i < labels.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ", ", labels[i].value());
  }
  return out + "]";
}

std::string ShowEdge(const Mutation& m) {
  constexpr const char* kSides[] = {"?", "out", "in", "both"};
  return absl::StrCat(ShowId(m.edge), " (", ShowId(m.vertex), ")-[:", m.type.value(), "]->(",
                      ShowId(m.target), ") ", kSides[m.sides <= kBoth ? m.sides : 0]);
}

// 4:1 -[:2]-> [4095:9 edge 4:7 {1: "Ann"}, ...]
std::string ShowRun(const Mutation& m) {
  if (EdgeRun::FindFault(m) != nullptr) return "malformed";
  std::string out =
      absl::StrCat(ShowId(m.vertex), m.sides == kOut ? " -[:" : " <-[:", m.type.value(),
                   m.sides == kOut ? "]-> [" : "]- [");
  const EdgeRun run(m);
  size_t shown = 0;
  run.ForEachEdge([&](const Mutation& edge) {
    if (++shown > kMaxShownEdges) return;
    absl::StrAppend(&out, shown == 1 ? "" : ", ", ShowId(run.neighbour(shown - 1)), " edge ",
                    ShowId(edge.edge));
    if (!edge.bytes.empty()) absl::StrAppend(&out, " ", ShowProperties(edge.bytes));
  });
  if (run.size() > kMaxShownEdges) {
    absl::StrAppend(&out, " and ", run.size() - kMaxShownEdges, " more");
  }
  return out + "]";
}

std::string ShowKey(const Mutation& m) {
  const std::string_view shown = m.bytes.substr(0, kMaxShownValueBytes);
  return absl::StrCat("index ", m.index.value(), " key ", absl::BytesToHexString(ToAbsl(shown)),
                      shown.size() < m.bytes.size() ? "..." : "", " holder ", ShowId(m.vertex));
}

std::string ShowDefinition(std::string_view bytes) {
  constexpr const char* kKinds[] = {"?", "label+property", "edge-type", "unique", "exists"};
  constexpr const char* kStates[] = {"?", "building", "online", "dropped"};
  const absl::StatusOr<IndexDefinition> index = DecodeIndexDefinition(bytes);
  if (!index.ok()) return "malformed";
  std::string out =
      absl::StrCat("index ", index->id.value(), " ", kKinds[static_cast<int>(index->kind)], " ",
                   kStates[static_cast<int>(index->state)], " label ", index->label.value(),
                   " type ", index->type.value(), " keys [");
  for (size_t i = 0; i < index->keys.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : ", ", index->keys[i].value());
  }
  return absl::StrCat(out, "] name ", ToText(Value::String(index->name), kMaxShownValueBytes));
}

}  // namespace

std::string DebugString(const Mutation& m) {
  switch (m.kind) {
    case MutationKind::kCreateVertex:
      return absl::StrCat("create-vertex ", ShowId(m.vertex), " ", ShowLabels(m.labels), " ",
                          ShowProperties(m.bytes));
    case MutationKind::kDeleteVertex:
      return absl::StrCat("delete-vertex ", ShowId(m.vertex));
    case MutationKind::kAddLabel:
      return absl::StrCat("add-label ", ShowId(m.vertex), " label ", m.label.value());
    case MutationKind::kRemoveLabel:
      return absl::StrCat("remove-label ", ShowId(m.vertex), " label ", m.label.value());
    case MutationKind::kSetVertexProperty:
      return absl::StrCat("set-vertex-property ", ShowId(m.vertex), " key ", m.key.value(), " ",
                          ShowValue(m.bytes));
    case MutationKind::kCreateEdge:
      return absl::StrCat("create-edge ", ShowEdge(m), " ", ShowProperties(m.bytes));
    case MutationKind::kDeleteEdge:
      return absl::StrCat("delete-edge ", ShowEdge(m));
    case MutationKind::kSetEdgeProperty:
      return absl::StrCat("set-edge-property ", ShowId(m.edge), " key ", m.key.value(), " ",
                          ShowValue(m.bytes));
    case MutationKind::kClaimKey:
      return absl::StrCat("claim-key ", ShowKey(m));
    case MutationKind::kReleaseKey:
      return absl::StrCat("release-key ", ShowKey(m));
    case MutationKind::kSchema:
      return absl::StrCat("schema ", ShowDefinition(m.bytes));
    case MutationKind::kCreateEdges:
      return absl::StrCat("create-edges ", ShowRun(m));
    case MutationKind::kNextSequences:
      return absl::StrCat("next-sequences slot ", m.slot.value(), " vertex ", m.next_vertex,
                          " edge ", m.next_edge);
  }
  return absl::StrCat("unknown mutation ", static_cast<int>(m.kind));
}

}  // namespace tidemark::graph
