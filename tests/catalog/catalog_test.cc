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
  schema.Apply(first, Csn(7));
  EXPECT_EQ(schema.Plan(Unique(1, {KeyId(1)}, "other"), "x").status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(schema.Plan(Unique(1, {KeyId(2)}, "made_up"), "x").status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(schema.FindForLookup(LabelId(1), {KeyId(2)}, Csn(9)), nullptr);
  EXPECT_FALSE(schema.IsUsable(first.id, Csn(9)));
  first.state = IndexState::kOnline;
  schema.Apply(first, Csn(7));
  ASSERT_NE(schema.FindForLookup(LabelId(1), {KeyId(1)}, Csn(9)), nullptr);
  EXPECT_EQ(schema.UniqueOf(LabelId(1)).size(), 1u);
  first.state = IndexState::kDropped;
  schema.Apply(first, Csn(7));
  EXPECT_TRUE(schema.all().empty());
  EXPECT_EQ(schema.Plan(Unique(1, {KeyId(1)}, "n"), "x").value().id, IndexId(2));
}

TEST(SchemaTableTest, AReaderMayUseWhatWasOnlineAtItsCsn) {
  SchemaTable schema;
  IndexDefinition unique = schema.Plan(Unique(1, {KeyId(1)}, "unique"), "x").value();
  unique.state = IndexState::kOnline;
  schema.Apply(unique, Csn(7));
  IndexDefinition ordered = Unique(1, {KeyId(1)}, "ordered");
  ordered.kind = IndexKind::kLabelProperty;
  ordered = schema.Plan(ordered, "x").value();
  ordered.state = IndexState::kOnline;
  schema.Apply(ordered, Csn(4));
  const auto found = [&](uint64_t read_csn) {
    return schema.FindForLookup(LabelId(1), {KeyId(1)}, Csn(read_csn))->name;
  };
  EXPECT_FALSE(schema.IsUsable(unique.id, Csn(6)));
  EXPECT_TRUE(schema.IsUsable(unique.id, Csn(7)));
  EXPECT_EQ(found(7), "unique");
  EXPECT_EQ(found(6), "ordered");
  EXPECT_EQ(found(3), "unique") << "none is usable: one that is there";
  schema.SetRetired(unique.id, true);
  EXPECT_FALSE(schema.IsUsable(unique.id, Csn(8)));
  EXPECT_EQ(found(8), "ordered");
  EXPECT_TRUE(schema.IsUniqueKey(KeyId(1)) && schema.IsUniqueLabel(LabelId(1)));
  schema.SetRetired(unique.id, false);
  EXPECT_TRUE(schema.IsUsable(unique.id, Csn(7)));
  unique.state = IndexState::kDropped;
  schema.Apply(unique, Csn(9));
  EXPECT_FALSE(schema.IsUsable(unique.id, Csn(10)));
  EXPECT_FALSE(schema.IsUniqueKey(KeyId(1)) || schema.IsUniqueLabel(LabelId(1)));
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
