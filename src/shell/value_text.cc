// SPDX-License-Identifier: Apache-2.0
#include "shell/value_text.h"

#include <cctype>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "graph/value_text.h"

namespace tidemark::shell {
namespace {

using bolt_client::Element;
using bolt_client::Entries;
using bolt_client::Kind;
using bolt_client::Value;

// Names with other characters than letters, digits and _ stand in backticks.
std::string NameText(const std::string& name) {
  bool plain = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    plain = plain && (std::isalnum(byte) != 0 || c == '_' || byte >= 0x80);
  }
  return plain ? name : absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`");
}

std::string EntriesText(const Entries& entries) {
  std::string text = "{";
  for (const auto& [name, value] : entries) {
    absl::StrAppend(&text, text.size() > 1 ? ", " : "", NameText(name), ": ", CypherText(value));
  }
  return text + "}";
}

std::string ElementText(const Element& element) {
  std::string text;
  for (const std::string& label : element.labels) absl::StrAppend(&text, ":", NameText(label));
  if (element.properties.empty()) return text;
  return absl::StrCat(text, text.empty() ? "" : " ", EntriesText(element.properties));
}

std::string PathText(const Value& path) {
  std::string text;
  for (size_t i = 0; i < path.items.size(); ++i) {
    const Value& item = path.items[i];
    const bool backwards = item.kind == Kind::kRelationship && i > 0 &&
                           item.element->start_id != path.items[i - 1].element->id;
    if (item.kind == Kind::kRelationship) {
      absl::StrAppend(&text, backwards ? "<-" : "-", CypherText(item), backwards ? "-" : "->");
    } else {
      absl::StrAppend(&text, CypherText(item));
    }
  }
  return text;
}

void WriteJsonEntries(const Entries& entries, cli::JsonWriter* json) {
  json->BeginObject();
  for (const auto& [name, value] : entries) {
    json->Key(name);
    WriteJson(value, json);
  }
  json->EndObject();
}

void WriteJsonElement(const Value& value, cli::JsonWriter* json) {
  const Element& element = *value.element;
  json->BeginObject();
  json->Key("id").String(element.id);
  if (value.kind == Kind::kNode) {
    json->Key("labels").BeginArray();
    for (const std::string& label : element.labels) json->String(label);
    json->EndArray();
  } else {
    json->Key("type").String(element.labels.empty() ? "" : element.labels[0]);
    json->Key("start").String(element.start_id);
    json->Key("end").String(element.end_id);
  }
  json->Key("properties");
  WriteJsonEntries(element.properties, json);
  json->EndObject();
}

void WriteJsonScalar(const graph::Value& value, cli::JsonWriter* json) {
  switch (value.type()) {
    case graph::ValueType::kNull:
      json->Number(std::nan(""));  // null
      return;
    case graph::ValueType::kBoolean:
      json->Boolean(value.boolean());
      return;
    case graph::ValueType::kInteger:
      json->Number(value.integer());
      return;
    case graph::ValueType::kFloat:
      if (std::isfinite(value.real())) {
        json->Number(value.real());
      } else {
        json->String(graph::FormatFloat(value.real()));
      }
      return;
    case graph::ValueType::kString:
      json->String(value.string());
      return;
    default:
      json->String(graph::ToText(value));
  }
}

}  // namespace

std::string CypherText(const Value& value) {
  switch (value.kind) {
    case Kind::kScalar:
      return graph::ToText(value.scalar);
    case Kind::kList: {
      std::string text = "[";
      for (const Value& item : value.items) {
        absl::StrAppend(&text, text.size() > 1 ? ", " : "", CypherText(item));
      }
      return text + "]";
    }
    case Kind::kMap:
      return EntriesText(value.entries);
    case Kind::kNode:
      return absl::StrCat("(", ElementText(*value.element), ")");
    case Kind::kRelationship:
      return absl::StrCat("[", ElementText(*value.element), "]");
    case Kind::kPath:
      return PathText(value);
  }
  return "";
}

void WriteJson(const Value& value, cli::JsonWriter* json) {
  switch (value.kind) {
    case Kind::kScalar:
      return WriteJsonScalar(value.scalar, json);
    case Kind::kMap:
      return WriteJsonEntries(value.entries, json);
    case Kind::kNode:
    case Kind::kRelationship:
      return WriteJsonElement(value, json);
    case Kind::kList:
    case Kind::kPath:
      json->BeginArray();
      for (const Value& item : value.items) WriteJson(item, json);
      json->EndArray();
  }
}

absl::StatusOr<graph::Value> AsParameter(const Value& value) {
  switch (value.kind) {
    case Kind::kScalar:
      return value.scalar;
    case Kind::kList: {
      std::vector<graph::Value> items;
      for (const Value& item : value.items) {
        ASSIGN_OR_RETURN(graph::Value part, AsParameter(item));
        items.push_back(std::move(part));
      }
      return graph::MakeList(std::move(items));
    }
    case Kind::kMap: {
      std::vector<graph::MapEntry> entries;
      for (const auto& [name, item] : value.entries) {
        ASSIGN_OR_RETURN(graph::Value part, AsParameter(item));
        entries.emplace_back(name, std::move(part));
      }
      return graph::MakeMap(std::move(entries));
    }
    default:
      return absl::InvalidArgumentError(
          "a parameter cannot be a node, a relationship or a path; take its properties");
  }
}

}  // namespace tidemark::shell
