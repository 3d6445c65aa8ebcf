// SPDX-License-Identifier: Apache-2.0
#include "session/plan_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "base/check.h"

namespace tidemark::session {
namespace {

class PlanCacheTest : public ::testing::Test {
 protected:
  StatementContext At(uint64_t read_csn) const { return {&names_, &schema_, 3, Csn(read_csn)}; }

  std::shared_ptr<const PreparedStatement> Put(const std::string& text, uint64_t read_csn) {
    const auto prepared = Prepare(graph::Value::String(text), At(read_csn));
    CHECK(prepared.ok()) << prepared.status();
    cache_.Put(At(read_csn), *prepared);
    return *prepared;
  }

  // An index that readers at or above `csn` may use.
  void ApplyIndex(uint64_t csn) {
    graph::IndexDefinition index;
    index.id = IndexId(1);
    index.name = "by_k";
    index.kind = graph::IndexKind::kLabelProperty;
    index.label = LabelId(1);
    index.keys = {KeyId(1)};
    index.state = graph::IndexState::kOnline;
    schema_.Apply(index, Csn(csn));
  }

  catalog::NameTable names_;
  catalog::SchemaTable schema_;
  PlanCache cache_;
};

TEST_F(PlanCacheTest, GivesWhatWasPut) {
  EXPECT_EQ(cache_.Find("RETURN 1", At(5)), nullptr);
  const auto prepared = Put("RETURN 1", 5);
  EXPECT_EQ(cache_.Find("RETURN 1", At(9)), prepared);
  EXPECT_EQ(cache_.Find("RETURN 2", At(9)), nullptr);
}

TEST_F(PlanCacheTest, OtherStatisticsMakeAPlanOld) {
  Put("RETURN 1", 5);
  StatementContext counted = At(5);
  counted.statistics = std::make_shared<const query::Statistics>();
  EXPECT_EQ(cache_.Find("RETURN 1", counted), nullptr);
  cache_.Put(counted, *Prepare(graph::Value::String("RETURN 1"), counted));
  EXPECT_NE(cache_.Find("RETURN 1", counted), nullptr);
  counted.statistics = std::make_shared<const query::Statistics>();
  EXPECT_EQ(cache_.Find("RETURN 1", counted), nullptr);
}

TEST_F(PlanCacheTest, AChangeOfTheSchemaOrAnotherWorkerMakesAPlanOld) {
  ASSERT_TRUE(names_.Add(graph::NameKind::kLabel, "A").ok());
  ASSERT_TRUE(names_.Add(graph::NameKind::kKey, "k").ok());
  const std::string text = "MATCH (n:A {k: 1}) RETURN n.k";
  Put(text, 5);
  StatementContext fewer = At(5);
  fewer.worker_count = 1;
  EXPECT_EQ(cache_.Find(text, fewer), nullptr);
  EXPECT_NE(cache_.Find(text, At(5)), nullptr);
  ApplyIndex(6);
  EXPECT_EQ(cache_.Find(text, At(7)), nullptr);
  Put(text, 7);
  EXPECT_NE(cache_.Find(text, At(6)), nullptr);
  schema_.SetRetired(IndexId(1), true);
  EXPECT_EQ(cache_.Find(text, At(7)), nullptr);
  Put(text, 7);
  schema_.ReplaceWith(schema_);
  EXPECT_EQ(cache_.Find(text, At(7)), nullptr);
}

// Its plan may not use the index, and that of a later reader should.
TEST_F(PlanCacheTest, AReaderBelowAnIndexNeitherTakesNorGivesPlans) {
  ApplyIndex(6);
  Put("RETURN 1", 5);
  EXPECT_EQ(cache_.Find("RETURN 1", At(7)), nullptr);
  Put("RETURN 1", 7);
  EXPECT_NE(cache_.Find("RETURN 1", At(7)), nullptr);
  EXPECT_EQ(cache_.Find("RETURN 1", At(5)), nullptr);
}

TEST_F(PlanCacheTest, ANameThatAppearsMakesAPlanOldThatDidNotFindIt) {
  const std::string unknown = "MATCH (n:A) RETURN count(*)";
  Put(unknown, 5);
  Put("RETURN 1", 5);
  EXPECT_NE(cache_.Find(unknown, At(5)), nullptr);
  ASSERT_TRUE(names_.Add(graph::NameKind::kLabel, "A").ok());
  EXPECT_EQ(cache_.Find(unknown, At(5)), nullptr);
  EXPECT_NE(cache_.Find("RETURN 1", At(5)), nullptr);
}

TEST_F(PlanCacheTest, ACommandOfTheSchemaIsNotKept) {
  const std::string text = "CREATE INDEX by_k FOR (n:A) ON (n.k)";
  Put(text, 5);
  EXPECT_EQ(cache_.Find(text, At(5)), nullptr);
}

}  // namespace
}  // namespace tidemark::session
