// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "shell/completion.h"
#include "shell/result_printer.h"
#include "shell/summary_text.h"
#include "shell/text_width.h"
#include "shell/value_text.h"

namespace tidemark::shell {
namespace {

using bolt_client::Element;
using bolt_client::Kind;
using bolt_client::Row;
using bolt_client::Value;
using testing::ElementsAre;

Value Scalar(graph::Value scalar) { return {.scalar = std::move(scalar)}; }
Value Text(std::string_view text) { return Scalar(graph::Value::String(text)); }
Value Number(int64_t number) { return Scalar(graph::Value::Integer(number)); }

Value Node(std::string id, std::string name) {
  return {.kind = Kind::kNode,
          .element = std::make_shared<Element>(
              Element{.id = std::move(id), .labels = {"A b"}, .properties = {{"n", Text(name)}}})};
}

Value Edge(std::string start, std::string end) {
  return {.kind = Kind::kRelationship,
          .element = std::make_shared<Element>(
              Element{.id = "9", .labels = {"T"}, .start_id = start, .end_id = end})};
}

std::string Printed(const PrinterOptions& options, std::vector<std::string> columns,
                    const std::vector<Row>& rows) {
  std::string text;
  const auto printer = MakePrinter(options, std::move(columns),
                                   [&text](std::string_view part) { text.append(part); });
  for (const Row& row : rows) printer->AddRow(row);
  printer->Finish();
  return text;
}

TEST(TextWidth, CountsColumnsOfATerminal) {
  EXPECT_EQ(TextWidth("abc"), 3u);
  EXPECT_EQ(TextWidth("grün"), 4u);
  EXPECT_EQ(TextWidth("gru\u0308n"), 4u) << "a mark joins the letter before it";
  EXPECT_EQ(TextWidth("漢字"), 4u);
  EXPECT_EQ(TextWidth("ｆ"), 2u);
  EXPECT_EQ(TextWidth("🙂"), 2u);
  EXPECT_EQ(TextWidth("한"), 2u);
  EXPECT_EQ(TextWidth("\u1112\u1161\u11ab"), 2u) << "the same syllable in parts";
  EXPECT_EQ(TextWidth("\xff"), 1u);
}

TEST(TextWidth, CutsBetweenCharacters) {
  EXPECT_EQ(BytesWithin("abc", 2), 2u);
  EXPECT_EQ(BytesWithin("漢字", 3), 3u);
  EXPECT_EQ(BytesWithin("漢字", 1), 3u) << "at least one";
  EXPECT_EQ(BytesWithin("u\u0308x", 1), 3u) << "with its mark";
}

TEST(Table, AlignsWideCharacters) {
  EXPECT_EQ(Printed({}, {"名前", "n"}, {{Text("漢字"), Number(7)}, {Text("Zoë"), Number(12)}}),
            "+--------+----+\n"
            "| 名前   | n  |\n"
            "+--------+----+\n"
            "| \"漢字\" |  7 |\n"
            "| \"Zoë\"  | 12 |\n"
            "+--------+----+\n");
}

TEST(Table, FitsTheTerminal) {
  EXPECT_EQ(Printed({.width = 16}, {"a", "b"}, {{Number(1), Text("abcdefghij")}}),
            "+---+----------+\n"
            "| a | b        |\n"
            "+---+----------+\n"
            "| 1 | \"abcdefg |\n"
            "|   | hij\"     |\n"
            "+---+----------+\n");
  EXPECT_THAT(FitWidths({3, 50, 60}, 43), ElementsAre(3, 20, 20));
  EXPECT_THAT(FitWidths({3, 50, 60}, 44), ElementsAre(3, 21, 20));
  EXPECT_THAT(FitWidths({5, 5}, 0), ElementsAre(1, 1));
}

TEST(Table, KeepsItsFrameOverManyRows) {
  std::vector<Row> rows(ResultPrinter::kSampleRows, {Number(1)});
  rows.push_back({Number(23)});
  const std::string text = Printed({}, {"a"}, rows);
  EXPECT_THAT(text, testing::HasSubstr("| 1 |\n| 2 |\n| 3 |\n+---+\n"));
}

TEST(Table, PrintsNothingWithoutColumns) { EXPECT_EQ(Printed({}, {}, {}), ""); }

TEST(Plain, HasALineForEachRow) {
  EXPECT_EQ(Printed({.format = "plain"}, {"a", "b"}, {{Number(1), Text("x\ny")}, {Number(2), {}}}),
            "a\tb\n1\t\"x\\ny\"\n2\tnull\n");
}

TEST(Csv, QuotesWhatItMust) {
  EXPECT_EQ(Printed({.format = "csv"}, {"a", "b,c"},
                    {{Text("x"), Text("say \"hi\",\nyou")}, {Scalar({}), Text("")}}),
            "a,\"b,c\"\nx,\"say \"\"hi\"\",\nyou\"\n,\"\"\n");
}

TEST(Json, HasAnObjectForEachRow) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Printed({.format = "json"}, {"n", "x"},
                    {{Node("4", "Ann"), Scalar(graph::Value::Float(infinity))},
                     {Edge("4", "5"), Scalar({})}}),
            "{\"n\":{\"id\":\"4\",\"labels\":[\"A b\"],\"properties\":{\"n\":\"Ann\"}},"
            "\"x\":\"Infinity\"}\n"
            "{\"n\":{\"id\":\"9\",\"type\":\"T\",\"start\":\"4\",\"end\":\"5\",\"properties\":{}},"
            "\"x\":null}\n");
}

TEST(CypherText, WritesElementsAndPaths) {
  EXPECT_EQ(CypherText(Node("4", "Ann")), "(:`A b` {n: \"Ann\"})");
  EXPECT_EQ(CypherText(Edge("4", "5")), "[:T]");
  const Value path{.kind = Kind::kPath,
                   .items = {Node("4", "Ann"), Edge("5", "4"), Node("5", "Bob")}};
  EXPECT_EQ(CypherText(path), "(:`A b` {n: \"Ann\"})<-[:T]-(:`A b` {n: \"Bob\"})");
  const Value list{.kind = Kind::kList, .items = {Number(1), Text("x")}};
  const Value map{.kind = Kind::kMap, .entries = {{"k", list}}};
  EXPECT_EQ(CypherText(map), "{k: [1, \"x\"]}");
}

TEST(AsParameter, RefusesElements) {
  const Value list{.kind = Kind::kList, .items = {Number(1), Text("x")}};
  const Value map{.kind = Kind::kMap, .entries = {{"k", list}}};
  const auto parameter = AsParameter(map);
  ASSERT_TRUE(parameter.ok());
  EXPECT_EQ(parameter->Get("k").list()[1].string(), "x");
  EXPECT_FALSE(AsParameter(Node("4", "Ann")).ok());
}

TEST(Completion, KnowsTheNamesOfTheGraph) {
  const GraphNames names{.labels = {"Person", "Place", "Größe"},
                         .types = {"KNOWS"},
                         .property_keys = {"name", "nation"},
                         .parameters = {"city"}};
  EXPECT_THAT(Complete("MATCH (n:P", names).words, ElementsAre("Person", "Place"));
  EXPECT_EQ(Complete("MATCH (n:Pe", names).CommonBeginning(), "Person");
  EXPECT_THAT(Complete("MATCH (n:Gr\u00f6", names).words, ElementsAre("Größe"));
  EXPECT_THAT(Complete("MATCH (n)-[:", names).words, ElementsAre("KNOWS"));
  EXPECT_THAT(Complete("RETURN n.na", names).words, ElementsAre("name", "nation"));
  EXPECT_EQ(Complete("RETURN n.na", names).CommonBeginning(), "na");
  EXPECT_THAT(Complete("RETURN $", names).words, ElementsAre("city"));
  EXPECT_THAT(Complete("unwi", names).words, ElementsAre("unwind"));
  EXPECT_THAT(Complete(":ro", names).words, ElementsAre(":rollback"));
  EXPECT_EQ(Complete(":ro", names).word_bytes, 3u);
}

Value MapOf(bolt_client::Entries entries) {
  return {.kind = Kind::kMap, .entries = std::move(entries)};
}

TEST(Plan, ShowsWhatEachWorkerDid) {
  const Value scan_worker = MapOf(
      {{"worker", Number(2)}, {"rows", Number(5)}, {"dbHits", Number(40)}, {"time", Number(7000)}});
  const Value asked_worker = MapOf({{"worker", Number(2)},
                                    {"requests", Number(1)},
                                    {"sentBytes", Number(300)},
                                    {"receivedBytes", Number(90)},
                                    {"dbHits", Number(41)},
                                    {"time", Number(8000)}});
  const auto node = [](std::string_view name, const Value& worker, std::vector<Value> children) {
    return MapOf({{"operatorType", Text(name)},
                  {"args", MapOf({{"Workers", {.kind = Kind::kList, .items = {worker}}}})},
                  {"children", {.kind = Kind::kList, .items = std::move(children)}},
                  {"rows", Number(5)},
                  {"dbHits", Number(3)},
                  {"time", Number(2000)}});
  };
  bolt_client::Summary summary;
  summary.metadata =
      MapOf({{"profile", node("Remote", asked_worker, {node("AllNodesScan", scan_worker, {})})}});
  EXPECT_EQ(PlanText(summary),
            "Remote  rows 5, db hits 3, 2 us\n"
            "    worker 2  requests 1, bytes sent 300, received 90, db hits 41, 8 us\n"
            "AllNodesScan  rows 5, db hits 3, 2 us\n"
            "    worker 2  rows 5, db hits 40, 7 us\n");
}

}  // namespace
}  // namespace tidemark::shell
