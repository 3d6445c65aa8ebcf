// SPDX-License-Identifier: Apache-2.0
// The port of Bolt as whoever runs servers sees it: ready line, status, refusals. What drivers see
// is in tests/drivers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_process.h"

namespace tidemark::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class BoltPortTest : public ::testing::Test {
 protected:
  std::string PathOf(const std::string& name) const { return directory_.path() + "/" + name; }
  std::unique_ptr<Process> Start(std::vector<std::string> args) {
    args.push_back("--data-dir=" + PathOf("data"));
    args.push_back(absl::StrCat("--grpc-port=", grpc_port_));
    auto process = std::make_unique<Process>(args, PathOf(absl::StrCat("log", ++count_)));
    EXPECT_TRUE(process->WaitForOutput("ready grpc://")) << process->output();
    return process;
  }
  std::string Status() const {
    return RunTidemark({"status", absl::StrCat("--address=127.0.0.1:", grpc_port_)}).out;
  }

  TestDirectory directory_;
  const int grpc_port_ = FreePort();
  int count_ = 0;
};

TEST_F(BoltPortTest, ReadyLineAndStatusShowTheAddressAndThatNobodyHasToLogIn) {
  const int port = FreePort();
  const std::string address = absl::StrCat("bolt://127.0.0.1:", port);
  for (const char* command : {"server", "cluster"}) {
    const auto process = Start({command, "--workers=1", absl::StrCat("--bolt-port=", port)});
    EXPECT_THAT(process->output(), HasSubstr("ready " + address + "\n"));
    EXPECT_THAT(Status(), HasSubstr(address + ", nobody has to log in\n"));
    process->Signal(SIGTERM);
    EXPECT_EQ(process->WaitForExit(), 0) << process->output();
  }
}

// Plans follow what the workers count, also one that was made before.
TEST_F(BoltPortTest, AJoinBeginsAtTheSmallLabelOnceTheWorkersHaveCounted) {
  const int port = FreePort();
  const auto process = Start({"server", "--workers=2", absl::StrCat("--bolt-port=", port)});
  const auto run = [port](const std::string& statement) {
    const CommandResult result = RunTidemark(
        {"shell", absl::StrCat("--address=bolt://127.0.0.1:", port), "-c", statement + ";"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out + result.err;
  };
  run("CREATE (b:Small) WITH b UNWIND range(1, 1000) AS i CREATE (:Large {i: i})-[:T]->(b)");
  const std::string statement = "EXPLAIN MATCH (a:Large)-[:T]->(b:Small) RETURN a.i";
  const std::string wanted = "NodeByLabelScan  b:Small";
  std::string plan = run(statement);
  for (int second = 0; second < 30 && plan.find(wanted) == std::string::npos; ++second) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    plan = run(statement);
  }
  EXPECT_THAT(plan, HasSubstr(wanted));
}

TEST_F(BoltPortTest, StatusShowsThatBoltClientsLogIn) {
  std::ofstream(PathOf("password")) << "open-sesame\n";
  const auto process = Start({"server", "--workers=1", "--bolt-port=0", "--auth-user=ann",
                              "--auth-password-file=" + PathOf("password")});
  EXPECT_THAT(Status(), HasSubstr("bolt      bolt://127.0.0.1:"));
  EXPECT_THAT(Status(), Not(HasSubstr("nobody has to log in")));
  EXPECT_THAT(process->output(), Not(HasSubstr("sesame")));
}

TEST_F(BoltPortTest, IsOffWhenToldSo) {
  const auto process = Start({"server", "--workers=1", "--no-bolt"});
  EXPECT_THAT(process->output(), Not(HasSubstr("bolt://")));
  EXPECT_THAT(Status(), HasSubstr("bolt      off\n"));
}

TEST_F(BoltPortTest, APublicAddressWithoutALoginIsRefused) {
  const CommandResult result =
      RunTidemark({"cluster", "--data-dir=" + PathOf("data"), "--host=0.0.0.0", "--tls-ca=x",
                   "--tls-cert=x", "--tls-key=x", absl::StrCat("--grpc-port=", grpc_port_)});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("nobody would have to log in"));
  EXPECT_THAT(result.err, HasSubstr("--auth-user"));
}

TEST_F(BoltPortTest, AUserNeedsAPasswordAndItsFileSomethingInIt) {
  CommandResult result = RunTidemark({"server", "--data-dir=" + PathOf("data"), "--auth-user=ann"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("belong together"));
  std::ofstream(PathOf("empty")) << "\n";
  result = RunTidemark({"cluster", "--data-dir=" + PathOf("data"), "--auth-user=ann",
                        "--auth-password-file=" + PathOf("empty"),
                        absl::StrCat("--grpc-port=", grpc_port_)});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("is empty"));
}

TEST_F(BoltPortTest, APortInUseIsNamed) {
  const int port = FreePort();
  const auto process = Start({"server", "--workers=1", absl::StrCat("--bolt-port=", port)});
  const CommandResult result =
      RunTidemark({"server", "--workers=1", "--data-dir=" + PathOf("other"),
                   absl::StrCat("--bolt-port=", port), absl::StrCat("--grpc-port=", FreePort())});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_THAT(result.err, HasSubstr(absl::StrCat(port)));
}

}  // namespace
}  // namespace tidemark::integration
