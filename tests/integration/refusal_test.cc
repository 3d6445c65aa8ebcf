// SPDX-License-Identifier: Apache-2.0
// What a person sees when something is wrong: the thing, the reason, what to do, an exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using ::testing::HasSubstr;

TEST(RefusalTest, UnknownAndContradictoryFlags) {
  CommandResult result = RunTidemark({"cluster", "--data-dir=x", "--worker=3"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("unknown flag --worker"));
  EXPECT_THAT(result.err, HasSubstr("did you mean --workers?"));
  result = RunTidemark({"cluster", "--data-dir=x", "--synchronous-commit", "--no-wal"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--synchronous-commit needs the WAL"));
  result = RunTidemark({"master", "--data-dir=x", "--tls-ca=ca.pem"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("belong together"));
  result = RunTidemark({"cluster"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--data-dir is missing"));
  EXPECT_EQ(RunTidemark({"nonsense"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists("x"));
}

TEST(RefusalTest, APublicAddressWithoutTls) {
  TestDirectory directory;
  const CommandResult result =
      RunTidemark({"cluster", "--data-dir=" + directory.path() + "/d", "--listen=0.0.0.0:7999"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("0.0.0.0:7999"));
  EXPECT_THAT(result.err, HasSubstr("--insecure-public"));
}

TEST(RefusalTest, NobodyAnswersStatus) {
  const CommandResult result =
      RunTidemark({"status", absl::StrCat("--address=127.0.0.1:", FreePort())});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("no answer from 127.0.0.1:"));
}

TEST(RefusalTest, DirectoryInUsePortInUseAndAnotherNumberOfWorkers) {
  TestDirectory directory;
  const std::string data = directory.path() + "/data";
  ClusterProcess server("server", data, 2);
  ASSERT_TRUE(server.Start().ok()) << server.output();
  CommandResult result = RunTidemark({"server", "--no-bolt", "--data-dir=" + data, "--workers=2",
                                      absl::StrCat("--grpc-port=", FreePort())});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("is in use by another process"));
  const std::string port = server.address().substr(server.address().rfind(':') + 1);
  result = RunTidemark({"server", "--data-dir=" + directory.path() + "/other", "--workers=1",
                        "--no-bolt", "--grpc-port=" + port});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(result.err, HasSubstr(port));
  EXPECT_EQ(server.Stop(), 0);
  result = RunTidemark({"server", "--no-bolt", "--data-dir=" + data, "--workers=3",
                        absl::StrCat("--grpc-port=", FreePort())});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("start it with --workers=2"));
}

TEST(RefusalTest, AWorkerDirectoryOfAnotherCluster) {
  TestDirectory directory;
  for (const char* name : {"a", "b"}) {
    ClusterProcess server("server", directory.path() + "/" + name, 2);
    ASSERT_TRUE(server.Start().ok()) << server.output();
    EXPECT_EQ(server.Stop(), 0);
  }
  std::filesystem::remove_all(directory.path() + "/a/worker-2");
  std::filesystem::rename(directory.path() + "/b/worker-2", directory.path() + "/a/worker-2");
  const CommandResult result =
      RunTidemark({"server", "--data-dir=" + directory.path() + "/a", "--workers=2", "--no-bolt",
                   absl::StrCat("--grpc-port=", FreePort())});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("cluster"));
  EXPECT_TRUE(std::filesystem::exists(directory.path() + "/a/worker-2/IDENTITY"));
}

TEST(RefusalTest, BadRowsOfAnImportAreToldWithTheirLines) {
  TestDirectory directory;
  const std::string nodes = directory.path() + "/nodes.csv";
  std::ofstream(nodes) << "id:ID,n:int\n1,5\n1,6\n,7\n3,x\n";
  const std::string links = directory.path() + "/links.csv";
  std::ofstream(links) << ":START_ID,:END_ID\n1,9\n";
  const std::string data = directory.path() + "/data";
  const std::vector<std::string> args = {"import", "--data-dir=" + data, "--workers=2",
                                         "--nodes=User=" + nodes, "--relationships=LINK=" + links};
  CommandResult result = RunTidemark(args);
  EXPECT_EQ(result.exit_code, 2) << result.err;
  for (const char* text : {"nodes.csv:3: the id \"1\" is there already", "nodes.csv:4: the :ID is",
                           "nodes.csv:5: column n: ", "links.csv:2: ", "4 bad rows"}) {
    EXPECT_THAT(result.err, HasSubstr(text));
  }
  EXPECT_FALSE(std::filesystem::exists(data + "/master"));
  std::ofstream(nodes) << "id:ID,n:int\n1,5\n9,6\n";
  result = RunTidemark(args);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(RunTidemark({"verify", data}).exit_code, 0);
}

TEST(RefusalTest, ADamagedSnapshotIsNamedByVerify) {
  TestDirectory directory;
  const std::string data = directory.path() + "/data";
  {
    ClusterProcess server("server", data, 1);
    ASSERT_TRUE(server.Start().ok()) << server.output();
    const auto session = server.client()->OpenSession();
    api::Run run;
    for (int i = 0; i < 100; ++i) AddVertex(&run, "User", "id", i);
    ASSERT_TRUE(session->Run(run).ok());
    ASSERT_TRUE(server.client()->SnapshotNow().ok());
    EXPECT_EQ(server.Stop(), 0);
  }
  EXPECT_EQ(RunTidemark({"verify", data}).exit_code, 0);
  std::string damaged;
  for (const auto& entry : std::filesystem::directory_iterator(data + "/worker-1/snapshots")) {
    damaged = entry.path();
    std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200);
    file.put('\x5a');
  }
  ASSERT_FALSE(damaged.empty());
  const CommandResult verify = RunTidemark({"verify", data});
  EXPECT_EQ(verify.exit_code, 5) << verify.out;
  EXPECT_THAT(verify.out, HasSubstr(std::filesystem::path(damaged).filename().string()));
}

}  // namespace
}  // namespace tidemark::integration
