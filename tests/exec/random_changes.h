// SPDX-License-Identifier: Apache-2.0
// Changes and outputs by chance, and their text.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exec/change.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "query/batch/batch.h"

namespace tidemark::exec {

inline constexpr ChangeKind kAllKinds[] = {
    ChangeKind::kCreateVertex,      ChangeKind::kDeleteVertex,
    ChangeKind::kSetLabel,          ChangeKind::kSetVertexProperties,
    ChangeKind::kCreateEdge,        ChangeKind::kDeleteEdge,
    ChangeKind::kSetEdgeProperties, ChangeKind::kLinkTarget,
    ChangeKind::kUnlinkTarget,      ChangeKind::kChangeKey,
    ChangeKind::kValidate,          ChangeKind::kTouchVertex,
    ChangeKind::kKeysLater};

// All fields that travel.
inline std::string Text(const Change& change) {
  const auto to_number = [](std::string* out, LabelId label) {
    absl::StrAppend(out, label.value());
  };
  std::string text(KindName(change.kind));
  const auto add = [&text](const char* name, uint64_t value) {
    if (value != 0) absl::StrAppend(&text, " ", name, "=", value);
  };
  const auto add_bytes = [&text](const char* name, const std::string& bytes) {
    if (!bytes.empty()) absl::StrAppend(&text, " ", name, "=", absl::BytesToHexString(bytes));
  };
  add("vertex", change.vertex.value());
  add("target", change.target.value());
  add("edge", change.edge.value());
  add("label", change.label.value());
  add("type", change.type.value());
  add("index", change.index.value());
  if (change.slot.has_value()) absl::StrAppend(&text, " slot=", change.slot->value());
  add("detach", change.detach ? 1 : 0);
  add("present", change.present ? 1 : 0);
  if (!change.labels.empty()) {
    absl::StrAppend(&text, " labels=", absl::StrJoin(change.labels, ",", to_number));
  }
  add_bytes("bytes", change.bytes);
  add_bytes("cursor", change.cursor);
  return text;
}

inline std::string Text(const ChangeOutput& output) {
  return absl::StrCat(output.cause, ": ", Text(output.change));
}

template <typename Items>
std::string TextOf(const Items& items) {
  std::string text;
  for (const auto& item : items) absl::StrAppend(&text, Text(item), "\n");
  return text;
}

// Threads: one.
class ChangeGenerator {
 public:
  explicit ChangeGenerator(uint64_t seed) : random_(seed) {}

  uint32_t Number(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }
  bool Coin() { return Number(2) == 0; }
  template <typename Id>
  Id Element() {
    return Id(SlotId(static_cast<uint16_t>(Number(kSlotCount))), 1 + Number(UINT32_MAX - 1));
  }
  std::string Bytes(uint32_t max_size) {
    std::string bytes(Number(max_size + 1), '\0');
    for (char& c : bytes) c = static_cast<char>(random_());
    return bytes;
  }
  std::string Value() {
    return graph::EncodeValue(graph::Value::Integer(int64_t{Number(100'000)}));
  }
  std::string PropertySet() {
    std::string set;
    for (uint32_t key = 1; key <= Number(4); ++key) {
      set = graph::WithProperty(set, KeyId(key), Value());
    }
    return set;
  }
  std::string Properties() {
    std::vector<std::string> values;
    for (uint32_t i = Number(4); i > 0; --i) values.push_back(Coin() ? Value() : "");
    std::vector<PropertyChange> properties;
    for (const std::string& value : values) {
      properties.emplace_back(KeyId(1 + Number(300)), value);
    }
    return PackProperties(properties);
  }

  // Elements that the kind does not need are there at times.
  Change RandomChange(ChangeKind kind) {
    Change change;
    change.kind = kind;
    change.vertex = Element<VertexId>();
    change.target = Element<VertexId>();
    change.edge = EdgeId(change.vertex.slot(), 1 + Number(1'000));
    change.detach = Coin();
    change.present = Coin();
    change.cursor = Bytes(12);
    SetNameAndBytes(&change);
    const bool needs_no_element = kind == ChangeKind::kCreateVertex ||
                                  kind == ChangeKind::kValidate || kind == ChangeKind::kKeysLater;
    if (needs_no_element && Coin()) {
      change.vertex = VertexId();
      change.target = VertexId();
      change.edge = EdgeId();
    }
    return change;
  }
  Change RandomChange() { return RandomChange(kAllKinds[Number(std::size(kAllKinds))]); }

  // Up to a whole batch; half of them of one kind.
  std::vector<Change> RandomChanges() {
    const size_t count = Number(10) == 0 ? query::kMaxBatchRows : 1 + Number(8);
    const bool has_one_kind = Coin();
    const ChangeKind kind = RandomChange().kind;
    std::vector<Change> changes;
    while (changes.size() < count) {
      changes.push_back(has_one_kind ? RandomChange(kind) : RandomChange());
      // Columns that are constant: all rows are one.
      if (has_one_kind && Number(4) == 0) changes.assign(count, Change(changes.back()));
    }
    return changes;
  }

  std::vector<ChangeOutput> RandomOutputs() {
    std::vector<ChangeOutput> outputs;
    for (uint32_t i = 1 + Number(8); i > 0; --i) {
      ChangeOutput& output = outputs.emplace_back();
      output.cause = Number(1'024);
      do {
        output.change = RandomChange();
      } while (output.is_made());
      if (Coin()) output.change = Made(Coin());
    }
    return outputs;
  }
  Change Made(bool is_vertex) {
    if (is_vertex) return {.kind = ChangeKind::kCreateVertex, .vertex = Element<VertexId>()};
    return {.kind = ChangeKind::kCreateEdge, .edge = Element<EdgeId>()};
  }

  // Flips a bit, cuts, drops or doubles a part.
  std::string Damage(std::string bytes) {
    const size_t at = Number(static_cast<uint32_t>(bytes.size()));
    switch (Number(4)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << Number(8)));
        return bytes;
      case 1:
        return bytes.substr(0, at);
      case 2:
        return bytes.erase(at, 1 + Number(3));
      default:
        return bytes.insert(at, bytes.substr(at, 1 + Number(5)));
    }
  }

 private:
  void SetNameAndBytes(Change* change) {
    switch (change->kind) {
      case ChangeKind::kCreateVertex:
        change->detach = change->present = false;
        change->cursor.clear();
        if (Coin()) change->slot = SlotId(static_cast<uint16_t>(Number(kSlotCount)));
        for (uint32_t i = Number(4); i > 0; --i) change->labels.push_back(LabelId(1 + Number(300)));
        change->bytes = PropertySet();
        break;
      case ChangeKind::kSetLabel:
        change->label = LabelId(1 + Number(300));
        break;
      case ChangeKind::kChangeKey:
        change->index = IndexId(1 + Number(300));
        change->bytes = Bytes(20);
        break;
      case ChangeKind::kCreateEdge:
        change->type = TypeId(1 + Number(UINT32_MAX));
        change->bytes = PropertySet();
        break;
      case ChangeKind::kLinkTarget:
      case ChangeKind::kUnlinkTarget:
        change->type = TypeId(1 + Number(300));
        break;
      case ChangeKind::kSetVertexProperties:
      case ChangeKind::kSetEdgeProperties:
        change->bytes = Properties();
        break;
      default:
        break;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace tidemark::exec
