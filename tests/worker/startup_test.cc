// SPDX-License-Identifier: Apache-2.0
#include "worker/startup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "base/status.h"
#include "env/posix_file_system.h"
#include "env/posix_random.h"
#include "tests/worker/hand_executor.h"

namespace tidemark::worker {
namespace {

using ::testing::HasSubstr;
using State = Startup::State;

class StartupTest : public ::testing::Test {
 protected:
  StartupTest() {
    CHECK(mkdtemp(path_.data()) != nullptr) << path_;
    startup_ = std::make_unique<Startup>(
        env::Env{&executor_.clock(), &random_, &files_, &executor_}, path_);
  }
  ~StartupTest() override { std::filesystem::remove_all(path_); }

  Startup::Done Record() {
    return [this](const absl::Status& status) { told_.push_back(status); };
  }
  void Open() {
    startup_->Open(Record());
    executor_.RunAll();
    ASSERT_EQ(told_.size(), 1u);
    ASSERT_TRUE(told_[0].ok()) << told_[0];
    told_.clear();
  }

  std::string path_ = ::testing::TempDir() + "startup-XXXXXX";
  env::PosixFileSystem files_;
  env::PosixRandom random_;
  HandExecutor executor_;
  std::unique_ptr<Startup> startup_;
  std::vector<absl::Status> told_;
};

TEST_F(StartupTest, OpensThenReadsThenGivesWhatItFound) {
  EXPECT_EQ(startup_->state(), State::kOpening);
  Open();
  EXPECT_EQ(startup_->state(), State::kReading);
  startup_->Establish({{1, 2}, NodeId(1)}, Record());
  executor_.RunAll();
  EXPECT_EQ(startup_->directory().identity()->node, NodeId(1));
  startup_->Read(Record());
  startup_->CheckInvariants();
  executor_.RunAll();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(startup_->state(), State::kRead);
  EXPECT_TRUE(startup_->Take().snapshots.empty());
  EXPECT_EQ(startup_->state(), State::kJoined);
  startup_->CheckInvariants();
}

TEST_F(StartupTest, AReportWaitsUntilSomebodyTakesIt) {
  Open();
  EXPECT_FALSE(startup_->TakeReport().has_value());
  wire::Frame report;
  report.mutable_report()->mutable_attempt()->set_number(7);
  startup_->KeepReport(report);
  startup_->ForgetReport();
  EXPECT_FALSE(startup_->TakeReport().has_value());
  startup_->KeepReport(report);
  EXPECT_EQ(startup_->TakeReport()->report().attempt().number(), 7u);
  EXPECT_FALSE(startup_->TakeReport().has_value());
}

TEST_F(StartupTest, ADirectoryOfSomethingElseIsNotOpened) {
  std::ofstream(path_ + "/notes.txt") << "not ours";
  startup_->Open(Record());
  executor_.RunAll();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].code(), absl::StatusCode::kFailedPrecondition) << told_[0];
  EXPECT_EQ(startup_->state(), State::kOpening);
}

TEST_F(StartupTest, DamageGoesToWhoeverWaitsAndRefusesTheStart) {
  Open();
  startup_->Establish({{1, 2}, NodeId(1)}, Record());
  executor_.RunAll();
  std::ofstream(path_ + "/wal/000000000001.wal") << "this is no log";
  startup_->Read(Record());
  executor_.RunAll();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].code(), absl::StatusCode::kDataLoss) << told_[1];
  startup_->Refuse(told_[1]);
  EXPECT_EQ(startup_->state(), State::kRefused);
  EXPECT_EQ(startup_->refusal(), told_[1]);
  startup_->CheckInvariants();
}

TEST_F(StartupTest, ARefusalSaysWhereTheLogEndsUntilItIsCut) {
  Open();
  EXPECT_EQ(MessageOf(startup_->ExplainRefusal("too old")), "too old") << "nothing is read yet";
  startup_->Establish({{1, 2}, NodeId(1)}, Record());
  executor_.RunAll();
  startup_->Read(Record());
  executor_.RunAll();
  EXPECT_THAT(MessageOf(startup_->ExplainRefusal("too old")),
              HasSubstr("too old. Its log ends at"));
  startup_->OnWalCut();
  EXPECT_EQ(MessageOf(startup_->ExplainRefusal("too old")), "too old");
}

TEST_F(StartupTest, ACancelledReadEndsWithAnErrorAndADestroyedOneTellsNobody) {
  Open();
  startup_->Establish({{1, 2}, NodeId(1)}, Record());
  executor_.RunAll();
  std::ofstream(path_ + "/wal/000000000001.wal") << std::string(5000, 'x');
  startup_->Read(Record());
  startup_->Cancel();
  executor_.RunAll();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].code(), absl::StatusCode::kCancelled) << told_[1];
  startup_->Read(Record());
  ASSERT_TRUE(executor_.RunJob());
  startup_ = nullptr;
  executor_.RunAll();
  EXPECT_EQ(told_.size(), 2u);
}

}  // namespace
}  // namespace tidemark::worker
