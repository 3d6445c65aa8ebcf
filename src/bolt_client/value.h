// SPDX-License-Identifier: Apache-2.0
// What a server answers, as its client sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/value.h"

namespace tidemark::bolt_client {

struct Value;
struct Element;
using Entries = std::vector<std::pair<std::string, Value>>;

enum class Kind : uint8_t {
  kScalar,        // everything that contains no other value; null, too
  kList,          // items
  kMap,           // entries, in the order of the server
  kNode,          // element
  kRelationship,  // element
  kPath,          // items: nodes and relationships by turns
};

// One value of an answer: unlike graph::Value it has labels, types and properties of elements.
struct Value {
  Kind kind = Kind::kScalar;
  graph::Value scalar;
  std::vector<Value> items;
  Entries entries;
  std::shared_ptr<const Element> element;

  // Of a map: the value under `key`; null when there is none.
  const Value& Get(std::string_view key) const;
  // Of a scalar of that type, else empty or `otherwise`.
  std::string_view text() const;
  int64_t integer_or(int64_t otherwise) const;
};

// A node or a relationship.
struct Element {
  std::string id;                   // the id as text; of old servers the number
  std::vector<std::string> labels;  // of a relationship its one type
  Entries properties;
  std::string start_id;  // of a relationship, as the next one
  std::string end_id;
};

using Row = std::vector<Value>;

}  // namespace tidemark::bolt_client
