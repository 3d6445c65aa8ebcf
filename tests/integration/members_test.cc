// SPDX-License-Identifier: Apache-2.0
// Nodes that are missing, doubled, empty or old: each is named, with the reason and what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "tests/integration/cluster_process.h"
#include "tests/integration/graph_client.h"

namespace tidemark::integration {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A master and workers that are started by hand, as on machines of their own.
class MembersTest : public ::testing::Test {
 protected:
  std::string PathOf(const std::string& node) const { return directory_.path() + "/" + node; }
  std::unique_ptr<Process> StartMaster(int workers) {
    return std::make_unique<Process>(
        std::vector<std::string>{"master", "--data-dir=" + PathOf("master"),
                                 absl::StrCat("--workers=", workers),
                                 absl::StrCat("--listen=127.0.0.1:", node_port_), "--no-bolt",
                                 absl::StrCat("--grpc-port=", client_port_)},
        absl::StrCat(PathOf("master"), ".", ++start_count_));
  }
  std::unique_ptr<Process> StartWorker(const std::string& name) {
    return std::make_unique<Process>(
        std::vector<std::string>{"worker", "--data-dir=" + PathOf(name),
                                 absl::StrCat("--master=127.0.0.1:", node_port_)},
        absl::StrCat(PathOf(name), ".", ++start_count_));
  }
  CommandResult Status() {
    return RunTidemark({"status", absl::StrCat("--address=127.0.0.1:", client_port_)});
  }
  bool WaitUntilOpen() {
    for (int i = 0; i < 300 && Status().exit_code != 0; ++i) SleepMs(50);
    return Status().exit_code == 0;
  }

  TestDirectory directory_;
  const int node_port_ = FreePort();
  const int client_port_ = FreePort();
  int start_count_ = 0;
};

TEST_F(MembersTest, AMemberThatNeverComesIsNamedAgainAndAgainWithTheTime) {
  const auto master = StartMaster(2);
  const auto worker = StartWorker("a");
  ASSERT_TRUE(worker->WaitForOutput("is worker 1 of cluster")) << worker->output();
  const std::string missing = "waiting for worker 2 (has not come yet; missing for ";
  EXPECT_TRUE(master->WaitForOutput(missing + "10 s)")) << master->output();
  CommandResult status = Status();
  EXPECT_EQ(status.exit_code, 4) << status.out;
  EXPECT_THAT(status.out, HasSubstr(missing)) << status.err;
  EXPECT_TRUE(master->WaitForOutput(missing + "20 s)")) << master->output();
  const auto second = StartWorker("b");
  EXPECT_TRUE(WaitUntilOpen()) << master->output();
  master->Signal(SIGTERM);
  for (Process* process : {master.get(), worker.get(), second.get()}) {
    EXPECT_EQ(process->WaitForExit(), 0) << process->output();
  }
}

// The nodes' socket is in the folder that the nodes have yet to make.
TEST_F(MembersTest, AClusterStartsInAFolderThatIsNotThereYet) {
  const std::string data = PathOf("data");
  Process cluster({"cluster", "--data-dir=" + data, "--workers=1", "--no-bolt",
                   absl::StrCat("--grpc-port=", client_port_)},
                  PathOf("log"));
  EXPECT_TRUE(cluster.WaitForOutput("ready grpc://")) << cluster.output();
  EXPECT_TRUE(std::filesystem::is_socket(data + "/nodes.sock")) << cluster.output();
  cluster.Signal(SIGTERM);
  EXPECT_EQ(cluster.WaitForExit(), 0) << cluster.output();
}

TEST_F(MembersTest, AMasterThatIsNotThereIsLookedForUntilItComes) {
  const auto worker = StartWorker("a");
  EXPECT_TRUE(worker->WaitForOutput(absl::StrCat("127.0.0.1:", node_port_))) << worker->output();
  EXPECT_TRUE(worker->WaitForOutput("trying again", 2)) << worker->output();
  const auto master = StartMaster(1);
  EXPECT_TRUE(WaitUntilOpen()) << master->output() << worker->output();
}

TEST_F(MembersTest, AWorkerAtTheClientPortHearsThatItIsTheWrongOne) {
  const auto master = StartMaster(1);
  const auto worker = StartWorker("a");
  ASSERT_TRUE(WaitUntilOpen()) << master->output();
  Process lost(
      {"worker", "--data-dir=" + PathOf("b"), absl::StrCat("--master=127.0.0.1:", client_port_)},
      PathOf("b.log"));
  EXPECT_TRUE(lost.WaitForOutput("no node port")) << lost.output();
  for (const std::string address : {"127.0.0.1", "http://127.0.0.1:7600", "::1:7600"}) {
    const CommandResult refused =
        RunTidemark({"worker", "--data-dir=" + PathOf("c"), "--master=" + address});
    EXPECT_EQ(refused.exit_code, 2) << address;
    EXPECT_THAT(refused.err, HasSubstr("give host:port")) << address;
  }
}

TEST_F(MembersTest, OfTwoWorkersWithOneIdTheSecondWaits) {
  auto master = StartMaster(1);
  auto worker = StartWorker("a");
  ASSERT_TRUE(WaitUntilOpen()) << master->output();
  master->Signal(SIGTERM);
  EXPECT_EQ(worker->WaitForExit(), 0) << worker->output();
  EXPECT_EQ(master->WaitForExit(), 0) << master->output();
  std::filesystem::copy(PathOf("a"), PathOf("b"), std::filesystem::copy_options::recursive);
  master = StartMaster(1);
  worker = StartWorker("a");
  ASSERT_TRUE(WaitUntilOpen()) << master->output();
  const auto second = StartWorker("b");
  const std::string named =
      absl::StrCat("worker 1 is connected already, from process ", worker->pid());
  EXPECT_TRUE(second->WaitForOutput(named)) << second->output();
  const std::string place = std::filesystem::weakly_canonical(PathOf("a"));
  EXPECT_THAT(second->output(), HasSubstr(place)) << "where the other one is";
  EXPECT_TRUE(second->WaitForOutput("stop one of the two", 2)) << second->output();
  EXPECT_TRUE(master->WaitForOutput(named)) << master->output();
  EXPECT_FALSE(second->WaitForExit(0).has_value());
  EXPECT_EQ(Status().exit_code, 0) << "the first one is not disturbed";
}

// Directories of a stopped cluster that were changed: how the start refuses them.
class BadDirectoryTest : public ::testing::TestWithParam<std::string> {
 protected:
  // A cluster that has written, was copied, has written more and was stopped.
  void SetUp() override {
    cluster_ = std::make_unique<ClusterProcess>(GetParam(), directory_.path() + "/data", 2,
                                                std::vector<std::string>{"--synchronous-commit"});
    Write(0);
    std::filesystem::copy(cluster_->data_dir(), old_, std::filesystem::copy_options::recursive);
    Write(1);
  }
  void Write(int number) {
    ASSERT_TRUE(cluster_->Start().ok()) << cluster_->output();
    const auto session = cluster_->client()->OpenSession();
    for (int i = 0; i < 4; ++i) {
      api::Run run;
      AddVertex(&run, "User", "id", number);
      ASSERT_TRUE(session->Run(run).ok());
    }
    ASSERT_EQ(cluster_->Stop(), 0) << cluster_->output();
  }
  void ExpectRefused(const std::string& says) {
    cluster_->Launch();
    EXPECT_EQ(cluster_->WaitForExit(), 3) << cluster_->output();
    EXPECT_THAT(cluster_->output(), HasSubstr(says));
  }
  // The right directory is back: nothing else has suffered.
  void ExpectWhole() {
    const CommandResult verify = RunTidemark({"verify", cluster_->data_dir()});
    EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
    EXPECT_THAT(verify.out, HasSubstr("8 vertices"));
  }

  TestDirectory directory_;
  const std::string old_ = directory_.path() + "/old";
  const std::string aside_ = directory_.path() + "/aside";
  std::unique_ptr<ClusterProcess> cluster_;
};

TEST_P(BadDirectoryTest, AnOlderCopyOfAWorker) {
  const std::string worker = cluster_->data_dir() + "/worker-2";
  std::filesystem::rename(worker, aside_);
  std::filesystem::copy(old_ + "/worker-2", worker, std::filesystem::copy_options::recursive);
  ExpectRefused("worker 2");
  EXPECT_THAT(cluster_->output(), HasSubstr("its directory is older than the cluster or damaged"));
  std::filesystem::remove_all(worker);
  std::filesystem::rename(aside_, worker);
  ExpectWhole();
}

TEST_P(BadDirectoryTest, AnOlderCopyOfTheMaster) {
  const std::string master = cluster_->data_dir() + "/master";
  std::filesystem::rename(master, aside_);
  std::filesystem::copy(old_ + "/master", master, std::filesystem::copy_options::recursive);
  ExpectRefused("the master's directory is an older copy");
  std::filesystem::remove_all(master);
  std::filesystem::rename(aside_, master);
  ExpectWhole();
}

TEST_P(BadDirectoryTest, AnEmptyOneWhereAMemberIsExpected) {
  const std::string worker = cluster_->data_dir() + "/worker-1";
  std::filesystem::rename(worker, aside_);
  std::filesystem::create_directory(worker);
  ExpectRefused("worker 1 is a member of cluster");
  EXPECT_THAT(cluster_->output(), AllOf(HasSubstr("the directory is empty"), HasSubstr("restore")));
  std::filesystem::remove_all(worker);
  std::filesystem::rename(aside_, worker);
  ExpectWhole();
}

INSTANTIATE_TEST_SUITE_P(Commands, BadDirectoryTest, ::testing::Values("server", "cluster"));

}  // namespace
}  // namespace tidemark::integration
