// SPDX-License-Identifier: Apache-2.0
#include "session/read_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "graph/index_key.h"
#include "graph/value_coding.h"
#include "tests/session/shard_backend.h"

namespace tidemark::session {
namespace {

using testing::HasSubstr;

class ReadPlanTest : public testing::Test {
 protected:
  ReadPlanTest() {
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
  absl::StatusOr<std::vector<PlannedRead>> At(Csn read_csn, const Operation& operation) {
    return PlanRead(operation, operation.vertex.id, backend_, read_csn);
  }

  ShardBackend backend_{2, 1};
};

TEST_F(ReadPlanTest, ALookupIsPlannedWithWhatWasOnlineAtItsReadCsn) {
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
  EXPECT_EQ(At(ordered, LookupEqual(1))->at(0).plan->shape, ReadShape::kVertexPage);
  EXPECT_EQ(At(unique, LookupEqual(1))->at(0).plan->shape, ReadShape::kVertex);
  Operation by_name = LookupEqual(1);
  by_name.index_name = "index_2";
  EXPECT_EQ(At(ordered, by_name).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(At(unique, by_name).ok());
}

TEST_F(ReadPlanTest, ALookupSaysWhatIsWrongWithIt) {
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
  EXPECT_TRUE(At(Csn(9), nothing)->empty()) << "null equals nothing";
  Operation unnamed = LookupEqual(1);
  unnamed.labels.clear();
  EXPECT_EQ(At(Csn(9), unnamed).status().code(), absl::StatusCode::kInvalidArgument);
  Define(2, graph::IndexKind::kExists, graph::IndexState::kOnline);
  Operation exists = LookupEqual(1);
  exists.index_name = "index_2";
  EXPECT_THAT(MessageOf(At(Csn(9), exists).status()), HasSubstr("not an index of vertices"));
}

TEST_F(ReadPlanTest, AKeyIsAskedForAtItsOwnerAlone) {
  Define(1, graph::IndexKind::kUnique, graph::IndexState::kOnline);
  for (int64_t value = 1; value < 50; ++value) {
    std::string key;
    ASSERT_TRUE(graph::AppendIndexKey(graph::Value::Integer(value), &key).ok());
    const SlotId slot = graph::SlotOfIndexKey(IndexId(1), key);
    const auto reads = At(Csn(9), LookupEqual(value));
    ASSERT_TRUE(reads.ok()) << reads.status();
    ASSERT_EQ(reads->size(), 1u);
    EXPECT_EQ(reads->front().worker, OwnerOfSlot(slot, 2)) << value;
  }
}

TEST_F(ReadPlanTest, WhatNobodyUsesIsNotThere) {
  Operation scan;
  scan.kind = OperationKind::kScanLabel;
  scan.labels = {"Nobody"};
  EXPECT_TRUE(At(Csn(9), scan)->empty());
  scan.labels = {"L"};
  ASSERT_EQ(At(Csn(9), scan)->size(), 1u);
  EXPECT_EQ(At(Csn(9), scan)->at(0).worker, NodeId(1)) << "the others follow page by page";
  Operation expand;
  expand.kind = OperationKind::kExpand;
  expand.vertex.id = VertexId(SlotId(1), 1);
  expand.types = {"Nobody"};
  EXPECT_TRUE(At(Csn(9), expand)->empty());
  expand.types = {"Nobody", "T"};
  EXPECT_EQ(At(Csn(9), expand)->size(), 1u);
}

TEST_F(ReadPlanTest, ACursorThatNobodyGaveIsRefused) {
  Operation scan;
  scan.kind = OperationKind::kScanLabel;
  for (const std::string cursor : {"\x03", "\x01\x80", "\x01xyz"}) {
    scan.cursor = cursor;
    EXPECT_EQ(At(Csn(9), scan).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tidemark::session
