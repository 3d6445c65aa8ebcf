// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/value_decoder.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt/limits.h"
#include "bolt/value_reader.h"

namespace tidemark::bolt_client {
namespace {

using bolt::PackItem;
using bolt::PackType;

absl::Status Malformed(std::string_view what) {
  return absl::DataLossError(absl::StrCat("the server sent ", ToAbsl(what)));
}

// An id as text, or the number that old servers send in its place.
absl::StatusOr<std::string> IdOf(const Value& value) {
  if (value.kind == Kind::kScalar && value.scalar.type() == graph::ValueType::kInteger) {
    return absl::StrCat(value.scalar.integer());
  }
  if (value.kind == Kind::kScalar && value.scalar.type() == graph::ValueType::kString) {
    return std::string(value.scalar.string());
  }
  return Malformed("an element without an id");
}

std::vector<std::string> LabelsOf(const Value& value) {
  std::vector<std::string> labels;
  if (value.kind == Kind::kScalar) labels.emplace_back(value.text());
  for (const Value& item : value.items) labels.emplace_back(item.text());
  return labels;
}

Value MakeElement(Kind kind, Element element) {
  Value value;
  value.kind = kind;
  value.element = std::make_shared<const Element>(std::move(element));
  return value;
}

// The relationship of a step of a path, which knows its ends.
Value Joined(const Value& relationship, const Value& from, const Value& to, bool forwards) {
  Element element = *relationship.element;
  element.start_id = (forwards ? from : to).element->id;
  element.end_id = (forwards ? to : from).element->id;
  return MakeElement(Kind::kRelationship, std::move(element));
}

bool AreAll(Kind kind, const std::vector<Value>& values) {
  for (const Value& value : values) {
    if (value.kind != kind) return false;
  }
  return true;
}

// `steps` are a number of a relationship, from 1 and negative against its direction, and a number
// of a node, from 0, by turns.
absl::StatusOr<Value> AssemblePath(const std::vector<Value>& nodes,
                                   const std::vector<Value>& relationships,
                                   const std::vector<Value>& steps) {
  if (nodes.empty() || steps.size() % 2 != 0 || !AreAll(Kind::kNode, nodes) ||
      !AreAll(Kind::kRelationship, relationships)) {
    return Malformed("a path without its nodes or relationships");
  }
  Value path;
  path.kind = Kind::kPath;
  path.items.push_back(nodes[0]);
  for (size_t i = 0; i < steps.size(); i += 2) {
    const int64_t edge = steps[i].integer_or(0);
    const int64_t node = steps[i + 1].integer_or(-1);
    const auto edge_count = static_cast<int64_t>(relationships.size());
    if (edge == 0 || edge > edge_count || edge < -edge_count || node < 0 ||
        node >= static_cast<int64_t>(nodes.size())) {
      return Malformed("a path with a step to nowhere");
    }
    const Value& to = nodes[static_cast<size_t>(node)];
    const Value& relationship = relationships[static_cast<size_t>(edge > 0 ? edge : -edge) - 1];
    path.items.push_back(Joined(relationship, path.items.back(), to, edge > 0));
    path.items.push_back(to);
  }
  return path;
}

}  // namespace

absl::StatusOr<Value> ValueDecoder::ReadValue(int depth) {
  if (depth > kMaxDepth) return Malformed("values that lie too deep inside one another");
  const size_t start = bytes_.size() - reader_.bytes_left();
  PackItem head;
  RETURN_IF_ERROR(reader_.Next(&head));
  Value value;
  switch (head.type) {
    case PackType::kList: {
      value.kind = Kind::kList;
      ASSIGN_OR_RETURN(value.items, ReadItems(head.count, depth + 1));
      return value;
    }
    case PackType::kMap: {
      value.kind = Kind::kMap;
      ASSIGN_OR_RETURN(value.entries, ReadEntries(head.count, depth + 1));
      return value;
    }
    case PackType::kStructure:
      if (head.tag == bolt::kPathTag) return ReadPath(head, depth + 1);
      if (head.tag == bolt::kNodeTag || head.tag == bolt::kRelationshipTag ||
          head.tag == bolt::kUnboundRelationshipTag) {
        return ReadElement(head, depth + 1);
      }
      return ReadScalar(start);
    default:
      return ReadScalar(start);
  }
}

absl::StatusOr<Value> ValueDecoder::ReadScalar(size_t start) {
  bolt::ValueReader scalars(bytes_.substr(start), forms_, bolt::kSessionLimits.decoded_bytes);
  Value value;
  ASSIGN_OR_RETURN(value.scalar, scalars.Read());
  reader_ = bolt::PackReader(bytes_.substr(bytes_.size() - scalars.encoded_bytes_left()));
  return value;
}

absl::StatusOr<std::vector<Value>> ValueDecoder::ReadItems(uint32_t count, int depth) {
  std::vector<Value> items;
  for (uint32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(Value item, ReadValue(depth));
    items.push_back(std::move(item));
  }
  return items;
}

absl::StatusOr<Entries> ValueDecoder::ReadEntries(uint32_t count, int depth) {
  Entries entries;
  for (uint32_t i = 0; i < count; ++i) {
    PackItem key;
    RETURN_IF_ERROR(reader_.Next(&key));
    if (key.type != PackType::kString) return Malformed("a map with a key that is no string");
    ASSIGN_OR_RETURN(Value value, ReadValue(depth));
    entries.emplace_back(std::string(key.text), std::move(value));
  }
  return entries;
}

// Fields: id, (start, end,) labels or type, properties, and since 5.0 the ids once more as texts.
absl::StatusOr<Value> ValueDecoder::ReadElement(const PackItem& head, int depth) {
  const size_t id_count = head.tag == bolt::kRelationshipTag ? 3 : 1;
  if (head.count != id_count + 2 + (forms_.element_ids ? id_count : 0)) {
    return Malformed("an element with other fields than those of its version");
  }
  ASSIGN_OR_RETURN(const std::vector<Value> fields, ReadItems(head.count, depth));
  const size_t ids = forms_.element_ids ? id_count + 2 : 0;
  Element element;
  ASSIGN_OR_RETURN(element.id, IdOf(fields[ids]));
  if (id_count == 3) {
    ASSIGN_OR_RETURN(element.start_id, IdOf(fields[ids + 1]));
    ASSIGN_OR_RETURN(element.end_id, IdOf(fields[ids + 2]));
  }
  element.labels = LabelsOf(fields[id_count]);
  element.properties = fields[id_count + 1].entries;
  return MakeElement(head.tag == bolt::kNodeTag ? Kind::kNode : Kind::kRelationship,
                     std::move(element));
}

absl::StatusOr<Value> ValueDecoder::ReadPath(const PackItem& head, int depth) {
  if (head.count != 3) return Malformed("a path with other fields than three");
  ASSIGN_OR_RETURN(const std::vector<Value> fields, ReadItems(head.count, depth));
  return AssemblePath(fields[0].items, fields[1].items, fields[2].items);
}

absl::StatusOr<Message> DecodeMessage(std::string_view bytes, bolt::ValueForms forms) {
  ValueDecoder decoder(bytes, forms);
  PackItem head;
  RETURN_IF_ERROR(decoder.ReadHead(&head));
  if (head.type != PackType::kStructure || head.count > 1) return Malformed("no message of Bolt");
  Message message{.tag = head.tag, .field = {}};
  if (head.count == 1) {
    ASSIGN_OR_RETURN(message.field, decoder.Read());
  }
  return message;
}

}  // namespace tidemark::bolt_client
