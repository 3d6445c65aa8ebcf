// SPDX-License-Identifier: Apache-2.0
// Real graphs imported by the program and served by real processes, with any number of workers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "tests/import/ldbc_tables.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

std::string DataFolder(const std::string& name) {
  const char* given = std::getenv("TIDEMARK_TEST_DATA");
  const std::string parent = given != nullptr ? given : TIDEMARK_SOURCE_DIR "/../shared/data";
  return std::filesystem::exists(parent + "/" + name) ? parent + "/" + name : "";
}

// The rows of a file without its header row.
std::vector<std::vector<std::string>> ReadRows(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::vector<std::vector<std::string>> rows;
  while (std::getline(file, line)) rows.push_back(absl::StrSplit(line, '|'));
  return rows;
}

std::string TextOf(const api::Value& value) {
  if (value.has_integer()) return absl::StrCat(value.integer());
  if (!value.has_list()) return value.text();
  std::string text;
  for (const api::Value& one : value.list().values()) {
    absl::StrAppend(&text, text.empty() ? "" : ";", one.text());
  }
  return text;
}

std::map<std::string, std::string> TextsOf(const api::Vertex& vertex) {
  std::map<std::string, std::string> texts;
  for (const api::Property& property : vertex.properties()) {
    texts[property.key()] = TextOf(property.value());
  }
  return texts;
}

std::vector<api::Vertex> ScanLabel(client::ClientSession* session, const std::string& label) {
  api::Run run;
  run.add_operations()->mutable_scan_label()->set_label(label);
  const api::OperationResult found = ReadAll(session, run);
  return {found.vertices().begin(), found.vertices().end()};
}

// Every vertex of a label has exactly what its row says; an empty cell is no property.
void CheckVertices(client::ClientSession* session, const std::string& label,
                   const std::string& path, const std::vector<std::string>& keys) {
  std::map<std::string, std::map<std::string, std::string>> found;
  for (const api::Vertex& vertex : ScanLabel(session, label)) {
    auto texts = TextsOf(vertex);
    found[texts["id"]] = texts;
  }
  const auto rows = ReadRows(path);
  EXPECT_EQ(found.size(), rows.size()) << label;
  for (const std::vector<std::string>& row : rows) {
    std::map<std::string, std::string> expected;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!row[i].empty()) expected[keys[i]] = row[i];
    }
    EXPECT_EQ(found[row[0]], expected) << label << " " << row[0];
  }
}

// (person, person, creationDate) of every KNOWS, by its edges and their properties.
void CheckKnows(client::ClientSession* session, const std::string& path) {
  using Knows = std::tuple<std::string, std::string, std::string>;
  std::map<uint64_t, std::string> persons;
  for (const api::Vertex& vertex : ScanLabel(session, "Person")) {
    persons[vertex.id()] = TextsOf(vertex)["id"];
  }
  std::multiset<Knows> found;
  for (const auto& [id, name] : persons) {
    api::Run run;
    api::Expand* expand = run.add_operations()->mutable_expand();
    expand->mutable_vertex()->set_id(id);
    expand->set_direction(api::OUTGOING);
    expand->add_types("KNOWS");
    const auto expanded = session->Run(run);
    ASSERT_TRUE(expanded.ok()) << expanded.status();
    api::Run gets;
    for (const api::Neighbour& neighbour : expanded->results(0).neighbours()) {
      gets.add_operations()->mutable_get_edge()->set_edge(neighbour.edge());
    }
    const auto edges = session->Run(gets);
    ASSERT_TRUE(edges.ok()) << edges.status();
    for (const api::OperationResult& result : edges->results()) {
      const api::Edge& edge = result.edges(0);
      ASSERT_EQ(edge.properties_size(), 1);
      EXPECT_EQ(edge.properties(0).key(), "creationDate");
      found.emplace(name, persons[edge.target()], TextOf(edge.properties(0).value()));
    }
  }
  std::multiset<Knows> expected;
  for (const auto& row : ReadRows(path)) expected.emplace(row[0], row[1], row[2]);
  EXPECT_EQ(expected.size(), 825u);
  EXPECT_TRUE(found == expected);
}

struct Sizes {
  uint64_t vertices = 0;
  uint64_t edges = 0;
  friend bool operator==(const Sizes&, const Sizes&) = default;
};

// What the heartbeats add up to, once they say what is expected or for five seconds.
Sizes SizesOf(ClusterProcess* cluster, const Sizes& expected) {
  Sizes sizes;
  for (int i = 0; i < 100 && sizes != expected; ++i) {
    SleepMs(50);
    sizes = {};
    const auto status = cluster->Status();
    if (!status.ok()) continue;
    for (const api::WorkerInfo& worker : status->workers()) {
      sizes.vertices += worker.vertices();
      sizes.edges += worker.edges();
    }
  }
  return sizes;
}

std::string DigestOf(const std::string& data_dir) {
  const CommandResult verify = RunTidemark({"verify", data_dir, "--json"});
  EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
  const std::string key = "\"graph_digest\":\"";
  const size_t begin = verify.out.find(key);
  EXPECT_NE(begin, std::string::npos) << verify.out;
  return verify.out.substr(begin + key.size(), 32);
}

// Imports for so many workers, serves it by `command`, and gives the digest of what it has then.
using Check = std::function<void(client::ClientSession*)>;
std::string DigestServed(const std::vector<std::string>& input, const std::string& command,
                         int workers, const Sizes& expected, const Check& check) {
  TestDirectory directory;
  const std::string data = directory.path() + "/data";
  std::vector<std::string> args = {"import", "--data-dir=" + data,
                                   absl::StrCat("--workers=", workers)};
  args.insert(args.end(), input.begin(), input.end());
  const CommandResult imported = RunTidemark(args);
  EXPECT_EQ(imported.exit_code, 0) << imported.out << imported.err;
  const std::string digest = DigestOf(data);
  ClusterProcess cluster(command, data, workers);
  const absl::Status started = cluster.Start();
  EXPECT_TRUE(started.ok()) << started;
  if (!started.ok()) return "";
  const Sizes sizes = SizesOf(&cluster, expected);
  EXPECT_TRUE(sizes == expected) << sizes.vertices << " vertices, " << sizes.edges << " edges";
  const auto session = cluster.client()->OpenSession();
  check(session.get());
  // A change and back, so that what is in memory is written anew.
  api::Run run;
  AddVertex(&run, "Visitor", "id", 1);
  const auto made = session->Run(run);
  EXPECT_TRUE(made.ok()) << made.status();
  run.Clear();
  run.add_operations()->mutable_delete_vertex()->mutable_vertex()->set_id(
      made.ok() ? made->results(0).vertex() : 0);
  EXPECT_TRUE(session->Run(run).ok());
  EXPECT_TRUE(cluster.client()->SnapshotNow().ok());
  std::printf("%s", cluster.ReadSteps().text.c_str());
  EXPECT_EQ(cluster.Stop(), 0) << cluster.output();
  EXPECT_EQ(DigestOf(data), digest);
  std::printf("%s of %d workers: %lu vertices, %lu edges, graph_digest %s\n", command.c_str(),
              workers, sizes.vertices, sizes.edges, digest.c_str());
  return digest;
}

void ExpectOneDigest(const std::vector<std::string>& input, const Sizes& expected,
                     const Check& check) {
  std::set<std::string> digests;
  for (const int workers : {1, 2, 3, 5}) {
    digests.insert(DigestServed(input, "cluster", workers, expected, check));
  }
  digests.insert(DigestServed(input, "server", 3, expected, check));
  EXPECT_EQ(digests.size(), 1u);
}

TEST(RealGraphTest, LdbcSocialNetwork) {
  const std::string data = DataFolder("ldbc-snb-tiny");
  if (data.empty()) GTEST_SKIP() << "SKIPPED: ldbc-snb-tiny is not there";
  TestDirectory headers;
  std::vector<std::string> input = {"--delimiter=|", "--skip-lines=1"};
  const auto add = [&](const std::string& flag, const csv_import::LdbcTable& table) {
    const std::string header = absl::StrCat(headers.path(), "/", input.size(), ".csv");
    std::ofstream(header) << table.header << "\n";
    input.push_back(absl::StrCat(flag, table.names, "=", header, ",", data, "/vanilla/", table.file,
                                 "_0_0.csv"));
  };
  for (const csv_import::LdbcTable& table : csv_import::kLdbcNodes) add("--nodes=", table);
  for (const csv_import::LdbcTable& table : csv_import::kLdbcRelationships)
    add("--relationships=", table);
  const std::string vanilla = data + "/vanilla/";
  ExpectOneDigest(input, {34'735, 70'842}, [&](client::ClientSession* session) {
    CheckVertices(session, "Person", vanilla + "dynamic/person_0_0.csv",
                  {"id", "firstName", "lastName", "gender", "birthday", "creationDate",
                   "locationIP", "browserUsed", "language", "email"});
    CheckVertices(session, "Forum", vanilla + "dynamic/forum_0_0.csv",
                  {"id", "title", "creationDate"});
    CheckVertices(session, "Organisation", vanilla + "static/organisation_0_0.csv",
                  {"id", "type", "name", "url"});
    CheckKnows(session, vanilla + "dynamic/person_knows_person_0_0.csv");
  });
}

TEST(RealGraphTest, Slashdot) {
  const std::string data = DataFolder("soc-slashdot0902");
  if (data.empty()) GTEST_SKIP() << "SKIPPED: soc-slashdot0902 is not there";
  ExpectOneDigest({"--nodes=User=" + data + "/nodes.csv",
                   "--relationships=LINK=" + data + "/relationships.csv"},
                  {82'168, 948'464}, [](client::ClientSession*) {});
}

}  // namespace
}  // namespace tidemark::integration
