// SPDX-License-Identifier: Apache-2.0
// Which indexes and constraints a write meets: those of its labels, by id, and no others.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/property_set.h"
#include "graph/value.h"
#include "graph/value_coding.h"
#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

using graph::IndexKind;
using graph::IndexState;

class IndexChoiceTest : public ShardTest {
 protected:
  void Set(uint32_t id, IndexKind kind, uint32_t label, IndexState state = IndexState::kOnline) {
    graph::IndexDefinition definition;
    definition.id = IndexId(id);
    definition.kind = kind;
    definition.state = state;
    definition.label = LabelId(label);
    definition.keys = {KeyId(1)};
    definition.name = std::to_string(id);
    const TxId tx = NextTx();
    shard_->AddSchemaChange(tx, definition);
    Commit(tx);
  }
  // The uniqueness constraints that a new vertex with a value must be asked for.
  std::vector<uint32_t> ClaimsOf(const std::vector<LabelId>& labels) {
    std::string properties;
    EXPECT_TRUE(graph::PackProperties({{KeyId(1), graph::EncodeValue(graph::Value::Integer(7))}},
                                      &properties)
                    .ok());
    const TxId tx = NextTx();
    std::vector<KeyChange> changes;
    EXPECT_TRUE(shard_->CreateVertex(Now(tx), {std::nullopt, labels, properties}, &changes).ok());
    shard_->Abort(tx);
    std::vector<uint32_t> ids;
    for (const KeyChange& change : changes) ids.push_back(change.index.value());
    return ids;
  }
  // The constraint that a new vertex without properties breaks, 0 when none.
  uint32_t BrokenBy(const std::vector<LabelId>& labels) {
    const TxId tx = NextTx();
    Vertex(Now(tx), labels);
    Validation validation;
    for (bool done = false; !done;) {
      int64_t units = 1;
      const absl::StatusOr<bool> result = shard_->ValidateBeforeCommit(tx, &validation, &units);
      done = !result.ok() || *result;
    }
    shard_->Abort(tx);
    return validation.broken.value();
  }
};

TEST_F(IndexChoiceTest, KeysAreThoseOfAllLabelsById) {
  Set(1, IndexKind::kUnique, 2);
  Set(2, IndexKind::kUnique, 1);
  Set(3, IndexKind::kLabelProperty, 1);
  Set(4, IndexKind::kUnique, 3);
  Set(5, IndexKind::kUnique, 2, IndexState::kBuilding);
  const LabelId one(1), two(2), four(4);
  EXPECT_EQ(ClaimsOf({one, two}), (std::vector<uint32_t>{1, 2, 5}));
  EXPECT_EQ(ClaimsOf({one}), (std::vector<uint32_t>{2}));
  EXPECT_EQ(ClaimsOf({four}), (std::vector<uint32_t>{}));
  const Csn before_drop = shard_->applied();
  Set(1, IndexKind::kUnique, 2, IndexState::kDropped);
  EXPECT_EQ(ClaimsOf({one, two}), (std::vector<uint32_t>{2, 5}));
  shard_->RollbackTo(before_drop);
  log_.pop_back();
  EXPECT_EQ(ClaimsOf({one, two}), (std::vector<uint32_t>{1, 2, 5}));
  Set(1, IndexKind::kUnique, 2, IndexState::kDropped);
  CollectAll();
  EXPECT_EQ(ClaimsOf({two}), (std::vector<uint32_t>{5}));
}

TEST_F(IndexChoiceTest, TheFirstRequirementOfTheLabelsIsBroken) {
  Set(1, IndexKind::kExists, 3);
  Set(2, IndexKind::kExists, 2);
  Set(3, IndexKind::kExists, 1);
  const LabelId one(1), two(2), four(4);
  EXPECT_EQ(BrokenBy({one, two}), 2u);
  EXPECT_EQ(BrokenBy({one}), 3u);
  EXPECT_EQ(BrokenBy({four}), 0u);
  Set(2, IndexKind::kExists, 2, IndexState::kDropped);
  EXPECT_EQ(BrokenBy({one, two}), 3u);
}

}  // namespace
}  // namespace tidemark::storage
