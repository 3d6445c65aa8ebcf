// SPDX-License-Identifier: Apache-2.0
#include "txn/recovery_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::txn {
namespace {

using testing::HasSubstr;

// A master log at epoch 2 with W = 5; worker 1's newest commit is 5, worker 2's 4.
class RecoveryPlanTest : public testing::Test {
 protected:
  RecoveryPlanTest() {
    Apply(durability::ClusterRecord{{1, 2}, 2, 1});
    Apply(durability::EpochRecord{Epoch(1), Csn(0)});
    Apply(durability::EpochRecord{Epoch(2), Csn(3)});
    Apply(
        durability::WatermarkRecord{Epoch(2), Csn(5), {{NodeId(1), Csn(5)}, {NodeId(2), Csn(4)}}});
    for (uint32_t id = 1; id <= 2; ++id) {
      WorkerReport& report = reports_[NodeId(id)];
      report.epoch = Epoch(2);
      report.watermark = Csn(5);
      report.tail_after = Csn(5);
      report.last_csn = Csn(6 - id);
      report.wal_from_start = true;
    }
  }

  void Apply(const durability::MasterLogRecord& record) { ASSERT_TRUE(log_.Apply(record).ok()); }
  void Tail(uint32_t node, uint64_t epoch, uint64_t csn, uint64_t participants) {
    reports_[NodeId(node)].tail.push_back({{Epoch(epoch), Csn(csn)}, NodeSet(participants)});
  }
  void InMemory() {
    for (auto& [node, report] : reports_) report.in_memory = true;
  }
  RecoveryPlan Plan() { return PlanRecovery(log_, reports_, rules_); }

  durability::MasterLogState log_;
  std::map<NodeId, WorkerReport> reports_;
  PlanRules rules_;
};

TEST_F(RecoveryPlanTest, WholeRestartGoesToTheWatermark) {
  rules_.first_recovery = true;
  Tail(1, 2, 6, 3);
  Tail(2, 2, 6, 3);
  const RecoveryPlan plan = Plan();
  EXPECT_TRUE(plan.valid());
  EXPECT_EQ(plan.csn, Csn(5));
  EXPECT_EQ(plan.newest, Csn(6));
  rules_.recovery_point = RecoveryPoint::kLongest;
  EXPECT_EQ(Plan().csn, Csn(6));
}

TEST_F(RecoveryPlanTest, LongestEndsAtAGap) {
  Tail(1, 2, 6, 1);
  Tail(1, 2, 8, 1);
  EXPECT_EQ(Plan().csn, Csn(6));
}

TEST_F(RecoveryPlanTest, LongestEndsWhereAParticipantMisses) {
  Tail(1, 2, 6, 3);
  Tail(2, 2, 6, 3);
  Tail(1, 2, 7, 3);
  Tail(1, 2, 8, 1);
  const RecoveryPlan plan = Plan();
  EXPECT_EQ(plan.csn, Csn(6));
  EXPECT_EQ(plan.workers.at(NodeId(1)).last_csn, Csn(6));
  EXPECT_EQ(plan.newest, Csn(8));
}

TEST_F(RecoveryPlanTest, DeadRecordsDoNotCount) {
  Tail(1, 1, 6, 1);  // epoch 2 began at csn 3
  const RecoveryPlan plan = Plan();
  EXPECT_EQ(plan.csn, Csn(5));
  EXPECT_EQ(plan.newest, Csn(5));
}

TEST_F(RecoveryPlanTest, DeadRecordsBelowTheRecoveryPointAreNamed) {
  reports_[NodeId(2)].tail_after = Csn(3);
  reports_[NodeId(2)].last_csn = Csn(3);
  reports_[NodeId(2)].tail = {{{Epoch(1), Csn(4)}, NodeSet(2)}, {{Epoch(2), Csn(4)}, NodeSet(2)}};
  const RecoveryPlan plan = Plan();
  ASSERT_TRUE(plan.valid());
  ASSERT_EQ(plan.workers.at(NodeId(2)).dead.size(), 1u);
  EXPECT_EQ(plan.workers.at(NodeId(2)).dead[0], (CommitId{Epoch(1), Csn(4)}));
}

TEST_F(RecoveryPlanTest, OlderDirectoryIsRefusedByName) {
  reports_[NodeId(2)].last_csn = Csn(2);
  const RecoveryPlan plan = Plan();
  ASSERT_EQ(plan.refused.count(NodeId(2)), 1u);
  EXPECT_THAT(plan.refused.at(NodeId(2)),
              HasSubstr("worker 2 up to watermark 5 is 2 but must be 4"));
}

TEST_F(RecoveryPlanTest, OldMasterLogIsNoticed) {
  reports_[NodeId(1)].watermark = Csn(6);
  EXPECT_THAT(Plan().log_is_old, HasSubstr("older copy"));
  reports_[NodeId(1)].watermark = Csn(5);
  reports_[NodeId(1)].epoch = Epoch(3);
  EXPECT_THAT(Plan().log_is_old, HasSubstr("older copy"));
}

TEST_F(RecoveryPlanTest, ContradictingTailsAreRefused) {
  Tail(1, 2, 6, 3);
  Tail(2, 2, 6, 2);
  EXPECT_EQ(Plan().refused.count(NodeId(2)), 1u);
}

class SnapshotPlanTest : public RecoveryPlanTest {
 protected:
  SnapshotPlanTest() {
    durability::SnapshotCompleteRecord record{Epoch(2), Csn(4), {}};
    record.parts.push_back({NodeId(1), 11, Csn(3)});
    record.parts.push_back({NodeId(2), 22, Csn(4)});
    Apply(record);
    for (auto& [node, report] : reports_) {
      report.wal_from_start = false;
      report.wal_complete_after = Csn(4);
      wire::SnapshotFile file;
      file.set_epoch(2);
      file.set_csn(4);
      file.set_digest(node == NodeId(1) ? 11 : 22);
      file.set_last_csn(node == NodeId(1) ? 3 : 4);
      report.snapshots.push_back(file);
    }
  }
};

TEST_F(SnapshotPlanTest, LoadsTheNewestCompleteOne) {
  const RecoveryPlan plan = Plan();
  ASSERT_TRUE(plan.valid());
  EXPECT_EQ(plan.workers.at(NodeId(1)).snapshot, (CommitId{Epoch(2), Csn(4)}));
}

TEST_F(SnapshotPlanTest, AnotherDigestIsAnotherSnapshot) {
  reports_[NodeId(1)].snapshots[0].set_digest(12);
  EXPECT_THAT(Plan().refused.at(NodeId(1)), HasSubstr("no complete snapshot"));
  InMemory();  // a live worker needs none
  EXPECT_TRUE(Plan().valid());
}

TEST_F(SnapshotPlanTest, TheWalMustGoOnFromIt) {
  reports_[NodeId(1)].wal_complete_after = Csn(5);
  EXPECT_EQ(Plan().refused.count(NodeId(1)), 1u);
}

TEST_F(SnapshotPlanTest, WithoutWalOneRestartMeansThatAllReload) {
  rules_.wal = false;
  InMemory();
  reports_[NodeId(1)].tail_after = Csn(7);
  reports_[NodeId(1)].last_csn = Csn(7);
  EXPECT_EQ(Plan().csn, Csn(7)) << "all have what V has passed";
  EXPECT_FALSE(Plan().workers.at(NodeId(1)).reload);
}

}  // namespace
}  // namespace tidemark::txn
