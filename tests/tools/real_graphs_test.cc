// SPDX-License-Identifier: Apache-2.0
// Imports of real graphs, where their files are: the folder that TIDEMARK_DATA_DIR names, or
// ../shared/data beside the repository.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "env/posix_file_system.h"
#include "tests/tools/imported_graph.h"
#include "tests/tools/temporary_folder.h"
#include "tools/import/importer.h"

namespace tidemark::tools {
namespace {

std::string DataFolder(const std::string& name) {
  const char* given = getenv("TIDEMARK_DATA_DIR");
  const std::string parent = given != nullptr ? given : TIDEMARK_SOURCE_DIR "/../shared/data";
  return std::filesystem::exists(parent + "/" + name) ? parent + "/" + name : "";
}

class RealGraphsTest : public ::testing::Test {
 protected:
  ImportResult Run() {
    options_.data_dir = folder_.path() + "/data-" + std::to_string(options_.worker_count);
    Importer importer(&files_, options_, ClusterId{1, 2}, [](const Progress&) {});
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

struct LdbcTable {
  const char* names;
  const char* file;
  const char* header;
};
constexpr LdbcTable kLdbcNodes[] = {
    {"Comment", "dynamic/comment",
     "id:ID(Comment)|creationDate:long|locationIP|browserUsed|content|length:int"},
    {"Forum", "dynamic/forum", "id:ID(Forum)|title|creationDate:long"},
    {"Person", "dynamic/person",
     "id:ID(Person)|firstName|lastName|gender|birthday:long|creationDate:long|locationIP|"
     "browserUsed|language:string[]|email:string[]"},
    {"Post", "dynamic/post",
     "id:ID(Post)|imageFile|creationDate:long|locationIP|browserUsed|language|content|length:int"},
    {"Organisation", "static/organisation", "id:ID(Organisation)|type|name|url"},
    {"Place", "static/place", "id:ID(Place)|name|url|type"},
    {"Tag", "static/tag", "id:ID(Tag)|name|url"},
    {"TagClass", "static/tagclass", "id:ID(TagClass)|name|url"},
};
constexpr LdbcTable kLdbcRelationships[] = {
    {"HAS_CREATOR", "dynamic/comment_hasCreator_person", ":START_ID(Comment)|:END_ID(Person)"},
    {"HAS_TAG", "dynamic/comment_hasTag_tag", ":START_ID(Comment)|:END_ID(Tag)"},
    {"IS_LOCATED_IN", "dynamic/comment_isLocatedIn_place", ":START_ID(Comment)|:END_ID(Place)"},
    {"REPLY_OF", "dynamic/comment_replyOf_comment", ":START_ID(Comment)|:END_ID(Comment)"},
    {"REPLY_OF", "dynamic/comment_replyOf_post", ":START_ID(Comment)|:END_ID(Post)"},
    {"CONTAINER_OF", "dynamic/forum_containerOf_post", ":START_ID(Forum)|:END_ID(Post)"},
    {"HAS_MEMBER", "dynamic/forum_hasMember_person",
     ":START_ID(Forum)|:END_ID(Person)|joinDate:long"},
    {"HAS_MODERATOR", "dynamic/forum_hasModerator_person", ":START_ID(Forum)|:END_ID(Person)"},
    {"HAS_TAG", "dynamic/forum_hasTag_tag", ":START_ID(Forum)|:END_ID(Tag)"},
    {"HAS_INTEREST", "dynamic/person_hasInterest_tag", ":START_ID(Person)|:END_ID(Tag)"},
    {"IS_LOCATED_IN", "dynamic/person_isLocatedIn_place", ":START_ID(Person)|:END_ID(Place)"},
    {"KNOWS", "dynamic/person_knows_person", ":START_ID(Person)|:END_ID(Person)|creationDate:long"},
    {"LIKES", "dynamic/person_likes_comment",
     ":START_ID(Person)|:END_ID(Comment)|creationDate:long"},
    {"LIKES", "dynamic/person_likes_post", ":START_ID(Person)|:END_ID(Post)|creationDate:long"},
    {"STUDY_AT", "dynamic/person_studyAt_organisation",
     ":START_ID(Person)|:END_ID(Organisation)|classYear:int"},
    {"WORK_AT", "dynamic/person_workAt_organisation",
     ":START_ID(Person)|:END_ID(Organisation)|workFrom:int"},
    {"HAS_CREATOR", "dynamic/post_hasCreator_person", ":START_ID(Post)|:END_ID(Person)"},
    {"HAS_TAG", "dynamic/post_hasTag_tag", ":START_ID(Post)|:END_ID(Tag)"},
    {"IS_LOCATED_IN", "dynamic/post_isLocatedIn_place", ":START_ID(Post)|:END_ID(Place)"},
    {"IS_LOCATED_IN", "static/organisation_isLocatedIn_place",
     ":START_ID(Organisation)|:END_ID(Place)"},
    {"IS_PART_OF", "static/place_isPartOf_place", ":START_ID(Place)|:END_ID(Place)"},
    {"HAS_TYPE", "static/tag_hasType_tagclass", ":START_ID(Tag)|:END_ID(TagClass)"},
    {"IS_SUBCLASS_OF", "static/tagclass_isSubclassOf_tagclass",
     ":START_ID(TagClass)|:END_ID(TagClass)"},
};

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
}  // namespace tidemark::tools
