// SPDX-License-Identifier: Apache-2.0
#include "worker/recovery.h"

#include "tests/worker/engine_parts.h"

namespace tidemark::worker {
namespace {

TEST(RecoveryProgressTest, TextSaysWhereItIsAndHowFastItGoes) {
  RecoveryProgress progress;
  EXPECT_EQ(ProgressText(progress, Csn(900), 0), "loading the snapshot: 0 %, 0 mutations/s");
  progress.snapshot_entities = 200;
  progress.vertices = 40;
  progress.edges = 50;
  progress.mutations = 150;
  EXPECT_EQ(ProgressText(progress, Csn(900), 500'000),
            "loading the snapshot: 45 %, 300 mutations/s");
  progress.replayed_csn = 7;
  EXPECT_EQ(ProgressText(progress, Csn(900), 1'000'000),
            "replaying the log: csn 7 of 900, 150 mutations/s");
}

class RecoveryTest : public EngineParts {
 protected:
  RecoveryTest() : wal_(ScanWal()) {
    recovery_ = std::make_unique<Recovery>(context_.env, context_.options.shard);
  }
  void Start(const txn::RecoveryOrder& order) {
    const RecoverySource source{&files_, directory_->wal_path(), directory_->snapshots_path(),
                                context_.options.identity, &wal_};
    recovery_->Start(source, order, [this](absl::StatusOr<RecoveredShard> result) {
      EXPECT_EQ(recovery_->progress(), nullptr) << "it is over when it is told";
      results_.push_back(std::move(result));
    });
  }

  durability::WalState wal_;
  std::unique_ptr<Recovery> recovery_;
  std::vector<absl::StatusOr<RecoveredShard>> results_;
};

TEST_F(RecoveryTest, GivesAShardAndShowsItsProgressMeanwhile) {
  EXPECT_EQ(recovery_->progress(), nullptr);
  Start({});
  EXPECT_NE(recovery_->progress(), nullptr);
  executor_.Advance(5'000'000);  // two lines for people
  EXPECT_TRUE(results_.empty());
  executor_.RunAll();
  ASSERT_EQ(results_.size(), 1u);
  ASSERT_TRUE(results_[0].ok()) << results_[0].status();
  EXPECT_EQ(results_[0]->shard->stats().vertices, 0u);
  executor_.Advance(5'000'000);
  Start({});
  executor_.RunAll();
  EXPECT_EQ(results_.size(), 2u);
}

TEST_F(RecoveryTest, AMissingSnapshotIsAnError) {
  Start({{Epoch(1), Csn(5)}, Csn(5), {}});
  executor_.RunAll();
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_FALSE(results_[0].ok());
}

TEST_F(RecoveryTest, ACancelledOneEndsWithAnError) {
  const std::string path =
      directory_->snapshots_path() + "/" + durability::SnapshotName(Epoch(1), Csn(5));
  const auto file = files_.Open(path, env::OpenMode::kCreate);
  ASSERT_TRUE(file.ok() && (*file)->WriteAt(0, std::string(5000, 'x')).ok());
  Start({{Epoch(1), Csn(5)}, Csn(5), {}});
  recovery_->Cancel();
  executor_.RunAll();
  ASSERT_EQ(results_.size(), 1u);
  EXPECT_EQ(results_[0].status().code(), absl::StatusCode::kCancelled) << results_[0].status();
  recovery_->Cancel();
}

TEST_F(RecoveryTest, NothingIsToldAfterItIsGone) {
  Start({});
  recovery_ = nullptr;
  executor_.RunAll();
  executor_.Advance(5'000'000);
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace tidemark::worker
