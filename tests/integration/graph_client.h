// SPDX-License-Identifier: Apache-2.0
// Short ways to build batches of operations in tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "client/client.h"
#include "proto/api.pb.h"

namespace tidemark::integration {

inline void AddInteger(google::protobuf::RepeatedPtrField<api::Property>* properties,
                       const std::string& key, int64_t value) {
  api::Property* property = properties->Add();
  property->set_key(key);
  property->mutable_value()->set_integer(value);
}

// CREATE (:label {key: value})
inline api::CreateVertex* AddVertex(api::Run* run, const std::string& label, const std::string& key,
                                    int64_t value) {
  api::CreateVertex* vertex = run->add_operations()->mutable_create_vertex();
  vertex->add_labels(label);
  AddInteger(vertex->mutable_properties(), key, value);
  return vertex;
}

inline void AddEdge(api::Run* run, uint64_t source, uint64_t target, const std::string& type) {
  api::CreateEdge* edge = run->add_operations()->mutable_create_edge();
  edge->mutable_source()->set_id(source);
  edge->mutable_target()->set_id(target);
  edge->set_type(type);
}

inline void SetInteger(api::Run* run, uint64_t vertex, const std::string& key, int64_t value) {
  api::SetVertexProperties* set = run->add_operations()->mutable_set_vertex_properties();
  set->mutable_vertex()->set_id(vertex);
  AddInteger(set->mutable_properties(), key, value);
}

inline void AddGet(api::Run* run, uint64_t vertex) {
  run->add_operations()->mutable_get_vertex()->mutable_vertex()->set_id(vertex);
}

inline void AddLookup(api::Run* run, const std::string& label, const std::string& key,
                      int64_t value) {
  api::Lookup* lookup = run->add_operations()->mutable_lookup();
  lookup->set_label(label);
  lookup->add_keys(key);
  lookup->add_equal()->set_integer(value);
}

inline api::Index UniqueIndex(const std::string& label, const std::string& key) {
  api::Index index;
  index.set_kind(api::UNIQUE);
  index.set_label(label);
  index.add_keys(key);
  return index;
}

// The whole result of one read, over every page; an empty one, and a failed test, after an error.
inline api::OperationResult ReadAll(client::ClientSession* session, const api::Run& run) {
  const auto results = client::RunToEnd(session, run);
  EXPECT_TRUE(results.ok()) << results.status();
  return results.ok() ? results->front() : api::OperationResult();
}

// The integer property of a vertex; -1 when it has none.
inline int64_t IntegerOf(const api::Vertex& vertex, const std::string& key) {
  for (const api::Property& property : vertex.properties()) {
    if (property.key() == key) return property.value().integer();
  }
  return -1;
}

}  // namespace tidemark::integration
