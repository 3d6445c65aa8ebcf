// SPDX-License-Identifier: Apache-2.0
#include "durability/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "durability/identity.h"
#include "durability/inspect.h"
#include "durability/master_log/master_log.h"
#include "durability/snapshot/snapshot_writer.h"
#include "tests/durability/sample.h"
#include "tests/durability/wal_node.h"

namespace tidemark::durability {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kSnapshotPath = "d/snapshots/" + SnapshotName(Epoch(1), Csn(6));

// A worker's directory "d" with commits 1 ... 9, a snapshot of 6 and watermark 8, and what the
// master knows of it.
class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    auto directory = DataDirectory::Open(&files_, "d", DirectoryRole::kWorker);
    EXPECT_TRUE(directory.ok());
    EXPECT_TRUE((*directory)->Establish(kIdentity).ok());
    EXPECT_TRUE(node_.Open().ok());
    EXPECT_TRUE(node_.Cut(1, 0));
    for (uint64_t csn = 1; csn <= 9; ++csn) {
      node_.Commit(csn, SampleSlot(SlotId(static_cast<uint16_t>(csn)), 2));
      commits_.push_back(node_.writer()->state().tail.back().begin);
    }
    auto file = SnapshotFile::Create(&files_, {.directory = "d/snapshots",
                                               .identity = kIdentity,
                                               .epoch = Epoch(1),
                                               .csn = Csn(6),
                                               .last_csn = Csn(6)});
    EXPECT_TRUE((*file)->AddChunk(SlotId(3), SampleSlot(SlotId(3), 4)).ok());
    const absl::StatusOr<SnapshotInfo> info = (*file)->Finish();
    EXPECT_TRUE(info.ok());
    node_.writer()->NoteWatermark(Csn(8));
    EXPECT_TRUE(node_.Sync(9));
    Apply(ClusterRecord{.id = kIdentity.cluster, .worker_count = 1});
    Apply(EpochRecord{Epoch(1), Csn(0)});
    Apply(SnapshotCompleteRecord{
        Epoch(1), Csn(6), {{.node = NodeId(1), .digest = info->digest, .last_csn = Csn(6)}}});
    Apply(WatermarkRecord{Epoch(1), Csn(8), {{NodeId(1), Csn(8)}}});
  }
  void Apply(const MasterLogRecord& record) {
    const absl::Status status = master_.state.Apply(record);
    EXPECT_TRUE(status.ok()) << status;
  }
  std::vector<std::string> Errors() {
    const auto report = VerifyWorkerDirectory(&files_, "d", &master_);
    EXPECT_TRUE(report.ok()) << report.status();
    return report->errors;
  }

  CrashFileSystem files_;
  WalNode node_{&files_};
  MasterDirectoryReport master_;
  std::vector<WalPosition> commits_;
};

TEST_F(VerifyTest, GoodDirectoryHasNoErrors) {
  const auto report = VerifyWorkerDirectory(&files_, "d", &master_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->errors, IsEmpty());
  EXPECT_THAT(report->remarks, IsEmpty());
  EXPECT_EQ(report->last_csn, Csn(8));
  ASSERT_EQ(report->snapshots.size(), 1u);
  EXPECT_EQ(report->snapshots[0].vertices, 4u);
}

TEST_F(VerifyTest, DamagedCommitIsNamed) {
  (*files_.Bytes(SegmentPath(1)))[commits_[4].offset + 50] ^= 4;
  ASSERT_EQ(Errors().size(), 1u);
  EXPECT_THAT(Errors()[0], HasSubstr(SegmentPath(1)));
  EXPECT_THAT(Errors()[0], HasSubstr(absl::StrCat("offset ", commits_[4].offset)));
  EXPECT_THAT(Errors()[0], HasSubstr("csn"));
}

TEST_F(VerifyTest, DamagedSnapshotIsNamed) {
  (*files_.Bytes(kSnapshotPath))[150] ^= 4;
  ASSERT_FALSE(Errors().empty());
  EXPECT_THAT(Errors()[0], HasSubstr(kSnapshotPath));
}

TEST_F(VerifyTest, OlderCopyOfTheWorkerIsFound) {
  Apply(WatermarkRecord{Epoch(1), Csn(12), {{NodeId(1), Csn(11)}}});
  ASSERT_FALSE(Errors().empty());
  EXPECT_THAT(Errors()[0], HasSubstr("csn 11"));
}

TEST_F(VerifyTest, OlderCopyOfTheMasterIsFound) {
  MasterDirectoryReport older;
  ASSERT_TRUE(older.state.Apply(ClusterRecord{.id = kIdentity.cluster, .worker_count = 1}).ok());
  ASSERT_TRUE(older.state.Apply(EpochRecord{Epoch(1), Csn(0)}).ok());
  ASSERT_TRUE(older.state.Apply(WatermarkRecord{Epoch(1), Csn(7), {{NodeId(1), Csn(7)}}}).ok());
  const auto report = VerifyWorkerDirectory(&files_, "d", &older);
  ASSERT_TRUE(report.ok());
  ASSERT_FALSE(report->errors.empty());
  EXPECT_THAT(report->errors[0], HasSubstr("master"));
}

TEST_F(VerifyTest, MissingSnapshotIsFound) {
  ASSERT_TRUE(files_.Remove(kSnapshotPath).ok());
  ASSERT_EQ(Errors().size(), 1u);
  EXPECT_THAT(Errors()[0], HasSubstr(kSnapshotPath));
}

TEST_F(VerifyTest, OtherClusterIsFound) {
  MasterDirectoryReport other;
  ASSERT_TRUE(other.state.Apply(ClusterRecord{.id = {1, 1}, .worker_count = 1}).ok());
  const auto report = VerifyWorkerDirectory(&files_, "d", &other);
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->errors.size(), 1u);
  EXPECT_THAT(report->errors[0], HasSubstr(kIdentity.cluster.ToString()));
}

TEST_F(VerifyTest, MasterDirectory) {
  const FileIdentity identity{.cluster = kIdentity.cluster, .node = kMasterNode};
  auto directory = DataDirectory::Open(&files_, "m/master", DirectoryRole::kMaster);
  ASSERT_TRUE(directory.ok());
  ASSERT_TRUE((*directory)->Establish(identity).ok());
  ASSERT_TRUE(MasterLog::Create(&files_, node_.executor(),
                                {.directory = "m/master", .identity = identity},
                                {.id = kIdentity.cluster, .worker_count = 1})
                  .ok());
  auto report = VerifyMasterDirectory(&files_, "m/master");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->errors, IsEmpty());
  EXPECT_EQ(report->state.cluster().worker_count, 1u);
  (*files_.Bytes("m/master/" + MasterLogName(1)))[80] ^= 1;
  report = VerifyMasterDirectory(&files_, "m/master");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->errors.size(), 1u);
  EXPECT_TRUE(absl::IsFailedPrecondition(VerifyMasterDirectory(&files_, "d").status()));
}

TEST_F(VerifyTest, InspectGoesOnBehindDamage) {
  (*files_.Bytes(SegmentPath(1)))[commits_[4].offset + 50] ^= 4;
  std::string text;
  const absl::Status status =
      InspectWalSegment(&files_, SegmentPath(1), {}, [&](std::string_view line) {
        text.append(line);
        text.push_back('\n');
      });
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(text, HasSubstr("csn=4 "));
  EXPECT_THAT(text, HasSubstr("not a record"));
  EXPECT_THAT(text, HasSubstr("csn=6 "));
  EXPECT_THAT(text, HasSubstr("watermark=8"));
}

}  // namespace
}  // namespace tidemark::durability
