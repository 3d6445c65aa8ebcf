// SPDX-License-Identifier: Apache-2.0
#include "session/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "graph/index_key.h"
#include "graph/value_coding.h"
#include "tests/session/shard_backend.h"

namespace tidemark::session {
namespace {

using testing::HasSubstr;

class TranslateTest : public testing::Test {
 protected:
  TranslateTest() {
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
  static Operation LookupEqual(int64_t value) {
    Operation operation;
    operation.kind = OperationKind::kLookup;
    operation.labels = {"L"};
    operation.keys = {"k"};
    operation.equal = {graph::EncodeValue(graph::Value::Integer(value))};
    return operation;
  }
  absl::StatusOr<Translated> At(Csn read_csn, const Operation& operation) {
    return Translate(operation, operation.vertex.id, operation.target.id, backend_, read_csn);
  }

  ShardBackend backend_{2, 1};
};

TEST_F(TranslateTest, ALookupIsPlannedWithWhatWasOnlineAtItsReadCsn) {
  EXPECT_EQ(At(Csn(9), LookupEqual(1)).status().code(), absl::StatusCode::kNotFound);
  Define(1, graph::IndexKind::kLabelProperty, graph::IndexState::kBuilding);
  EXPECT_EQ(At(Csn(9), LookupEqual(1)).status().code(), absl::StatusCode::kFailedPrecondition);
  const Csn ordered = Define(1, graph::IndexKind::kLabelProperty, graph::IndexState::kOnline);
  const Csn before(ordered.value() - 1);
  const auto early = At(before, LookupEqual(1));
  EXPECT_EQ(early.status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(MessageOf(early.status()), HasSubstr("index \"index_1\" came online after"));
  ASSERT_TRUE(At(ordered, LookupEqual(1)).ok());

  Define(2, graph::IndexKind::kUnique, graph::IndexState::kBuilding);
  const Csn unique = Define(2, graph::IndexKind::kUnique, graph::IndexState::kOnline);
  EXPECT_EQ(At(ordered, LookupEqual(1))->operations[0].kind, exec::OperationKind::kScanIndex);
  EXPECT_EQ(At(unique, LookupEqual(1))->operations[0].kind, exec::OperationKind::kFindKey);
  Operation by_name = LookupEqual(1);
  by_name.index_name = "index_2";
  EXPECT_EQ(At(ordered, by_name).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(At(unique, by_name).ok());
}

TEST_F(TranslateTest, ALookupSaysWhatIsWrongWithIt) {
  Define(1, graph::IndexKind::kUnique, graph::IndexState::kOnline);
  Operation range = LookupEqual(1);
  range.lookup = LookupKind::kRange;
  range.range_first = graph::EncodeValue(graph::Value::Integer(1));
  EXPECT_THAT(MessageOf(At(Csn(9), range).status()), HasSubstr("answers equality only"));
  Operation two = LookupEqual(1);
  two.equal.push_back(two.equal[0]);
  EXPECT_THAT(MessageOf(At(Csn(9), two).status()), HasSubstr("has 1 keys, but 2 values are given"));
  Operation nothing = LookupEqual(1);
  nothing.equal = {graph::EncodeValue(graph::Value())};
  EXPECT_TRUE(At(Csn(9), nothing)->operations.empty()) << "null equals nothing";
  Operation unnamed = LookupEqual(1);
  unnamed.labels.clear();
  EXPECT_EQ(At(Csn(9), unnamed).status().code(), absl::StatusCode::kInvalidArgument);
  Define(2, graph::IndexKind::kExists, graph::IndexState::kOnline);
  Operation exists = LookupEqual(1);
  exists.index_name = "index_2";
  EXPECT_THAT(MessageOf(At(Csn(9), exists).status()), HasSubstr("not an index of vertices"));
}

TEST_F(TranslateTest, ANewVertexGoesToItsUniqueKey) {
  Operation create;
  create.kind = OperationKind::kCreateVertex;
  create.labels = {"L", "L"};
  create.properties = {{"k", graph::EncodeValue(graph::Value::Integer(5))}};
  EXPECT_FALSE(At(Csn(9), create)->operations[0].slot.has_value());
  Define(1, graph::IndexKind::kUnique, graph::IndexState::kBuilding);
  const exec::Operation placed = At(Csn(9), create)->operations[0];
  EXPECT_TRUE(placed.slot.has_value());
  EXPECT_THAT(placed.labels, testing::ElementsAre(LabelId(1)));
  create.properties = {{"n", graph::EncodeValue(graph::Value::Integer(5))}};
  EXPECT_FALSE(At(Csn(9), create)->operations[0].slot.has_value());
}

TEST_F(TranslateTest, WhatNobodyUsesIsNotThere) {
  Operation scan;
  scan.kind = OperationKind::kScanLabel;
  scan.labels = {"Nobody"};
  EXPECT_TRUE(At(Csn(9), scan)->operations.empty());
  scan.labels = {"L"};
  EXPECT_TRUE(At(Csn(9), scan)->every_worker);
  Operation remove;
  remove.kind = OperationKind::kSetVertexProperties;
  remove.vertex.id = VertexId(SlotId(1), 1);
  remove.properties = {{"nobody", ""}, {"n", ""}};
  EXPECT_EQ(At(Csn(9), remove)->operations.size(), 1u);
  remove.vertex.id = VertexId();
  EXPECT_EQ(At(Csn(9), remove).status().code(), absl::StatusCode::kNotFound);
  Operation edge;
  edge.kind = OperationKind::kCreateEdge;
  edge.vertex.id = edge.target.id = VertexId(SlotId(1), 1);
  EXPECT_EQ(At(Csn(9), edge).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TranslateTest, NamesThatAreWrittenAreMissing) {
  Operation create;
  create.kind = OperationKind::kCreateVertex;
  create.labels = {"New", "L"};
  create.properties = {{"k", "\x81"}, {"m", "\x81"}, {"gone", ""}};
  std::vector<NameRequest> missing;
  CollectMissingNames(create, backend_.names(), &missing);
  ASSERT_EQ(missing.size(), 2u);
  EXPECT_EQ(missing[0].text, "New");
  EXPECT_EQ(missing[1].text, "m");
  missing.clear();
  create.kind = OperationKind::kLookup;
  CollectMissingNames(create, backend_.names(), &missing);
  EXPECT_TRUE(missing.empty());
}

TEST_F(TranslateTest, ABrokenConstraintIsNamedWithLabelKeyAndValue) {
  Define(1, graph::IndexKind::kUnique, graph::IndexState::kOnline);
  Define(2, graph::IndexKind::kExists, graph::IndexState::kOnline);
  exec::Operation refused;
  refused.kind = exec::OperationKind::kChangeKey;
  refused.vertex = VertexId(SlotId(1), 1);
  const auto named = [&](uint32_t index, const std::string& key) {
    refused.index = IndexId(index);
    refused.bytes = key;
    return MessageOf(NameConstraint(absl::AlreadyExistsError("vertex 5 has the same key already"),
                                    exec::EncodeBatch({refused}), backend_));
  };
  std::string key;
  ASSERT_TRUE(graph::AppendIndexKey(graph::Value::String("a"), &key).ok());
  EXPECT_EQ(named(1, key), "vertex 5 has the same key already: constraint index_1 (:L {k: \"a\"})");
  EXPECT_EQ(named(2, ""), "vertex 5 has the same key already: constraint index_2 (:L {k})");
  EXPECT_EQ(named(3, key), "a constraint that is being dropped was in the way; try again");
  EXPECT_EQ(MessageOf(NameConstraint(absl::NotFoundError("x"), "", backend_)), "x");
}

}  // namespace
}  // namespace tidemark::session
