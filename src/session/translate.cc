// SPDX-License-Identifier: Apache-2.0
#include "session/translate.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"

namespace tidemark::session {
namespace {

using catalog::NameTable;
using exec::OperationKind;
using graph::NameKind;
using Kind = session::OperationKind;

void Want(const NameTable& names, NameKind kind, const std::string& text,
          std::vector<NameRequest>* missing) {
  if (!names.Find(kind, text).has_value()) missing->push_back({kind, text});
}

uint32_t IdOf(const NameTable& names, NameKind kind, const std::string& text) {
  const std::optional<uint32_t> id = names.Find(kind, text);
  CHECK(id.has_value()) << "name without id: " << text;
  return *id;
}

absl::Status CheckVertex(VertexId id) {
  if (id.valid()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no vertex ", id.value()));
}

absl::Status CheckEdge(EdgeId id) {
  if (id.valid()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no edge ", id.value()));
}

absl::StatusOr<std::string> Pack(const Operation& operation, const NameTable& names) {
  std::vector<std::pair<KeyId, std::string>> packed;
  packed.reserve(operation.properties.size());
  for (const NamedValue& property : operation.properties) {
    if (property.second.empty()) continue;
    packed.emplace_back(KeyId(IdOf(names, NameKind::kKey, property.first)), property.second);
  }
  std::string set;
  RETURN_IF_ERROR(graph::PackProperties(std::move(packed), &set));
  return set;
}

// The slot that the vertex's unique key asks for: the lowest constraint that it has a key of.
absl::StatusOr<std::optional<SlotId>> SlotByKey(const exec::Operation& vertex,
                                                const catalog::SchemaTable& schema) {
  const graph::IndexDefinition* lowest = nullptr;
  std::optional<SlotId> slot;
  for (LabelId label : vertex.labels) {
    for (const graph::IndexDefinition* unique : schema.UniqueOf(label)) {
      if (lowest != nullptr && lowest->id < unique->id) continue;
      ASSIGN_OR_RETURN(const std::optional<std::string> key,
                       graph::UniqueKeyOf(vertex.bytes, unique->keys));
      if (!key.has_value()) continue;
      lowest = unique;
      slot = graph::SlotOfIndexKey(unique->id, *key);
    }
  }
  return slot;
}

absl::StatusOr<Translated> CreateVertex(const Operation& operation, const Backend& backend) {
  exec::Operation out;
  out.kind = OperationKind::kCreateVertex;
  for (const std::string& label : operation.labels) {
    out.labels.push_back(LabelId(IdOf(backend.names(), NameKind::kLabel, label)));
  }
  std::sort(out.labels.begin(), out.labels.end());
  out.labels.erase(std::unique(out.labels.begin(), out.labels.end()), out.labels.end());
  ASSIGN_OR_RETURN(out.bytes, Pack(operation, backend.names()));
  ASSIGN_OR_RETURN(out.slot, SlotByKey(out, backend.schema()));
  return Translated{{std::move(out)}};
}

absl::StatusOr<Translated> CreateEdge(const Operation& operation, VertexId source, VertexId target,
                                      const Backend& backend) {
  RETURN_IF_ERROR(CheckVertex(source));
  RETURN_IF_ERROR(CheckVertex(target));
  if (operation.types.size() != 1) {
    return absl::InvalidArgumentError("an edge has exactly one type");
  }
  exec::Operation out;
  out.kind = OperationKind::kCreateEdge;
  out.vertex = source;
  out.target = target;
  out.type = TypeId(IdOf(backend.names(), NameKind::kType, operation.types[0]));
  ASSIGN_OR_RETURN(out.bytes, Pack(operation, backend.names()));
  return Translated{{std::move(out)}};
}

absl::StatusOr<Translated> SetProperties(const Operation& operation, VertexId vertex,
                                         const Backend& backend) {
  const bool of_vertex = operation.kind == Kind::kSetVertexProperties;
  RETURN_IF_ERROR(of_vertex ? CheckVertex(vertex) : CheckEdge(operation.edge));
  Translated result;
  for (const NamedValue& property : operation.properties) {
    const std::optional<uint32_t> key = backend.names().Find(NameKind::kKey, property.first);
    if (!key.has_value()) continue;  // only when it is removed and nobody has it
    exec::Operation out;
    out.kind = of_vertex ? OperationKind::kSetVertexProperty : OperationKind::kSetEdgeProperty;
    out.vertex = vertex;
    out.edge = operation.edge;
    out.key = KeyId(*key);
    out.bytes = property.second;
    out.more = of_vertex;
    result.operations.push_back(std::move(out));
  }
  if (!result.operations.empty()) result.operations.back().more = false;
  return result;
}

absl::StatusOr<Translated> SetLabels(const Operation& operation, VertexId vertex,
                                     const Backend& backend) {
  RETURN_IF_ERROR(CheckVertex(vertex));
  Translated result;
  const auto add = [&](const std::string& label, bool present) {
    const std::optional<uint32_t> id = backend.names().Find(NameKind::kLabel, label);
    if (!id.has_value()) return;
    exec::Operation out;
    out.kind = OperationKind::kSetLabel;
    out.vertex = vertex;
    out.label = LabelId(*id);
    out.present = present;
    result.operations.push_back(std::move(out));
  };
  for (const std::string& label : operation.labels) add(label, true);
  for (const std::string& label : operation.removed_labels) add(label, false);
  return result;
}

absl::Status CheckUsable(const graph::IndexDefinition& index, const catalog::SchemaTable& schema,
                         Csn read_csn) {
  if (index.kind == graph::IndexKind::kEdgeType || index.kind == graph::IndexKind::kExists) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", index.name, "\" is not an index of vertices by property"));
  }
  if (index.state != graph::IndexState::kOnline) {
    return absl::FailedPreconditionError(
        absl::StrCat("index \"", index.name, "\" is still being built"));
  }
  if (schema.IsUsable(index.id, read_csn)) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      "index \"", index.name, "\" came online after this transaction began, or is being ",
      "dropped; begin a new transaction"));
}

absl::StatusOr<const graph::IndexDefinition*> FindIndex(const Operation& operation,
                                                        const Backend& backend, Csn read_csn) {
  const catalog::SchemaTable& schema = backend.schema();
  const graph::IndexDefinition* found = nullptr;
  std::string wanted = absl::StrCat("index \"", operation.index_name, "\"");
  if (!operation.index_name.empty()) {
    found = schema.FindByName(operation.index_name);
  } else if (operation.labels.size() == 1) {
    wanted = absl::StrCat("index over label \"", operation.labels[0], "\" and these keys");
    const auto label = backend.names().Find(NameKind::kLabel, operation.labels[0]);
    std::vector<KeyId> keys;
    for (const std::string& key : operation.keys) {
      keys.push_back(KeyId(backend.names().Find(NameKind::kKey, key).value_or(0)));
    }
    if (label.has_value()) found = schema.FindForLookup(LabelId(*label), keys, read_csn);
  } else {
    return absl::InvalidArgumentError("a lookup names an index, or a label and keys");
  }
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no ", wanted, "; create it first"));
  }
  RETURN_IF_ERROR(CheckUsable(*found, schema, read_csn));
  return found;
}

absl::StatusOr<std::optional<graph::Value>> Bound(const std::string& encoded) {
  if (encoded.empty()) return std::optional<graph::Value>();
  ASSIGN_OR_RETURN(graph::Value value, graph::DecodeValue(encoded));
  return std::optional(std::move(value));
}

absl::StatusOr<std::optional<graph::IndexKeyRange>> KeyRange(const Operation& operation) {
  if (operation.lookup == LookupKind::kPrefix) {
    return std::optional(graph::IndexKeyPrefixRange(operation.prefix));
  }
  ASSIGN_OR_RETURN(const std::optional<graph::Value> first, Bound(operation.range_first));
  ASSIGN_OR_RETURN(const std::optional<graph::Value> last, Bound(operation.range_last));
  return graph::IndexKeyRangeBetween(first, last);
}

absl::StatusOr<Translated> EqualLookup(const Operation& operation,
                                       const graph::IndexDefinition& index) {
  if (operation.equal.size() != index.keys.size()) {
    return absl::InvalidArgumentError(absl::StrCat("index \"", index.name, "\" has ",
                                                   index.keys.size(), " keys, but ",
                                                   operation.equal.size(), " values are given"));
  }
  std::vector<graph::Value> values;
  for (const std::string& encoded : operation.equal) {
    ASSIGN_OR_RETURN(graph::Value value, graph::DecodeValue(encoded));
    values.push_back(std::move(value));
  }
  Translated result;
  exec::Operation out;
  out.index = index.id;
  if (index.kind == graph::IndexKind::kUnique) {
    result.then_get_vertex = true;
    out.kind = OperationKind::kFindKey;
    ASSIGN_OR_RETURN(std::vector<std::string> keys, graph::UniqueKeysEqualTo(values));
    for (std::string& key : keys) {
      out.bytes = std::move(key);
      result.operations.push_back(out);
    }
    return result;
  }
  ASSIGN_OR_RETURN(std::optional<std::string> key, graph::IndexKeyEqualTo(values));
  if (!key.has_value()) return result;
  result.every_worker = true;
  out.kind = OperationKind::kScanIndex;
  out.bytes = *std::move(key);
  out.last_key = out.bytes + '\0';
  result.operations.push_back(std::move(out));
  return result;
}

absl::StatusOr<Translated> Lookup(const Operation& operation, const Backend& backend,
                                  Csn read_csn) {
  ASSIGN_OR_RETURN(const graph::IndexDefinition* index, FindIndex(operation, backend, read_csn));
  if (operation.lookup == LookupKind::kEqual) return EqualLookup(operation, *index);
  if (index->kind == graph::IndexKind::kUnique) {
    return absl::InvalidArgumentError(
        absl::StrCat("uniqueness constraint \"", index->name,
                     "\" answers equality only; create a label property index for ranges"));
  }
  if (index->keys.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a range or prefix needs an index over one key; \"", index->name, "\" has ",
                     index->keys.size()));
  }
  ASSIGN_OR_RETURN(std::optional<graph::IndexKeyRange> range, KeyRange(operation));
  Translated result;
  if (!range.has_value()) return result;
  result.every_worker = true;
  exec::Operation out;
  out.index = index->id;
  out.kind = OperationKind::kScanIndex;
  std::tie(out.bytes, out.last_key) = *std::move(range);
  result.operations.push_back(std::move(out));
  return result;
}

absl::StatusOr<Translated> Scan(const Operation& operation, const Backend& backend) {
  exec::Operation out;
  out.ids_only = operation.ids_only;
  if (operation.kind == Kind::kScanLabel) {
    out.kind = OperationKind::kScanLabel;
    if (!operation.labels.empty() && !operation.labels[0].empty()) {
      const auto label = backend.names().Find(NameKind::kLabel, operation.labels[0]);
      if (!label.has_value()) return Translated{};
      out.label = LabelId(*label);
    }
  } else {
    out.kind = OperationKind::kScanType;
    if (operation.types.size() != 1) {
      return absl::InvalidArgumentError("a scan of edges names exactly one type");
    }
    const auto type = backend.names().Find(NameKind::kType, operation.types[0]);
    if (!type.has_value()) return Translated{};
    out.type = TypeId(*type);
  }
  Translated result;
  result.every_worker = true;
  result.operations.push_back(std::move(out));
  return result;
}

absl::StatusOr<Translated> Expand(const Operation& operation, VertexId vertex,
                                  const Backend& backend) {
  RETURN_IF_ERROR(CheckVertex(vertex));
  exec::Operation out;
  out.kind = OperationKind::kExpand;
  out.vertex = vertex;
  out.direction = operation.direction;
  out.cursor = operation.cursor;
  for (const std::string& name : operation.types) {
    const auto type = backend.names().Find(NameKind::kType, name);
    if (type.has_value()) out.types.push_back(TypeId(*type));
  }
  if (out.types.empty() && !operation.types.empty()) return Translated{};
  return Translated{{std::move(out)}};
}

// Operations on one element without further arguments.
absl::StatusOr<Translated> OnElement(const Operation& operation, VertexId vertex) {
  exec::Operation out;
  switch (operation.kind) {
    case Kind::kDeleteVertex:
      out.kind = OperationKind::kDeleteVertex;
      break;
    case Kind::kDeleteEdge:
      out.kind = OperationKind::kDeleteEdge;
      break;
    case Kind::kGetVertex:
      out.kind = OperationKind::kGetVertex;
      break;
    default:
      out.kind = OperationKind::kGetEdge;
  }
  const bool of_edge = operation.kind == Kind::kDeleteEdge || operation.kind == Kind::kGetEdge;
  RETURN_IF_ERROR(of_edge ? CheckEdge(operation.edge) : CheckVertex(vertex));
  out.vertex = vertex;
  out.edge = operation.edge;
  out.detach = operation.detach;
  return Translated{{std::move(out)}};
}

}  // namespace

void CollectMissingNames(const Operation& operation, const NameTable& names,
                         std::vector<NameRequest>* missing) {
  switch (operation.kind) {
    case Kind::kCreateVertex:
    case Kind::kCreateEdge:
    case Kind::kSetLabels:
      for (const std::string& label : operation.labels) {
        Want(names, NameKind::kLabel, label, missing);
      }
      for (const std::string& type : operation.types) {
        Want(names, NameKind::kType, type, missing);
      }
      [[fallthrough]];
    case Kind::kSetVertexProperties:
    case Kind::kSetEdgeProperties:
      for (const NamedValue& property : operation.properties) {
        if (!property.second.empty()) Want(names, NameKind::kKey, property.first, missing);
      }
      return;
    default:
      return;
  }
}

absl::StatusOr<Translated> Translate(const Operation& operation, VertexId vertex, VertexId target,
                                     const Backend& backend, Csn read_csn) {
  switch (operation.kind) {
    case Kind::kCreateVertex:
      return CreateVertex(operation, backend);
    case Kind::kCreateEdge:
      return CreateEdge(operation, vertex, target, backend);
    case Kind::kSetVertexProperties:
    case Kind::kSetEdgeProperties:
      return SetProperties(operation, vertex, backend);
    case Kind::kSetLabels:
      return SetLabels(operation, vertex, backend);
    case Kind::kLookup:
      return Lookup(operation, backend, read_csn);
    case Kind::kScanLabel:
    case Kind::kScanType:
      return Scan(operation, backend);
    case Kind::kExpand:
      return Expand(operation, vertex, backend);
    case Kind::kDeleteVertex:
    case Kind::kDeleteEdge:
    case Kind::kGetVertex:
    case Kind::kGetEdge:
      return OnElement(operation, vertex);
  }
  return absl::InvalidArgumentError("an operation is of a kind that this server does not know");
}

std::string DescribeConstraint(const graph::IndexDefinition& definition, const NameTable& names,
                               std::string_view key) {
  const std::vector<std::string> values = graph::IndexKeyTexts(key);
  std::string keys;
  for (size_t i = 0; i < definition.keys.size(); ++i) {
    if (i > 0) keys += ", ";
    keys += names.Text(NameKind::kKey, definition.keys[i].value());
    if (i < values.size()) keys += ": " + values[i];
  }
  return absl::StrCat(definition.name,
                      " (:", names.Text(NameKind::kLabel, definition.label.value()), " {", keys,
                      "})");
}

absl::Status NameConstraint(const absl::Status& status, std::string_view refused,
                            const Backend& backend) {
  if (status.ok() || refused.empty()) return status;
  const absl::StatusOr<std::vector<exec::Operation>> change = exec::DecodeBatch(refused);
  if (!change.ok() || change->size() != 1) return status;
  const graph::IndexDefinition* definition = backend.schema().FindById(change->front().index);
  if (definition == nullptr || backend.schema().IsRetired(definition->id)) {
    return absl::AbortedError("a constraint that is being dropped was in the way; try again");
  }
  return absl::Status(status.code(), absl::StrCat(status.message(), ": constraint ",
                                                  DescribeConstraint(*definition, backend.names(),
                                                                     change->front().bytes)));
}

std::string MakeUpIndexName(const graph::IndexDefinition& definition, const NameTable& names) {
  std::string name;
  switch (definition.kind) {
    case graph::IndexKind::kLabelProperty:
      name = "index";
      break;
    case graph::IndexKind::kEdgeType:
      name = "type";
      break;
    case graph::IndexKind::kUnique:
      name = "unique";
      break;
    case graph::IndexKind::kExists:
      name = "exists";
      break;
  }
  if (definition.label.value() != 0) {
    name += "_" + names.Text(NameKind::kLabel, definition.label.value());
  }
  if (definition.type.value() != 0) {
    name += "_" + names.Text(NameKind::kType, definition.type.value());
  }
  for (KeyId key : definition.keys) name += "_" + names.Text(NameKind::kKey, key.value());
  return name;
}

}  // namespace tidemark::session
