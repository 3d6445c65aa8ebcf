// SPDX-License-Identifier: Apache-2.0
#include "import/table_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "import/import_options.h"

namespace tidemark::csv_import {
namespace {

using graph::ValueType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::vector<Column>> Parse(TableKind kind, const std::vector<std::string>& cells) {
  std::vector<CsvField> fields;
  for (const std::string& cell : cells) fields.push_back({cell, false});
  return ParseTableHeader(kind, fields);
}

TEST(TableHeaderTest, NodeColumns) {
  const auto columns = Parse(TableKind::kNodes, {"id:ID(Person)", "name", "age:int", ":LABEL",
                                                 "mails:string[]", "a:b:double", "x:IGNORE"});
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_EQ((*columns)[0].role, ColumnRole::kId);
  EXPECT_EQ((*columns)[0].name, "id");
  EXPECT_EQ((*columns)[0].group, "Person");
  EXPECT_EQ((*columns)[1].type, ValueType::kString);
  EXPECT_EQ((*columns)[2].type, ValueType::kInteger);
  EXPECT_EQ((*columns)[3].role, ColumnRole::kLabels);
  EXPECT_EQ((*columns)[3].name, "");
  EXPECT_TRUE((*columns)[4].is_list);
  EXPECT_EQ((*columns)[5].name, "a:b");
  EXPECT_EQ((*columns)[5].type, ValueType::kFloat);
  EXPECT_EQ((*columns)[6].role, ColumnRole::kIgnored);
}

TEST(TableHeaderTest, RelationshipColumns) {
  const auto columns =
      Parse(TableKind::kRelationships, {":START_ID(A)", ":END_ID", ":TYPE", "since:DateTime"});
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_EQ((*columns)[0].group, "A");
  EXPECT_EQ((*columns)[1].role, ColumnRole::kEndId);
  EXPECT_EQ((*columns)[1].group, "");
  EXPECT_EQ((*columns)[2].role, ColumnRole::kType);
  EXPECT_EQ((*columns)[3].type, ValueType::kDateTime);
}

TEST(TableHeaderTest, Options) {
  const auto columns =
      Parse(TableKind::kNodes, {"id:ID(P){id-type:int}", "t:datetime{timezone:+02:00}",
                                "z:datetime[]{ timezone : Europe/Stockholm }",
                                "p:point{crs:WGS-84}", "braces{in a name}"});
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_EQ((*columns)[0].group, "P");
  EXPECT_EQ((*columns)[0].has_integer_ids, true);
  EXPECT_EQ((*columns)[1].name, "t");
  EXPECT_EQ((*columns)[1].type, ValueType::kDateTime);
  EXPECT_EQ((*columns)[1].defaults.offset_seconds, 7200);
  EXPECT_TRUE((*columns)[2].is_list);
  EXPECT_EQ((*columns)[2].defaults.zone, "Europe/Stockholm");
  EXPECT_EQ((*columns)[3].defaults.crs, graph::Crs::kWgs84);
  EXPECT_EQ((*columns)[4].name, "braces{in a name}");
}

TEST(TableHeaderTest, WhatIsWrongIsNamed) {
  struct Case {
    TableKind kind;
    std::vector<std::string> cells;
    std::string message;
  };
  const Case cases[] = {
      {TableKind::kNodes, {"name"}, "no :ID column"},
      {TableKind::kNodes, {":ID", ":ID"}, "several :ID"},
      {TableKind::kNodes, {":ID{id-type:float}"}, "an id-type other than int and string"},
      {TableKind::kNodes, {":ID", "t:time{timezone:Europe/Oslo}"}, "an offset like +02:00"},
      {TableKind::kNodes, {":ID", "t:datetime{timezone:Mars}"}, "\"Mars\" is not a time zone"},
      {TableKind::kNodes, {":ID", "p:point{crs:mars}"}, "WGS-84 (4326)"},
      {TableKind::kNodes, {":ID", "n:int{timezone:Z}"}, "cannot have the option \"timezone\""},
      {TableKind::kNodes, {":ID", "n:int{x}"}, "cannot have the option \"x\""},
      {TableKind::kNodes, {":ID", "a", "a:int"}, "\"a\" of the header is there twice"},
      {TableKind::kNodes, {":ID", ""}, "has no name"},
      {TableKind::kNodes, {":ID", "a:number"}, "unknown type \"number\""},
      {TableKind::kNodes, {":ID", ":TYPE"}, "belongs to relationships"},
      {TableKind::kNodes, {":ID("}, "no well-formed group"},
      {TableKind::kNodes, {":ID()"}, "no well-formed group"},
      {TableKind::kNodes, {":ID", ":LABEL(A)"}, "cannot have a group"},
      {TableKind::kRelationships, {":START_ID"}, ":END_ID column"},
      {TableKind::kRelationships, {":START_ID", ":END_ID", ":ID"}, "belongs to nodes"},
  };
  for (const Case& c : cases) {
    const auto columns = Parse(c.kind, c.cells);
    EXPECT_EQ(columns.status().code(), absl::StatusCode::kInvalidArgument) << c.message;
    EXPECT_THAT(MessageOf(columns.status()), HasSubstr(c.message));
  }
}

TEST(ImportTableTest, NamesAndParts) {
  const auto nodes = ParseImportTable(TableKind::kNodes, "Person:Student=head.csv,a.csv");
  ASSERT_TRUE(nodes.ok());
  EXPECT_THAT(nodes->names, ElementsAre("Person", "Student"));
  EXPECT_THAT(nodes->paths, ElementsAre("head.csv", "a.csv"));
  const auto plain = ParseImportTable(TableKind::kRelationships, "a.csv");
  ASSERT_TRUE(plain.ok());
  EXPECT_THAT(plain->names, ElementsAre());
  EXPECT_THAT(ParseImportTable(TableKind::kRelationships, "KNOWS=a.csv")->names,
              ElementsAre("KNOWS"));
  for (const char* bad : {"", "A=", "=a.csv", "A::B=a.csv", "A=a.csv,"}) {
    EXPECT_EQ(ParseImportTable(TableKind::kNodes, bad).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

}  // namespace
}  // namespace tidemark::csv_import
