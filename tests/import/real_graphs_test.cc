// SPDX-License-Identifier: Apache-2.0
// Imports of real graphs, where their files are: the folder that TIDEMARK_TEST_DATA names, or
// ../shared/data beside the repository.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "env/posix_file_system.h"
#include "import/importer.h"
#include "tests/import/imported_graph.h"
#include "tests/import/ldbc_tables.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

std::string DataFolder(const std::string& name) {
  const char* given = getenv("TIDEMARK_TEST_DATA");
  const std::string parent = given != nullptr ? given : TIDEMARK_SOURCE_DIR "/../shared/data";
  return std::filesystem::exists(parent + "/" + name) ? parent + "/" + name : "";
}

class RealGraphsTest : public ::testing::Test {
 protected:
  ImportResult Run() {
    options_.data_dir = folder_.path() + "/data-" + std::to_string(options_.worker_count);
    Importer importer(&files_, options_, ClusterId{1, 2}, [](const cli::Progress&) {});
    const auto result = importer.Run();
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : ImportResult();
  }
  ImportedGraph Imported() { return ImportedGraphReader(&files_, options_.data_dir).Read(); }

  env::PosixFileSystem files_;
  TemporaryFolder folder_;
  ImportOptions options_;
};

TEST_F(RealGraphsTest, Slashdot) {
  const std::string data = DataFolder("soc-slashdot0902");
  if (data.empty()) GTEST_SKIP() << "SKIPPED RealGraphsTest.Slashdot: no soc-slashdot0902";
  options_.nodes.push_back(*ParseImportTable(TableKind::kNodes, "User=" + data + "/nodes.csv"));
  options_.relationships.push_back(
      *ParseImportTable(TableKind::kRelationships, "LINK=" + data + "/relationships.csv"));
  options_.worker_count = 3;
  const ImportResult result = Run();
  EXPECT_EQ(result.graph.vertices, 82'168u);
  EXPECT_EQ(result.graph.edges, 948'464u);
}

TEST_F(RealGraphsTest, LdbcSocialNetwork) {
  const std::string data = DataFolder("ldbc-snb-tiny");
  if (data.empty()) GTEST_SKIP() << "SKIPPED RealGraphsTest.LdbcSocialNetwork: no ldbc-snb-tiny";
  options_.format.delimiter = '|';
  options_.skip_lines = 1;
  size_t header_count = 0;
  const auto add = [&](TableKind kind, const LdbcTable& table, std::vector<ImportTable>* tables) {
    const std::string header = folder_.Write("header-" + std::to_string(header_count++) + ".csv",
                                             std::string(table.header) + "\n");
    tables->push_back(*ParseImportTable(kind, std::string(table.names) + "=" + header + "," + data +
                                                  "/vanilla/" + table.file + "_0_0.csv"));
  };
  for (const LdbcTable& table : kLdbcNodes) add(TableKind::kNodes, table, &options_.nodes);
  for (const LdbcTable& table : kLdbcRelationships) {
    add(TableKind::kRelationships, table, &options_.relationships);
  }
  std::vector<ImportedGraph> graphs;
  for (const uint32_t worker_count : {1u, 3u}) {
    options_.worker_count = worker_count;
    const ImportResult result = Run();
    EXPECT_EQ(result.graph.vertices, 34'735u);
    EXPECT_EQ(result.graph.edges, 70'842u);
    graphs.push_back(Imported());
  }
  EXPECT_TRUE(graphs[0].vertex_texts == graphs[1].vertex_texts);
  EXPECT_TRUE(graphs[0].edge_texts == graphs[1].edge_texts);
  // One node with everything that the file says.
  EXPECT_EQ(graphs[0].vertex_texts.count(":TagClass {id: \"349\", name: \"OfficeHolder\", "
                                         "url: \"http://dbpedia.org/ontology/OfficeHolder\"}"),
            1u);
}

}  // namespace
}  // namespace tidemark::csv_import
