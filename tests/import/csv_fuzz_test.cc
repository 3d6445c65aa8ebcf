// SPDX-License-Identifier: Apache-2.0
// Text files may hold anything: every byte is read once, whatever the rules say of it, and an
// import is done or refused with a reason and leaves nothing behind.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/status.h"
#include "env/posix_file_system.h"
#include "graph/value_coding.h"
#include "import/csv/csv_reader.h"
#include "import/importer.h"
#include "import/row_values.h"
#include "import/table_header.h"
#include "tests/import/imported_graph.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

class CsvFuzzTest : public ::testing::Test {
 protected:
  // Text of these pieces.
  std::string Random(const std::vector<std::string>& pieces, size_t max_count) {
    std::string text;
    for (size_t n = random_() % (max_count + 1); n > 0; --n) text += Pick(pieces);
    return text;
  }
  const std::string& Pick(const std::vector<std::string>& pieces) {
    return pieces[random_() % pieces.size()];
  }
  std::string Damage(std::string text) {
    const std::vector<std::string> pieces = {",", "\"", "\n", "\r", ";",    "x",
                                             "1", "",   ":",  "-",  "\xff", std::string(1, '\0')};
    for (size_t n = 1 + random_() % 3; n > 0 && !text.empty(); --n) {
      text.replace(random_() % text.size(), random_() % 3, Pick(pieces));
    }
    return text;
  }

  std::mt19937_64 random_{17};
  env::PosixFileSystem files_;
  TemporaryFolder folder_;
};

TEST_F(CsvFuzzTest, EveryFileIsReadToItsEnd) {
  const std::vector<std::string> pieces = {"a",    "bc",           ",",    "\"",
                                           "\"\"", "\n",           "\r",   ";",
                                           "\r\n", "\xef\xbb\xbf", "\xff", std::string(1, '\0')};
  for (int i = 0; i < 3000; ++i) {
    const std::string content = Random(pieces, 200);
    const std::string path = folder_.Write("a.csv", content);
    const CsvFormat format{.delimiter = i % 3 == 0 ? ';' : ',', .quote = i % 5 == 0 ? '\0' : '"'};
    const auto reader = CsvReader::Open(&files_, path, format);
    ASSERT_TRUE(reader.ok()) << reader.status();
    uint64_t line = 0;
    size_t text_bytes = 0;
    while (true) {
      const auto row = (*reader)->Next();
      ASSERT_TRUE(row.ok()) << row.status();
      if (*row == CsvReader::Row::kEnd) break;
      ASSERT_GT((*reader)->line(), line);
      line = (*reader)->line();
      if (*row == CsvReader::Row::kBad) {
        EXPECT_FALSE((*reader)->problem().empty());
        continue;
      }
      for (const CsvField& field : (*reader)->fields()) text_bytes += field.text.size();
    }
    EXPECT_LE(text_bytes, content.size());
    EXPECT_EQ((*reader)->text_bytes(), content.size());
    EXPECT_EQ((*reader)->file_position_bytes(), content.size());
  }
}

TEST_F(CsvFuzzTest, HeadersAreParsedOrRefusedWithAReason) {
  const std::vector<std::string> pieces = {":ID",  ":START_ID", ":END_ID", ":TYPE", ":LABEL", ":",
                                           "name", "(",         ")",       "Group", ":int",   "[]",
                                           "long", ":string",   ":IGNORE", ":date", " ",      "é"};
  int parsed = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::string> texts(random_() % 5);
    std::vector<CsvField> cells;
    for (std::string& text : texts) {
      text = Random(pieces, 4);
      cells.push_back({text, false});
    }
    const auto kind = i % 2 == 0 ? TableKind::kNodes : TableKind::kRelationships;
    const auto columns = ParseTableHeader(kind, cells);
    if (columns.ok()) {
      ++parsed;
      EXPECT_EQ(columns->size(), cells.size());
    } else {
      EXPECT_EQ(columns.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_FALSE(MessageOf(columns.status()).empty());
    }
  }
  EXPECT_GT(parsed, 100);
}

TEST_F(CsvFuzzTest, CellsAreValuesOrRefused) {
  const std::vector<std::string> types = {
      ":int",  ":long",          ":float",     ":double", ":boolean",  ":byte",  ":string",
      ":date", ":localdatetime", ":localtime", ":time",   ":datetime", ":point", ":duration"};
  const std::vector<std::string> pieces = {"1",       "9223372036854775807",
                                           "-",       "+",
                                           ".",       "e308",
                                           ":",       "2020-01-31",
                                           "T",       "12:30",
                                           "Z",       "PT",
                                           "P1",      "true",
                                           ";",       "{x: 1",
                                           ", y: 2}", "NaN",
                                           "é",       "\xff",
                                           " ",       "[Europe/Berlin]"};
  int values = 0;
  for (int i = 0; i < 40'000; ++i) {
    const std::string header = "p" + Pick(types) + (i % 4 == 0 ? "[]" : "");
    const CsvField cell{header, false};
    const CsvField id{":ID", false};
    const auto columns = ParseTableHeader(TableKind::kNodes, std::vector<CsvField>{id, cell});
    ASSERT_TRUE(columns.ok()) << header << columns.status();
    const std::string text = Random(pieces, 4);
    const auto value = CellValue(columns->at(1), {text, i % 2 == 0}, ';');
    if (!value.ok()) {
      EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument) << value.status();
      continue;
    }
    ++values;
    if (!graph::CheckEncodable(*value).ok()) continue;
    EXPECT_TRUE(graph::DecodeValue(graph::EncodeValue(*value)).ok()) << header << " " << text;
  }
  EXPECT_GT(values, 1000);
}

TEST_F(CsvFuzzTest, AnImportIsDoneOrLeavesNothingBehind) {
  const std::string nodes =
      "id:ID,name,age:int,tags:string[],:LABEL\n1,Ann,30,a;b,Admin;Author\n"
      "2,\"B \"\"b\"\", Jr\",,,\n3,C,1,,Admin\n";
  const std::string edges =
      ":START_ID,:END_ID,:TYPE,since:date\n1,2,KNOWS,2020-01-31\n3,1,OWNS,\n2,2,KNOWS,\n";
  int done = 0;
  constexpr int kRounds = 60;
  for (int i = 0; i < kRounds; ++i) {
    ImportOptions options;
    options.data_dir = folder_.path() + "/data-" + std::to_string(i);
    options.worker_count = 2;
    options.skip_bad_relationships = i % 2 == 0;
    const std::string n = folder_.Write("n.csv", i % 3 == 0 ? nodes : Damage(nodes));
    const std::string e = folder_.Write("e.csv", i % 3 == 1 ? edges : Damage(edges));
    options.nodes.push_back(*ParseImportTable(TableKind::kNodes, n));
    options.relationships.push_back(*ParseImportTable(TableKind::kRelationships, e));
    const auto result =
        Importer(&files_, options, ClusterId{1, 2}, [](const cli::Progress&) {}).Run();
    if (!result.ok()) {
      EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << result.status();
      EXPECT_FALSE(files_.Exists(options.data_dir));
      continue;
    }
    ++done;
    const ImportedGraph graph = ImportedGraphReader(&files_, options.data_dir).Read();
    EXPECT_EQ(graph.vertices, result->graph.vertices);
    EXPECT_EQ(graph.edges, result->graph.edges);
  }
  EXPECT_GT(done, 0);
  EXPECT_LT(done, kRounds);
}

}  // namespace
}  // namespace tidemark::csv_import
