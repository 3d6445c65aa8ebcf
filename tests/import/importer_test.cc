// SPDX-License-Identifier: Apache-2.0
#include "import/importer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "absl/strings/str_split.h"
#include "base/status.h"
#include "env/posix_file_system.h"
#include "tests/import/imported_graph.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr ClusterId kImportedCluster{1, 2};

class ImporterTest : public ::testing::Test {
 protected:
  ImporterTest() {
    options_.data_dir = folder_.path() + "/data";
    options_.worker_count = 3;
  }
  void Nodes(const std::string& names, const std::vector<std::string>& contents) {
    Add(TableKind::kNodes, names, contents, &options_.nodes);
  }
  void Relationships(const std::string& names, const std::vector<std::string>& contents) {
    Add(TableKind::kRelationships, names, contents, &options_.relationships);
  }
  void Add(TableKind kind, const std::string& names, const std::vector<std::string>& contents,
           std::vector<ImportTable>* tables) {
    std::string text = names.empty() ? "" : names + "=";
    for (size_t i = 0; i < contents.size(); ++i) {
      const std::string name = (kind == TableKind::kNodes ? "n" : "r") +
                               std::to_string(tables->size()) + "-" + std::to_string(i) + ".csv";
      text += (i > 0 ? "," : "") + folder_.Write(name, contents[i]);
    }
    tables->push_back(*ParseImportTable(kind, text));
  }
  absl::StatusOr<ImportResult> Run() {
    Importer importer(&files_, options_, kImportedCluster, [](const cli::Progress&) {});
    return importer.Run();
  }
  ImportedGraph Imported() { return ImportedGraphReader(&files_, options_.data_dir).Read(); }
  // The import is refused with this in its message, and leaves nothing behind.
  void ExpectRefused(const std::string& message) {
    const auto result = Run();
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << result.status();
    EXPECT_THAT(MessageOf(result.status()), HasSubstr(message));
    EXPECT_FALSE(files_.Exists(options_.data_dir));
  }

  env::PosixFileSystem files_;
  TemporaryFolder folder_;
  ImportOptions options_;
};

TEST_F(ImporterTest, PropertiesLabelsTypesAndGroups) {
  Nodes("Person", {"id:ID(P),name,age:int,:LABEL,tags:string[]\n"
                   "1,Ann,30,Admin;Author,a;b\n2,\"B \"\"b\"\", Jr\",,,\n"});
  Nodes("", {":ID(Q),x:double\n1,0.5\n"});
  Relationships("KNOWS", {":START_ID(P),:END_ID(P),since:date\n1,2,2020-01-31\n1,1,\n"});
  Relationships("", {":START_ID(P),:TYPE,:END_ID(Q)\n2,OWNS,1\n"});
  const auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->graph.vertices, 3u);
  EXPECT_EQ(result->graph.edges, 3u);
  const std::string ann =
      ":Person:Admin:Author {age: 30, id: \"1\", name: \"Ann\", "
      "tags: [\"a\", \"b\"]}";
  const std::string bob = ":Person {id: \"2\", name: \"B \\\"b\\\", Jr\"}";
  const ImportedGraph graph = Imported();
  EXPECT_THAT(graph.vertex_texts, UnorderedElementsAre(ann, bob, " {x: 0.5}"));
  EXPECT_THAT(
      graph.edge_texts,
      UnorderedElementsAre(ann + " -[:KNOWS {since: date(\"2020-01-31\")}]-> " + bob,
                           ann + " -[:KNOWS {}]-> " + ann, bob + " -[:OWNS {}]->  {x: 0.5}"));
}

TEST_F(ImporterTest, HeaderInItsOwnFileAndSkippedLines) {
  options_.skip_lines = 1;
  options_.format.delimiter = '|';
  options_.integer_ids = true;
  Nodes("A", {"id:ID\n", "id\n1\n2\n", "other|header\n3\n"});
  Relationships("R", {":START_ID|:END_ID\n", "from|to\n1|2\n2|3\n"});
  ASSERT_TRUE(Run().ok());
  const ImportedGraph graph = Imported();
  EXPECT_THAT(graph.vertex_texts, UnorderedElementsAre(":A {id: 1}", ":A {id: 2}", ":A {id: 3}"));
  EXPECT_EQ(graph.edges, 2u);
}

TEST_F(ImporterTest, TheSameGraphForEveryNumberOfWorkers) {
  std::string nodes = "id:ID,weight:int\n", relationships = ":START_ID,:END_ID,:TYPE,w:int\n";
  constexpr int kCount = 5000;
  for (int i = 0; i < kCount; ++i) {
    nodes += std::to_string(i) + "," + std::to_string(i % 7) + "\n";
    // A hub, loops, parallel edges and a spread.
    for (const int target : {0, i, i * 31 % kCount, i * 31 % kCount}) {
      relationships += std::to_string(i) + "," + std::to_string(target) +
                       (i % 2 == 0 ? ",A," : ",B,") + std::to_string(i) + "\n";
    }
  }
  Nodes("N", {nodes});
  Relationships("", {relationships});
  std::vector<ImportedGraph> graphs;
  for (const uint32_t worker_count : {1u, 2u, 3u, 5u}) {
    options_.data_dir = folder_.path() + "/data-" + std::to_string(worker_count);
    options_.worker_count = worker_count;
    const auto result = Run();
    ASSERT_TRUE(result.ok()) << result.status();
    graphs.push_back(Imported());
    EXPECT_EQ(graphs.back().vertices, static_cast<uint64_t>(kCount));
    EXPECT_EQ(graphs.back().edges, 4u * kCount);
    EXPECT_EQ(graphs.back().vertices_of_worker.size(), worker_count);
    EXPECT_TRUE(graphs.back().vertex_texts == graphs.front().vertex_texts);
    EXPECT_TRUE(graphs.back().edge_texts == graphs.front().edge_texts);
    EXPECT_FALSE(files_.Exists(options_.data_dir + "/import.tmp"));
  }
}

TEST_F(ImporterTest, BadNodesRefuseTheImportWithTheirLines) {
  Nodes("A", {"id:ID,n:int\n1,5\n1,6\n,7\n3,x\n4\n5,\"6\"7\n6,8\n"});
  options_.report_file = folder_.path() + "/report.txt";
  ExpectRefused("5 bad rows");
  const std::string path = folder_.path() + "/n0-0.csv:";
  const std::string report = folder_.Read("report.txt");
  for (const char* line : {"3: the id \"1\" is there already", "4: the :ID is empty",
                           "5: column n: ", "6: the row has 1 columns, the header 2",
                           "7: text behind a closing quote"}) {
    EXPECT_THAT(report, HasSubstr(path + line));
  }
}

TEST_F(ImporterTest, ANodeHasSoManyLabelsAtMost) {
  std::string labels;
  for (size_t i = 1; i < graph::kMaxLabelCount; ++i) labels += "L" + std::to_string(i) + ";";
  Nodes("A", {":ID,:LABEL\n1," + labels + "L1\n2," + labels + "M\n3,M\n"});
  ExpectRefused("n0-0.csv:3: the node has 1001 labels; at most 1000 are allowed");
}

TEST_F(ImporterTest, BadRelationshipsAreRefusedOrLeftOut) {
  Nodes("A", {":ID\n1\n2\n"});
  Relationships("R", {":START_ID,:END_ID,n:int\n1,2,1\n1,9,1\n,2,1\n2,1,x\n2,1,1,1\n2,1,\n"});
  ExpectRefused("4 bad rows");
  options_.skip_bad_relationships = true;
  options_.report_file = folder_.path() + "/report.txt";
  const auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->skipped_relationships, 4u);
  EXPECT_EQ(result->graph.edges, 2u);
  EXPECT_THAT(folder_.Read("report.txt"), HasSubstr("r0-0.csv:3: the :END_ID \"9\" is no node\n"));
  EXPECT_EQ(Imported().edges, 2u);
}

TEST_F(ImporterTest, TooManyBadRowsEndTheImportAtOnce) {
  Nodes("A", {":ID\n1\n"});
  Relationships("R", {":START_ID,:END_ID\n1,2\n1,3\n1,4\n1,1\n"});
  options_.skip_bad_relationships = true;
  options_.bad_row_limit = 2;
  ExpectRefused("more than 2 bad rows, given up");
  options_.bad_row_limit = 3;
  EXPECT_TRUE(Run().ok());
}

// Rows of many batches, parsed by several threads: bad ones of all kinds come in the order of the
// input, whichever stage found them.
TEST_F(ImporterTest, BadRowsAreReportedInTheOrderOfTheInput) {
  constexpr int kCount = 60000;
  std::string nodes = ":ID,n:int\n", relationships = ":START_ID,:END_ID,n:int\n";
  std::string expected;
  for (int i = 0; i < kCount; ++i) nodes += std::to_string(i) + ",1\n";
  for (int i = 0; i < kCount; ++i) {
    const std::string id = std::to_string(i);
    const std::string bad[] = {"x", "," + id, id + ",none,1", id + "," + id + ",one"};
    const bool is_bad = i % 100 < 4;
    relationships += is_bad ? bad[i % 100] : id + "," + id + ",1";
    relationships += "\n";
    if (is_bad) expected += "r0-0.csv:" + std::to_string(i + 2) + ": ";
  }
  Nodes("A", {nodes});
  Relationships("R", {relationships});
  options_.skip_bad_relationships = true;
  options_.bad_row_limit = kCount;
  options_.report_file = folder_.path() + "/report.txt";
  const auto result = Run();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->skipped_relationships, kCount / 100 * 4u);
  EXPECT_EQ(result->graph.edges, kCount / 100 * 96u);
  std::string places;
  for (const absl::string_view line :
       absl::StrSplit(folder_.Read("report.txt"), '\n', absl::SkipEmpty())) {
    const std::string text(line.substr(line.rfind("r0-0.csv:")));
    places += text.substr(0, text.find(": ") + 2);
  }
  EXPECT_EQ(places, expected);
}

TEST_F(ImporterTest, AHeaderThatDoesNotFitIsNamedBeforeARowIsRead) {
  Nodes("A", {":ID\n1\n1\n"});
  Relationships("", {":START_ID,:END_ID\n1,1\n"});
  ExpectRefused("the relationships have no type");
}

TEST_F(ImporterTest, HeadersThatDoNotFitAreNamed) {
  Nodes("A", {":ID(P)\n1\n"});
  Relationships("R", {":START_ID(X),:END_ID(P)\n1,1\n"});
  ExpectRefused("r0-0.csv: :START_ID(X) names a group that no :ID column has; there are (P)");
  options_.relationships.clear();
  Relationships("R", {":START_ID,:END_ID(P)\n1,1\n"});
  ExpectRefused(
      "r0-0.csv: :START_ID names no group, but the ids are in (P) only: name one, as in "
      ":START_ID(P)");
  options_.relationships.clear();
  Relationships("", {":START_ID(P),:END_ID(P)\n1,1\n"});
  ExpectRefused("the relationships have no type");
  options_.relationships.clear();
  Nodes("B", {"\n\n"});
  ExpectRefused("n1-0.csv:3: there is no header row");
}

TEST_F(ImporterTest, IntegerIdsMeetHoweverTheyAreWritten) {
  Nodes("A", {"id:ID(P){id-type:int}\n1\n 2\n-03\n"});
  Nodes("B", {":ID(Q)\n1\n01\n"});
  Relationships("R", {":START_ID(P),:END_ID(P)\n01,2\n+2,-3\n"});
  Relationships("S", {":START_ID(P),:END_ID(Q)\n1,01\n"});
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(Imported().edge_texts, UnorderedElementsAre(":A {id: 1} -[:R {}]-> :A {id: 2}",
                                                          ":A {id: 2} -[:R {}]-> :A {id: -3}",
                                                          ":A {id: 1} -[:S {}]-> :B {}"));
}

TEST_F(ImporterTest, WrongIntegerIdsAreNamed) {
  options_.integer_ids = true;
  Nodes("A", {":ID\n1\n01\nx\n"});
  Relationships("R", {":START_ID,:END_ID\ny,1\n"});
  options_.report_file = folder_.path() + "/report.txt";
  ExpectRefused("3 bad rows");
  const std::string report = folder_.Read("report.txt");
  EXPECT_THAT(report, HasSubstr("n0-0.csv:3: the id \"01\" is there already"));
  EXPECT_THAT(report, HasSubstr("n0-0.csv:4: the :ID \"x\" is no integer"));
  EXPECT_THAT(report, HasSubstr("r0-0.csv:2: the :START_ID \"y\" is no integer"));
}

TEST_F(ImporterTest, IdsOfAGroupAreOfOneType) {
  Nodes("A", {":ID(P){id-type:int}\n1\n"});
  Nodes("B", {":ID(P)\n2\n"});
  ExpectRefused("n1-0.csv: ids of the group P are integers in another file");
}

TEST_F(ImporterTest, OptionsOfColumnsFillInWhatCellsLeaveOut) {
  Nodes("A", {":ID,t:datetime{timezone:+02:00},p:point{crs:WGS-84}\n"
              "1,2011-08-17T14:26:59,\"{x:12.8, y:56.7}\"\n"});
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(Imported().vertex_texts,
              ElementsAre(":A {p: point({x: 12.8, y: 56.7, crs: \"WGS-84\"}), "
                          "t: datetime(\"2011-08-17T14:26:59+02:00\")}"));
}

TEST_F(ImporterTest, AHeaderInALaterFileIsNoRow) {
  Nodes("A", {"id:ID,name\n1,a\n", "id:ID,name\n2,b\n"});
  ExpectRefused("n0-1.csv:1: the header of the group is here again; with --skip-lines=1");
  options_.skip_lines = 1;
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(Imported().vertices, 2u);
}

// Their bytes can be had once: no pipe is opened before its turn, and none twice.
TEST_F(ImporterTest, PipesAreReadOnce) {
  std::vector<std::string> paths;
  for (const char* name : {"nodes", "more-nodes", "relationships"}) {
    paths.push_back(folder_.path() + "/" + name);
    ASSERT_EQ(mkfifo(paths.back().c_str(), 0600), 0);
  }
  options_.nodes.push_back(*ParseImportTable(TableKind::kNodes, "A=" + paths[0] + "," + paths[1]));
  options_.relationships.push_back(*ParseImportTable(TableKind::kRelationships, "R=" + paths[2]));
  const std::string contents[] = {"id:ID\n1\n2\n", "3\n", ":START_ID,:END_ID\n1,3\n"};
  std::vector<std::thread> writers;
  for (size_t i = 0; i < paths.size(); ++i) {
    writers.emplace_back([&, i] { std::ofstream(paths[i]) << contents[i]; });
  }
  const auto result = Run();
  for (std::thread& writer : writers) writer.join();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(Imported().edge_texts, ElementsAre(":A {id: \"1\"} -[:R {}]-> :A {id: \"3\"}"));
  EXPECT_EQ(Imported().vertices, 3u);
}

TEST_F(ImporterTest, PatternsTakePartsInNumericOrder) {
  folder_.Write("part1.csv", "id:ID\n1\n");
  folder_.Write("part2.csv", "2\n");
  folder_.Write("part10.csv", "10\n");
  options_.nodes.push_back(
      *ParseImportTable(TableKind::kNodes, "A=" + folder_.path() + "/part*.csv"));
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(Imported().vertices, 3u);
}

TEST_F(ImporterTest, AFreshVolumesOwnFolderIsLookedPast) {
  Nodes("A", {":ID\n1\n"});
  ASSERT_TRUE(files_.MakeDirectory(options_.data_dir + "/lost+found").ok());
  ASSERT_TRUE(Run().ok());
  EXPECT_TRUE(files_.Exists(options_.data_dir + "/lost+found"));
  EXPECT_EQ(Imported().vertices, 1u);
}

TEST_F(ImporterTest, ADirectoryThatIsNotEmptyIsRefusedAndKept) {
  Nodes("A", {":ID\n1\n"});
  ASSERT_TRUE(Run().ok());
  const auto again = Run();
  EXPECT_EQ(again.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(again.status()), HasSubstr("is not empty (it holds master)"));
  EXPECT_EQ(Imported().vertices, 1u);
}

TEST_F(ImporterTest, WhatAKilledImportLeftIsReplacedAndARunningOneIsNot) {
  Nodes("A", {":ID\n1\n"});
  const std::string left = options_.data_dir + "/import.tmp";
  ASSERT_TRUE(files_.MakeDirectory(left + "/worker-1/snapshots").ok());
  ASSERT_TRUE(env::WriteFileDurably(&files_, left + "/vertices", "x").ok());
  {
    const auto lock = files_.LockDirectory(left);
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(Run().status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(files_.Exists(left + "/vertices"));
  }
  ASSERT_TRUE(Run().ok());
  EXPECT_THAT(*files_.List(options_.data_dir),
              ElementsAre("master", "worker-1", "worker-2", "worker-3"));
}

TEST_F(ImporterTest, AMissingFileIsNamedBeforeAnythingIsDone) {
  Nodes("A", {":ID\n1\n"});
  options_.relationships.push_back(
      *ParseImportTable(TableKind::kRelationships, "R=" + folder_.path() + "/none.csv"));
  const auto result = Run();
  EXPECT_EQ(result.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(MessageOf(result.status()), HasSubstr("none.csv"));
  EXPECT_FALSE(files_.Exists(options_.data_dir));
}

TEST_F(ImporterTest, WhatNoAnswerCouldCarryIsNamedWithItsRow) {
  Nodes("A", {":ID,text\n1,short\n2," + std::string(31 << 20, 'x') + "\n"});
  ExpectRefused("n0-0.csv:3: the properties have");
}

TEST_F(ImporterTest, NodesWithoutRelationshipsAndEmptyWorkers) {
  Nodes("A", {":ID\n1\n"});
  options_.worker_count = 64;
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(Imported().vertices, 1u);
}

}  // namespace
}  // namespace tidemark::csv_import
