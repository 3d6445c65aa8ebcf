// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "catalog/names.h"
#include "catalog/schema.h"

namespace tidemark::catalog {
namespace {

using graph::IndexDefinition;
using graph::IndexKind;
using graph::IndexState;
using graph::NameKind;

TEST(NameTableTest, GivesDenseIdsPerKindAndRestoresThem) {
  NameTable names;
  EXPECT_EQ(names.Add(NameKind::kLabel, "User").value(), 1u);
  EXPECT_EQ(names.Add(NameKind::kLabel, "Post").value(), 2u);
  EXPECT_EQ(names.Add(NameKind::kKey, "User").value(), 1u);
  EXPECT_EQ(names.Find(NameKind::kLabel, "Post"), 2u);
  EXPECT_EQ(names.Find(NameKind::kType, "Post"), std::nullopt);
  EXPECT_EQ(names.Text(NameKind::kLabel, 2), "Post");
  NameTable restored;
  EXPECT_TRUE(restored.Restore(NameKind::kLabel, 1, "User").ok());
  EXPECT_EQ(restored.Restore(NameKind::kLabel, 3, "Post").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(restored.Restore(NameKind::kLabel, 2, "User").code(), absl::StatusCode::kDataLoss);
}

TEST(NameTableTest, RefusesBadNames) {
  NameTable names;
  EXPECT_FALSE(names.Add(NameKind::kLabel, "").ok());
  EXPECT_FALSE(names.Add(NameKind::kLabel, "\xc0\x80").ok());
  EXPECT_FALSE(names.Add(NameKind::kLabel, std::string_view("a\0b", 3)).ok());
  EXPECT_FALSE(names.Add(NameKind::kLabel, std::string(kMaxNameBytes + 1, 'a')).ok());
  EXPECT_TRUE(names.Add(NameKind::kLabel, "Größe 本").ok());
}

IndexDefinition Unique(uint32_t label, std::vector<KeyId> keys, std::string name) {
  IndexDefinition d;
  d.kind = IndexKind::kUnique;
  d.label = LabelId(label);
  d.keys = std::move(keys);
  d.name = std::move(name);
  return d;
}

TEST(SchemaTableTest, PlansAppliesAndForgets) {
  SchemaTable schema;
  IndexDefinition first = schema.Plan(Unique(1, {KeyId(1)}, ""), "made_up").value();
  EXPECT_EQ(first.id, IndexId(1));
  EXPECT_EQ(first.name, "made_up");
  schema.Apply(first);
  EXPECT_EQ(schema.Plan(Unique(1, {KeyId(1)}, "other"), "x").status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(schema.Plan(Unique(1, {KeyId(2)}, "made_up"), "x").status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(schema.FindForLookup(LabelId(1), {KeyId(1)}), nullptr);
  first.state = IndexState::kOnline;
  schema.Apply(first);
  ASSERT_NE(schema.FindForLookup(LabelId(1), {KeyId(1)}), nullptr);
  EXPECT_EQ(schema.UniqueOf(LabelId(1)).size(), 1u);
  first.state = IndexState::kDropped;
  schema.Apply(first);
  EXPECT_TRUE(schema.all().empty());
  EXPECT_EQ(schema.Plan(Unique(1, {KeyId(1)}, "n"), "x").value().id, IndexId(2));
}

TEST(SchemaTableTest, RefusesDefinitionsThatMakeNoSense) {
  SchemaTable schema;
  EXPECT_FALSE(schema.Plan(Unique(0, {KeyId(1)}, "n"), "x").ok());
  EXPECT_FALSE(schema.Plan(Unique(1, {}, "n"), "x").ok());
  EXPECT_FALSE(schema.Plan(Unique(1, {KeyId(1), KeyId(1)}, "n"), "x").ok());
  IndexDefinition type = Unique(1, {}, "n");
  type.kind = IndexKind::kEdgeType;
  EXPECT_FALSE(schema.Plan(type, "x").ok());
}

}  // namespace
}  // namespace tidemark::catalog
