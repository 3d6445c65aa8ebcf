// SPDX-License-Identifier: Apache-2.0
#include "session/worker_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "graph/index_key.h"
#include "graph/value_coding.h"
#include "tests/session/shard_backend.h"

namespace tidemark::session {
namespace {

class WorkerChangesTest : public testing::Test {
 protected:
  WorkerChangesTest() {
    backend_.InternNames({{graph::NameKind::kLabel, "L"},
                          {graph::NameKind::kType, "T"},
                          {graph::NameKind::kKey, "k"},
                          {graph::NameKind::kKey, "n"}},
                         [](const absl::Status&) {});
  }
  // Commits index 1, 2 ... over L.k in this state and returns the csn.
  Csn Define(uint32_t id, graph::IndexKind kind, graph::IndexState state) {
    graph::IndexDefinition definition;
    definition.id = IndexId(id);
    definition.kind = kind;
    definition.state = state;
    definition.label = LabelId(1);
    definition.keys = {KeyId(1)};
    definition.name = absl::StrCat("index_", id);
    backend_.Define(definition);
    return backend_.csn();
  }
  absl::StatusOr<std::vector<exec::Change>> Of(const exec::GraphChange& change) {
    return ToWorkerChanges(change, change.vertex.id, change.target.id, backend_);
  }

  ShardBackend backend_{2, 1};
};

TEST_F(WorkerChangesTest, ANewVertexGoesToItsUniqueKey) {
  exec::GraphChange create;
  create.kind = exec::GraphChangeKind::kCreateVertex;
  create.labels = {"L", "L"};
  create.properties = {{"k", graph::EncodeValue(graph::Value::Integer(5))}};
  EXPECT_FALSE(Of(create)->at(0).slot.has_value());
  Define(1, graph::IndexKind::kUnique, graph::IndexState::kBuilding);
  const exec::Change placed = Of(create)->at(0);
  EXPECT_TRUE(placed.slot.has_value());
  EXPECT_THAT(placed.labels, testing::ElementsAre(LabelId(1)));
  create.properties = {{"n", graph::EncodeValue(graph::Value::Integer(5))}};
  EXPECT_FALSE(Of(create)->at(0).slot.has_value());
}

TEST_F(WorkerChangesTest, WhatNobodyUsesNeedNotBeRemoved) {
  exec::GraphChange remove;
  remove.kind = exec::GraphChangeKind::kSetVertexProperties;
  remove.vertex.id = VertexId(SlotId(1), 1);
  remove.properties = {{"nobody", ""}, {"n", ""}};
  const auto changes = Of(remove);
  ASSERT_EQ(changes->size(), 1u);
  EXPECT_EQ(exec::UnpackProperties(changes->at(0).bytes)->size(), 1u);
  remove.properties = {{"nobody", ""}};
  EXPECT_TRUE(Of(remove)->empty());
  remove.vertex.id = VertexId();
  EXPECT_EQ(Of(remove).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(WorkerChangesTest, NamesThatAreWrittenAreMissing) {
  exec::GraphChange create;
  create.kind = exec::GraphChangeKind::kCreateVertex;
  create.labels = {"New", "L"};
  create.properties = {{"k", "\x81"}, {"m", "\x81"}, {"gone", ""}};
  std::vector<NameRequest> missing;
  CollectMissingNames(create, backend_.names(), &missing);
  ASSERT_EQ(missing.size(), 2u);
  EXPECT_EQ(missing[0].text, "New");
  EXPECT_EQ(missing[1].text, "m");
}

TEST_F(WorkerChangesTest, ABrokenConstraintIsNamedWithLabelKeyAndValue) {
  Define(1, graph::IndexKind::kUnique, graph::IndexState::kOnline);
  Define(2, graph::IndexKind::kExists, graph::IndexState::kOnline);
  exec::Change refused;
  refused.kind = exec::ChangeKind::kChangeKey;
  refused.vertex = VertexId(SlotId(1), 1);
  const auto named = [&](uint32_t index, const std::string& key) {
    refused.index = IndexId(index);
    refused.bytes = key;
    const absl::Status status = absl::AlreadyExistsError("vertex 5 has the same key already");
    return MessageOf(NameConstraint(exec::WithFailure(status, {0, refused}), backend_));
  };
  std::string key;
  ASSERT_TRUE(graph::AppendIndexKey(graph::Value::String("a"), &key).ok());
  EXPECT_EQ(named(1, key), "vertex 5 has the same key already: constraint index_1 (:L {k: \"a\"})");
  EXPECT_EQ(named(2, ""), "vertex 5 has the same key already: constraint index_2 (:L {k})");
  EXPECT_EQ(named(3, key), "a constraint that is being dropped was in the way; try again");
  EXPECT_EQ(MessageOf(NameConstraint(absl::NotFoundError("x"), backend_)), "x");
}

}  // namespace
}  // namespace tidemark::session
