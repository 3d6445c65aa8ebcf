// SPDX-License-Identifier: Apache-2.0
#include "durability/master_log/master_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>

#include "base/status.h"
#include "tests/durability/crash_file_system.h"
#include "tests/durability/manual_executor.h"

namespace tidemark::durability {
namespace {

using ::testing::HasSubstr;

const std::string kLogDirectory = "d/master";
const ClusterRecord kCluster{.id = {5, 6}, .worker_count = 2};
const FileIdentity kMasterIdentity{.cluster = {5, 6}, .node = kMasterNode};

WatermarkRecord Watermark(uint64_t epoch, uint64_t csn) {
  return {.epoch = Epoch(epoch),
          .csn = Csn(csn),
          .last = {{NodeId(1), Csn(csn)}, {NodeId(2), Csn(csn / 2)}}};
}
SnapshotCompleteRecord Snapshot(uint64_t epoch, uint64_t csn) {
  SnapshotCompleteRecord record{.epoch = Epoch(epoch), .csn = Csn(csn)};
  for (uint32_t node : {1, 2}) {
    record.parts.push_back({.node = NodeId(node), .digest = 77, .last_csn = Csn(csn)});
  }
  return record;
}
SchemaRecord Schema(uint64_t epoch, uint64_t csn, uint32_t id, graph::IndexState state) {
  return {.epoch = Epoch(epoch),
          .csn = Csn(csn),
          .definition = {.id = IndexId(id),
                         .kind = graph::IndexKind::kLabelProperty,
                         .state = state,
                         .label = LabelId(1),
                         .keys = {KeyId(1)},
                         .name = "index " + std::to_string(id)}};
}

class MasterLogTest : public ::testing::Test {
 protected:
  MasterLogTest() { EXPECT_TRUE(files_.MakeDirectory(kLogDirectory).ok()); }

  static MasterLogOptions Options(uint64_t growth_bytes = 1 << 20) {
    return {.directory = kLogDirectory, .identity = kMasterIdentity, .growth_bytes = growth_bytes};
  }
  absl::Status Create(uint64_t growth_bytes = 1 << 20) {
    auto log = MasterLog::Create(&files_, &executor_, Options(growth_bytes), kCluster);
    if (log.ok()) log_ = *std::move(log);
    return log.status();
  }
  absl::Status Reopen(uint64_t growth_bytes = 1 << 20) {
    log_.reset();
    auto log = MasterLog::Open(&files_, &executor_, Options(growth_bytes));
    if (log.ok()) log_ = *std::move(log);
    return log.status();
  }
  bool Sync() {
    bool done = false;
    log_->SyncThrough(log_->last_position(), [&] { done = true; });
    executor_.RunAll();
    return done;
  }
  // Where the next record goes.
  size_t End() { return ReadMasterLog(&files_, Options())->end; }
  std::string* Newest() { return files_.Bytes(kLogDirectory + "/" + MasterLogName(1)); }

  CrashFileSystem files_;
  ManualExecutor executor_;
  std::unique_ptr<MasterLog> log_;
};

TEST_F(MasterLogTest, WhatIsSyncedComesBack) {
  ASSERT_TRUE(Create().ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  log_->Append(MemberRecord{NodeId(1)});
  log_->Append(NameRecord{NameKind::kLabel, 1, "Person"});
  log_->Append(Watermark(1, 10));
  log_->Append(Snapshot(1, 8));
  ASSERT_TRUE(Sync());
  files_.LosePower();
  ASSERT_TRUE(Reopen().ok());
  const MasterLogState& state = log_->state();
  EXPECT_EQ(state.cluster().worker_count, 2u);
  EXPECT_EQ(state.epoch(), Epoch(1));
  EXPECT_TRUE(state.members().contains(NodeId(1)));
  EXPECT_EQ(state.names().at({NameKind::kLabel, 1}), "Person");
  EXPECT_EQ(state.watermark().csn, Csn(10));
  EXPECT_EQ(state.watermark().last[1].csn, Csn(5));
  ASSERT_EQ(state.snapshots().size(), 1u);
  log_->CheckInvariants();
}

TEST_F(MasterLogTest, CreateRefusesAnExistingLog) {
  ASSERT_TRUE(Create().ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Create()));
}

TEST_F(MasterLogTest, OpenWithoutALogIsNotFound) { EXPECT_TRUE(absl::IsNotFound(Reopen())); }

TEST_F(MasterLogTest, WatermarkIsTheHigherOfWatermarksAndSnapshots) {
  ASSERT_TRUE(Create().ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  log_->Append(Watermark(1, 10));
  log_->Append(Snapshot(1, 14));
  EXPECT_EQ(log_->state().watermark().csn, Csn(14));
  EXPECT_EQ(log_->state().watermark().last[0].csn, Csn(14));
}

TEST_F(MasterLogTest, DeadSchemaIsTakenBack) {
  ASSERT_TRUE(Create().ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  log_->Append(Schema(1, 3, 1, graph::IndexState::kBuilding));
  log_->Append(Schema(1, 5, 1, graph::IndexState::kOnline));
  log_->Append(Schema(1, 6, 2, graph::IndexState::kBuilding));
  EXPECT_EQ(log_->state().schema().size(), 2u);
  log_->Append(EpochRecord{Epoch(2), Csn(4)});
  ASSERT_EQ(log_->state().schema().size(), 1u);
  EXPECT_EQ(log_->state().schema().at(IndexId(1)).definition.state, graph::IndexState::kBuilding);
  EXPECT_TRUE(log_->state().IsDead(Epoch(1), Csn(5)));
  EXPECT_FALSE(log_->state().IsDead(Epoch(1), Csn(4)));
  EXPECT_FALSE(log_->state().IsDead(Epoch(2), Csn(5)));
}

TEST_F(MasterLogTest, RecordsThatCannotFollowAreRefused) {
  MasterLogState state;
  EXPECT_TRUE(absl::IsDataLoss(state.Apply(EpochRecord{Epoch(1), Csn(0)})));
  ASSERT_TRUE(state.Apply(kCluster).ok());
  EXPECT_TRUE(absl::IsDataLoss(state.Apply(kCluster)));
  ASSERT_TRUE(state.Apply(EpochRecord{Epoch(2), Csn(0)}).ok());
  EXPECT_TRUE(absl::IsDataLoss(state.Apply(EpochRecord{Epoch(2), Csn(0)})));
  ASSERT_TRUE(state.Apply(Watermark(2, 9)).ok());
  EXPECT_TRUE(absl::IsDataLoss(state.Apply(Watermark(2, 8))));
  EXPECT_TRUE(absl::IsDataLoss(state.Apply(EpochRecord{Epoch(3), Csn(8)})));
  EXPECT_TRUE(absl::IsDataLoss(state.Apply(MemberRecord{NodeId(3)})));
  ASSERT_TRUE(state.Apply(NameRecord{NameKind::kType, 1, "A"}).ok());
  EXPECT_TRUE(absl::IsDataLoss(state.Apply(NameRecord{NameKind::kType, 1, "B"})));
}

TEST_F(MasterLogTest, CompactedRecordsGiveTheSameState) {
  MasterLogState state(2);
  ASSERT_TRUE(state.Apply(kCluster).ok());
  for (uint64_t epoch = 1; epoch <= 3; ++epoch) {
    ASSERT_TRUE(state.Apply(EpochRecord{Epoch(epoch), Csn(10 * epoch)}).ok());
    ASSERT_TRUE(state.Apply(Schema(epoch, 10 * epoch + 1, 1, graph::IndexState::kBuilding)).ok());
    ASSERT_TRUE(state.Apply(Schema(epoch, 10 * epoch + 2, 1, graph::IndexState::kOnline)).ok());
    ASSERT_TRUE(state.Apply(Watermark(epoch, 10 * epoch + 1)).ok());
    ASSERT_TRUE(state.Apply(Snapshot(epoch, 10 * epoch)).ok());
  }
  ASSERT_TRUE(state.Apply(MemberRecord{NodeId(2)}).ok());
  ASSERT_TRUE(state.Apply(NameRecord{NameKind::kKey, 4, "name"}).ok());
  MasterLogState again(2);
  for (const MasterLogRecord& record : state.Compact()) ASSERT_TRUE(again.Apply(record).ok());
  again.CheckInvariants();
  std::string first;
  std::string second;
  for (const auto& record : state.Compact()) first += DebugString(record) + "\n";
  for (const auto& record : again.Compact()) second += DebugString(record) + "\n";
  EXPECT_EQ(first, second);
  EXPECT_EQ(again.snapshots().size(), 2u);
  EXPECT_EQ(again.schema().at(IndexId(1)).csn, Csn(32));
}

// Against all schema records ever applied: an epoch takes those above its base back, of the others
// the last one of each index counts, whatever watermarks have passed and logs were rewritten.
TEST_F(MasterLogTest, SchemaFollowsEpochsAndWatermarks) {
  std::mt19937_64 random(7);
  MasterLogState state(2);
  ASSERT_TRUE(state.Apply(kCluster).ok());
  ASSERT_TRUE(state.Apply(EpochRecord{Epoch(1), Csn(0)}).ok());
  std::vector<SchemaRecord> alive;
  uint64_t epoch = 1;
  uint64_t csn = 0;
  uint64_t watermark = 0;
  for (int step = 0; step < 5000; ++step) {
    const uint64_t choice = random() % 100;
    if (choice < 70) {
      if (random() % 4 != 0) ++csn;  // one commit may define several indexes
      csn = std::max(csn, watermark + 1);
      const auto index = static_cast<uint32_t>(1 + random() % 20);
      alive.push_back(Schema(epoch, csn, index, static_cast<graph::IndexState>(random() % 3)));
      ASSERT_TRUE(state.Apply(alive.back()).ok());
    } else if (choice < 90) {
      watermark += random() % (csn - watermark + 1);
      ASSERT_TRUE(state.Apply(Watermark(epoch, watermark)).ok());
    } else if (choice < 95) {
      csn = watermark + random() % (csn - watermark + 1);
      ASSERT_TRUE(state.Apply(EpochRecord{Epoch(++epoch), Csn(csn)}).ok());
      std::erase_if(alive, [&](const SchemaRecord& record) { return record.csn.value() > csn; });
    } else {
      MasterLogState again(2);
      for (const MasterLogRecord& record : state.Compact()) ASSERT_TRUE(again.Apply(record).ok());
      state = again;
    }
    state.CheckInvariants();
    std::map<IndexId, SchemaRecord> wanted;
    for (const SchemaRecord& record : alive) wanted[record.definition.id] = record;
    ASSERT_EQ(state.schema().size(), wanted.size());
    for (const auto& [id, record] : wanted) {
      ASSERT_EQ(DebugString(state.schema().at(id)), DebugString(record)) << "step " << step;
    }
  }
  EXPECT_GT(epoch, 100u);
}

// Every flush round writes a watermark: it does not look at definitions that it has passed.
TEST_F(MasterLogTest, AWatermarkCostsTheSameBesideManyDefinitions) {
  const auto fastest = [](uint32_t definition_count) {
    MasterLogState state(2);
    EXPECT_TRUE(state.Apply(kCluster).ok());
    EXPECT_TRUE(state.Apply(EpochRecord{Epoch(1), Csn(0)}).ok());
    for (uint32_t i = 1; i <= definition_count; ++i) {
      EXPECT_TRUE(state.Apply(Schema(1, i, i, graph::IndexState::kOnline)).ok());
    }
    auto best = std::chrono::nanoseconds::max();
    for (uint64_t round = 0; round < 20; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      for (uint64_t i = 0; i < 10; ++i) {
        EXPECT_TRUE(state.Apply(Watermark(1, definition_count + 10 * round + i)).ok());
      }
      best = std::min(best, std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin));
    }
    return best;
  };
  EXPECT_LT(fastest(2000), fastest(1) * 20);
}

TEST_F(MasterLogTest, RewriteKeepsTheStateAndThePreviousGeneration) {
  ASSERT_TRUE(Create(2000).ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  int told = 0;
  for (uint64_t csn = 1; csn <= 300; ++csn) {
    log_->SyncThrough(log_->Append(Watermark(1, csn)), [&] { ++told; });
    if (csn % 3 == 0) executor_.RunAll();
    log_->CheckInvariants();
  }
  executor_.RunAll();
  EXPECT_EQ(told, 300);
  EXPECT_GT(log_->generation(), 3u);
  EXPECT_EQ(files_.AllPaths().size(), 2u);  // the newest and the one before it
  files_.LosePower();
  ASSERT_TRUE(Reopen(2000).ok());
  EXPECT_EQ(log_->state().watermark().csn, Csn(300));
  log_->Append(Watermark(1, 301));
  ASSERT_TRUE(Sync());
}

// A full disk is known long before the next generation is needed; what must be logged has room.
TEST_F(MasterLogTest, AFullDiskIsAStateThatEndsWhenThereIsRoom) {
  ASSERT_TRUE(Create(4000).ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  const size_t file_bytes = Newest()->size();
  files_.SetFreeBytes(100);
  uint64_t csn = 0;
  while (log_->disk_full().ok() && csn < 100) {
    log_->Append(Watermark(1, ++csn));
    ASSERT_TRUE(Sync());
  }
  EXPECT_EQ(log_->disk_full().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(log_->disk_full().message(), ::testing::HasSubstr("are free"));
  for (uint64_t epoch = 2; epoch <= 10; ++epoch) {
    log_->Append(EpochRecord{Epoch(epoch), Csn(csn)});
    ASSERT_TRUE(Sync()) << epoch;
  }
  EXPECT_EQ(Newest()->size(), file_bytes);
  files_.LosePower();
  ASSERT_TRUE(Reopen(4000).ok()) << "a start needs no room either";
  EXPECT_EQ(log_->state().epoch(), Epoch(10));
  log_->Append(EpochRecord{Epoch(11), Csn(csn)});
  ASSERT_TRUE(Sync());
  EXPECT_FALSE(log_->disk_full().ok());
  files_.SetFreeBytes(1 << 20);
  executor_.FireTimers();
  executor_.RunAll();
  EXPECT_TRUE(log_->disk_full().ok());
  uint64_t epoch = 11;
  while (log_->generation() == 1 && epoch < 100) {
    log_->Append(EpochRecord{Epoch(++epoch), Csn(csn)});
    ASSERT_TRUE(Sync());
  }
  EXPECT_EQ(log_->generation(), 2u) << "the file that was made when there was room is used";
  EXPECT_EQ(log_->state().epoch(), Epoch(epoch));
}

TEST_F(MasterLogTest, TornTailIsCut) {
  ASSERT_TRUE(Create().ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  ASSERT_TRUE(Sync());
  const size_t end = End();
  log_->Append(Watermark(1, 1));
  executor_.Turn();
  std::fill(Newest()->begin() + static_cast<ptrdiff_t>(end) + 30, Newest()->end(), '\0');
  files_.KillProcesses();
  ASSERT_TRUE(Reopen().ok());
  EXPECT_EQ(log_->remarks().size(), 1u);
  EXPECT_EQ(End(), end);
  EXPECT_EQ(log_->state().watermark().csn, Csn(0));
}

TEST_F(MasterLogTest, DamageToASyncedRecordIsRefused) {
  ASSERT_TRUE(Create().ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  ASSERT_TRUE(Sync());
  const size_t last = End() - 1;
  log_->Append(Watermark(1, 1));
  ASSERT_TRUE(Sync());
  (*Newest())[last] ^= 1;
  const absl::Status status = Reopen();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(MessageOf(status), HasSubstr(MasterLogName(1)));
  EXPECT_THAT(MessageOf(status), HasSubstr("offset"));
}

TEST_F(MasterLogTest, DamageToTheNewestRecordsIsRepairedFromTheirCopies) {
  ASSERT_TRUE(Create(1000).ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  ASSERT_TRUE(Sync());
  const size_t begin = End();
  log_->Append(NameRecord{NameKind::kKey, 1, "key"});
  log_->Append(Watermark(1, 1));
  ASSERT_TRUE(Sync());
  const size_t end = End();
  const std::string good = *Newest();
  // The second round: an open that appended nothing has left the copies.
  for (int round = 0; round < 2; ++round) {
    for (size_t at = begin; at < end; ++at) {
      (*Newest())[at] ^= 4;
      ASSERT_TRUE(Reopen().ok()) << at;
      ASSERT_EQ(log_->state().watermark().csn, Csn(1)) << at;
      ASSERT_EQ(log_->state().names().size(), 1u) << at;
      ASSERT_EQ(log_->remarks().size(), 1u) << at;
      ASSERT_THAT(log_->remarks()[0], HasSubstr("is damaged, its copy")) << at;
      ASSERT_EQ(*Newest(), good) << at;
    }
  }
  for (size_t at = end; at < good.size(); ++at) {  // a copy is nothing to speak of
    (*Newest())[at] ^= 4;
    ASSERT_TRUE(Reopen().ok()) << at;
    ASSERT_EQ(log_->state().watermark().csn, Csn(1)) << at;
    ASSERT_EQ(*Newest(), good) << at;
  }
}

TEST_F(MasterLogTest, CopiesOfManyWritesBetweenTwoSyncs) {
  ASSERT_TRUE(Create(1000).ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  ASSERT_TRUE(Sync());
  const size_t begin = End();
  for (uint32_t id = 1; id <= 5; ++id) {
    log_->Append(NameRecord{NameKind::kKey, id, "key"});
    executor_.Turn();
  }
  ASSERT_TRUE(Sync());
  const size_t end = End();
  const std::string good = *Newest();
  for (size_t at = begin; at < end; ++at) {
    (*Newest())[at] ^= 4;
    ASSERT_TRUE(Reopen().ok()) << at;
    ASSERT_EQ(log_->state().names().size(), 5u) << at;
    ASSERT_EQ(*Newest(), good) << at;
  }
}

TEST_F(MasterLogTest, AFileThatWasCutShortIsRefused) {
  ASSERT_TRUE(Create(1000).ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  ASSERT_TRUE(Sync());
  const std::string good = *Newest();
  for (size_t size = 0; size < good.size(); ++size) {
    Newest()->resize(size);
    const absl::Status status = Reopen();
    EXPECT_TRUE(absl::IsDataLoss(status)) << size << status;
    EXPECT_THAT(MessageOf(status), HasSubstr(", offset "));
    *Newest() = good;
  }
}

TEST_F(MasterLogTest, OpenSyncsWhatAnEarlierProcessLeftUnsynced) {
  ASSERT_TRUE(Create().ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  log_->Append(Watermark(1, 4));
  executor_.Turn();
  files_.KillProcesses();
  ASSERT_TRUE(Reopen().ok());
  ASSERT_EQ(log_->state().watermark().csn, Csn(4));
  files_.LosePower();
  ASSERT_TRUE(Reopen().ok());
  EXPECT_EQ(log_->state().watermark().csn, Csn(4));
}

TEST_F(MasterLogTest, FailedSyncEndsTheNode) {
  ASSERT_TRUE(Create().ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  files_.FailNextSync();
  EXPECT_FALSE(Sync());
  EXPECT_FALSE(executor_.failure().ok());
}

TEST_F(MasterLogTest, LogOfAnotherClusterIsRefused) {
  ASSERT_TRUE(Create().ok());
  MasterLogOptions options = Options();
  options.identity.cluster.low = 9;
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadMasterLog(&files_, options).status()));
}

TEST_F(MasterLogTest, BitFlipsAndTruncationsAreRefusedOrGiveAPrefix) {
  ASSERT_TRUE(Create(4000).ok());
  log_->Append(EpochRecord{Epoch(1), Csn(0)});
  for (uint64_t csn = 1; csn <= 20; ++csn) {
    log_->Append(NameRecord{NameKind::kKey, static_cast<uint32_t>(csn), "key"});
    log_->Append(Watermark(1, csn));
    ASSERT_TRUE(Sync());
  }
  std::string* bytes = Newest();
  const std::string good = *bytes;
  const size_t used = good.find_last_not_of('\0') + 1;
  std::mt19937_64 random(9);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    if (i % 4 == 0) {
      bytes->resize(random() % used);
    } else {
      (*bytes)[random() % used] ^= static_cast<char>(1 << (random() % 8));
    }
    const auto contents = ReadMasterLog(&files_, Options());
    if (contents.ok()) {
      // Only the last turn's records can go unnoticed, or what a shorter file no longer shows.
      if (i % 4 != 0) {
        ASSERT_GE(contents->state.watermark().csn, Csn(19));
      }
      ASSERT_EQ(contents->state.names().size(),
                contents->state.watermark().csn.value() +
                    (contents->state.names().size() > contents->state.watermark().csn.value()));
    } else {
      ++refused;
      ASSERT_TRUE(absl::IsDataLoss(contents.status()) ||
                  absl::IsFailedPrecondition(contents.status()))
          << contents.status();
    }
    *bytes = good;
  }
  EXPECT_GT(refused, 1000);
}

// Random lives: whatever was synced is there after the loss of power, in order.
TEST(MasterLogCrashTest, StateIsAPrefixWithAllThatWasSynced) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    CrashFileSystem files(seed);
    ASSERT_TRUE(files.MakeDirectory(kLogDirectory).ok());
    const MasterLogOptions options{
        .directory = kLogDirectory, .identity = kMasterIdentity, .growth_bytes = 600};
    uint64_t synced = 0;
    uint64_t appended = 0;
    {
      ManualExecutor executor(seed);
      ASSERT_TRUE(MasterLog::Create(&files, &executor, options, kCluster).ok());
    }
    for (int round = 0; round < 10; ++round) {
      auto executor = std::make_unique<ManualExecutor>(seed);
      files.CrashAfter(random() % 60);
      auto log = MasterLog::Open(&files, executor.get(), options);
      if (!log.ok()) {
        ASSERT_TRUE(files.crashed()) << log.status();
      }
      if (log.ok()) {
        const uint64_t found = (*log)->state().watermark().csn.value();
        ASSERT_GE(found, synced);
        ASSERT_LE(found, appended);
        synced = appended = found;
        for (int i = 0; i < 40 && executor->failure().ok(); ++i) {
          const uint64_t csn = ++appended;
          (*log)->SyncThrough((*log)->Append(Watermark(1, csn)), [&, csn] { synced = csn; });
          executor->Turn();
          if (random() % 2 == 0) executor->RunJob();
          (*log)->CheckInvariants();
        }
        log->reset();
      }
      executor.reset();
      files.LosePower();
    }
    const auto contents = ReadMasterLog(&files, options);
    ASSERT_TRUE(contents.ok()) << contents.status();
    ASSERT_GE(contents->state.watermark().csn.value(), synced);
  }
}

}  // namespace
}  // namespace tidemark::durability
