// SPDX-License-Identifier: Apache-2.0
// What a worker ignores, and what it refuses to do.
#include "txn/participant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/txn/frame_text.h"
#include "tests/txn/model_worker.h"

namespace tidemark::txn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr uint64_t kMaster = 50;

class ParticipantTest : public testing::Test {
 protected:
  ParticipantTest()
      : worker_(NodeId(1), BootId(7), true, &disk_,
                [this](const std::string& line) { trace_.push_back(line); }) {
    worker_.participant().OnStreamOpened(BootId(kMaster));
  }

  void Receive(uint64_t epoch, const std::function<void(wire::Frame*)>& fill) {
    wire::Frame frame;
    frame.set_epoch(epoch);
    fill(&frame);
    worker_.participant().OnFrame(frame);
    worker_.participant().CheckInvariants();
  }
  void Report(uint64_t epoch, uint64_t number, uint64_t master = kMaster) {
    Receive(epoch, [&](wire::Frame* frame) {
      ToWire({BootId(master), number}, frame->mutable_report()->mutable_attempt());
    });
  }
  void Converge(uint64_t number, uint64_t new_epoch, uint64_t csn, uint64_t boot = 7) {
    Receive(new_epoch, [&](wire::Frame* frame) {
      wire::Converge* converge = frame->mutable_converge();
      ToWire({BootId(kMaster), number}, converge->mutable_attempt());
      converge->set_boot_id(boot);
      converge->set_new_epoch(new_epoch);
      converge->set_csn(csn);
    });
  }
  void Commit(uint64_t epoch, uint64_t csn) {
    Receive(epoch, [&](wire::Frame* frame) {
      frame->mutable_commit()->set_tx(csn);
      frame->mutable_commit()->set_csn(csn);
      frame->mutable_commit()->set_participants(1);
    });
  }
  void Work() {
    using W = ModelWorker::Work;
    for (const W work : {W::kRecover, W::kCut, W::kCut, W::kApply}) {
      while (work == W::kApply && worker_.Has(work)) worker_.Do(work);
      if (work != W::kApply && worker_.Has(work)) worker_.Do(work);
    }
  }
  void Start() {
    Report(0, 1);
    Converge(1, 1, 0);
    Work();
    Sent();
    trace_.clear();
  }
  std::vector<std::string> Sent() {
    std::vector<std::string> lines;
    for (const wire::Frame& frame : worker_.outbox()) lines.push_back(TextOf(frame));
    worker_.outbox().clear();
    return lines;
  }
  Participant::Phase phase() { return worker_.participant().phase(); }

  WorkerDisk disk_;
  std::vector<std::string> trace_;
  ModelWorker worker_;
};

TEST_F(ParticipantTest, NothingCountsBeforeTheFirstConverge) {
  Commit(0, 1);
  EXPECT_THAT(trace_, IsEmpty());
  EXPECT_EQ(phase(), Participant::Phase::kRestarted);
}

TEST_F(ParticipantTest, FramesOfOtherEpochsAreIgnored) {
  Start();
  Commit(0, 1);
  Commit(2, 1);
  EXPECT_THAT(trace_, IsEmpty());
  Commit(1, 1);
  Commit(1, 1);  // a repetition
  EXPECT_THAT(trace_, ElementsAre("wal: commit 1/1 of 0.1"));
}

TEST_F(ParticipantTest, ReportsOfOtherMastersAndOlderAttemptsAreIgnored) {
  Start();
  Report(1, 2, kMaster + 1);
  Report(1, 1);
  Report(0, 3);  // a lower epoch: a master that was replaced
  EXPECT_THAT(Sent(), IsEmpty());
  Report(1, 2);
  EXPECT_THAT(Sent(), ElementsAre(HasSubstr("Register attempt 50#2 boot 7 epoch 1")));
  EXPECT_EQ(worker_.participant().epoch(), Epoch(1)) << "no promise at Register";
}

TEST_F(ParticipantTest, RegistersAfterEverythingLoggedIsApplied) {
  Start();
  Commit(1, 1);
  Report(1, 2);
  EXPECT_THAT(Sent(), IsEmpty());
  Work();
  EXPECT_THAT(Sent(), ElementsAre(HasSubstr("tail 1/1{1}")));
}

TEST_F(ParticipantTest, ConvergeOfAnotherAttemptBootOrEpochIsIgnored) {
  Start();
  Report(1, 2);
  Converge(1, 2, 0);
  Converge(2, 2, 0, /*boot=*/6);
  Converge(2, 1, 0);
  EXPECT_EQ(phase(), Participant::Phase::kRegistered);
  Converge(2, 2, 0);
  EXPECT_EQ(phase(), Participant::Phase::kCutting);
}

TEST_F(ParticipantTest, ConvergedComesAfterTheSync) {
  Start();
  Report(1, 2);
  Sent();
  Converge(2, 2, 0);
  worker_.Do(ModelWorker::Work::kCut);  // written, not synced
  EXPECT_THAT(Sent(), IsEmpty());
  worker_.Do(ModelWorker::Work::kCut);
  EXPECT_THAT(Sent(), ElementsAre(HasSubstr("Converged attempt 50#2")));
}

TEST_F(ParticipantTest, ReportDuringConvergeIsAnsweredWhenItIsDone) {
  Start();
  Report(1, 2);
  Sent();
  Converge(2, 2, 0);
  Report(2, 3);
  EXPECT_THAT(Sent(), IsEmpty());
  Work();
  EXPECT_THAT(Sent(), ElementsAre(HasSubstr("Converged attempt 50#2"),
                                  HasSubstr("Register attempt 50#3 boot 7 epoch 2")));
}

// After a replay there is no undo: a lower recovery point means to load again.
TEST_F(ParticipantTest, GoesBelowWhatWasReplayedByReplayingAgain) {
  Start();
  Commit(1, 1);
  Work();
  disk_.durable = disk_.wal;
  ModelWorker again(NodeId(1), BootId(8), true, &disk_, [](const std::string&) {});
  Participant& participant = again.participant();
  participant.OnStreamOpened(BootId(kMaster));
  const auto attempt = [&](uint64_t number, uint64_t epoch, uint64_t csn) {
    wire::Frame report;
    report.set_epoch(epoch);
    ToWire({BootId(kMaster), number}, report.mutable_report()->mutable_attempt());
    participant.OnFrame(report);
    wire::Frame converge;
    ToWire({BootId(kMaster), number}, converge.mutable_converge()->mutable_attempt());
    converge.mutable_converge()->set_boot_id(8);
    converge.mutable_converge()->set_new_epoch(epoch + 1);
    converge.mutable_converge()->set_csn(csn);
    participant.OnFrame(converge);
  };
  attempt(2, 1, 1);
  again.Do(ModelWorker::Work::kRecover);
  again.Do(ModelWorker::Work::kCut);
  again.Do(ModelWorker::Work::kCut);
  EXPECT_EQ(again.memory().size(), 1u);
  attempt(3, 2, 0);
  EXPECT_EQ(participant.phase(), Participant::Phase::kRecovering);
  again.Do(ModelWorker::Work::kRecover);
  EXPECT_TRUE(again.memory().empty());
}

// The directory may be a copy from before that snapshot: its WAL is all there is.
TEST_F(ParticipantTest, NothingIsRemovedForASnapshotThatIsNotHere) {
  Start();
  Commit(1, 1);
  Work();
  disk_.durable = disk_.wal;
  Receive(1, [](wire::Frame* frame) {
    wire::SnapshotFile* file = frame->mutable_retain()->add_snapshots();
    file->set_epoch(1);
    file->set_csn(1);
  });
  EXPECT_EQ(disk_.complete_after, Csn());
  EXPECT_EQ(disk_.wal.back().id, (CommitId{Epoch(1), Csn(1)}));
}

// A round may be of the csn of one that failed: what was said after that one does not hit its file.
TEST_F(ParticipantTest, RetainThatComesAgainDuringALaterRoundRemovesNothing) {
  Start();
  Commit(1, 1);
  Work();
  const auto take = [&](uint64_t round) {
    Receive(1, [&](wire::Frame* frame) {
      frame->mutable_take_snapshot()->set_csn(1);
      frame->mutable_take_snapshot()->set_round(round);
    });
  };
  const auto retain = [&] {
    Receive(1, [](wire::Frame* frame) {
      frame->mutable_retain()->set_through(1);
      frame->mutable_retain()->set_round(1);
    });
  };
  take(1);
  worker_.Do(ModelWorker::Work::kSnapshot);
  ASSERT_EQ(disk_.snapshots.size(), 1u);
  retain();
  ASSERT_TRUE(disk_.snapshots.empty());
  take(2);
  retain();
  worker_.Do(ModelWorker::Work::kSnapshot);
  retain();
  EXPECT_EQ(disk_.snapshots.size(), 1u);
}

TEST_F(ParticipantTest, SilentMasterIsGivenUp) {
  Participant& participant = worker_.participant();
  for (int second = 1; second <= 4; ++second) participant.OnTick(second * kMicrosPerSecond);
  EXPECT_FALSE(worker_.close_asked());
  participant.OnTick(5 * kMicrosPerSecond);
  EXPECT_TRUE(worker_.close_asked());
}

TEST_F(ParticipantTest, LateTickSaysThatThisProcessSlept) {
  worker_.participant().OnTick(60 * kMicrosPerSecond);
  EXPECT_FALSE(worker_.close_asked());
}

}  // namespace
}  // namespace tidemark::txn
