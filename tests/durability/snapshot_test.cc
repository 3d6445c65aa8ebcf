// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/status.h"
#include "durability/snapshot/snapshot_reader.h"
#include "durability/snapshot/snapshot_writer.h"
#include "tests/durability/sample.h"
#include "tests/durability/wal_node.h"

namespace tidemark::durability {
namespace {

using ::testing::HasSubstr;

const std::string kSnapshotDirectory = "d/snapshots";
const std::string kPath = kSnapshotDirectory + "/" + SnapshotName(Epoch(3), Csn(70));

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() { EXPECT_TRUE(files_.MakeDirectory(kSnapshotDirectory).ok()); }

  static SnapshotOptions Options() {
    return {.directory = kSnapshotDirectory,
            .identity = kIdentity,
            .epoch = Epoch(3),
            .csn = Csn(70),
            .last_csn = Csn(66)};
  }
  // Slots 2 and 5, the second one in three chunks.
  absl::StatusOr<SnapshotInfo> WriteSample() {
    ASSIGN_OR_RETURN(std::unique_ptr<SnapshotFile> file, SnapshotFile::Create(&files_, Options()));
    for (const auto& [slot, mutations] : SampleChunks()) {
      RETURN_IF_ERROR(file->AddChunk(slot, mutations));
    }
    return file->Finish();
  }
  static std::vector<std::pair<SlotId, std::string>> SampleChunks() {
    return {{SlotId(2), SampleSlot(SlotId(2), 3)},
            {SlotId(5), SampleSlot(SlotId(5), 200)},
            {SlotId(5), SampleEdges(SlotId(5), 200)},
            {SlotId(5), SampleEdges(SlotId(5), 1)}};
  }
  absl::Status Verify() {
    ASSIGN_OR_RETURN(std::unique_ptr<SnapshotReader> reader,
                     SnapshotReader::Open(&files_, kPath, kIdentity));
    return reader->Verify();
  }

  CrashFileSystem files_;
};

TEST_F(SnapshotTest, WhatWasWrittenComesBack) {
  const absl::StatusOr<SnapshotInfo> info = WriteSample();
  ASSERT_TRUE(info.ok()) << info.status();
  files_.LosePower();
  auto reader = SnapshotReader::Open(&files_, kPath, kIdentity);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->info().digest, info->digest);
  EXPECT_EQ((*reader)->info().last_csn, Csn(66));
  EXPECT_EQ((*reader)->info().vertices, 203u);
  EXPECT_EQ((*reader)->info().edges, 201u);
  EXPECT_EQ((*reader)->info().bytes, info->bytes);
  SnapshotReader::Chunk chunk;
  for (const auto& [slot, mutations] : SampleChunks()) {
    ASSERT_TRUE(*(*reader)->Next(&chunk));
    EXPECT_EQ(chunk.slot, slot);
    EXPECT_EQ(chunk.mutations, mutations);
  }
  EXPECT_FALSE(*(*reader)->Next(&chunk));
}

TEST_F(SnapshotTest, SameContentGivesTheSameDigest) {
  const absl::StatusOr<SnapshotInfo> first = WriteSample();
  const absl::StatusOr<SnapshotInfo> second = WriteSample();
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->digest, second->digest);
}

TEST_F(SnapshotTest, EmptySnapshot) {
  auto file = SnapshotFile::Create(&files_, Options());
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Finish().ok());
  EXPECT_TRUE(Verify().ok());
}

TEST_F(SnapshotTest, CrashAtEveryStepLeavesNothingOrTheWholeSnapshot) {
  for (uint64_t step = 0; step < 12; ++step) {
    CrashFileSystem files(step);
    ASSERT_TRUE(files.MakeDirectory(kSnapshotDirectory).ok());
    files.CrashAfter(step);
    bool finished = false;
    {
      auto file = SnapshotFile::Create(&files, Options());
      if (file.ok() && (*file)->AddChunk(SlotId(2), SampleSlot(SlotId(2), 3)).ok()) {
        finished = (*file)->Finish().ok();
      }
    }
    files.LosePower();
    ASSERT_TRUE(RemoveUnfinishedSnapshots(&files, kSnapshotDirectory).ok());
    const auto list = ListSnapshots(&files, kSnapshotDirectory, kIdentity);
    ASSERT_TRUE(list.ok()) << list.status();
    if (finished) {
      EXPECT_EQ(list->size(), 1u);
    }
    for (const std::string& path : files.AllPaths()) EXPECT_FALSE(HasPartSuffix(path));
  }
}

TEST_F(SnapshotTest, AbandonedFileIsRemoved) {
  {
    auto file = SnapshotFile::Create(&files_, Options());
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->AddChunk(SlotId(2), SampleSlot(SlotId(2), 3)).ok());
  }
  EXPECT_TRUE(files_.AllPaths().empty());
}

TEST_F(SnapshotTest, FullDiskIsToldAndDoesNotEndTheNode) {
  ManualExecutor executor;
  SnapshotWriter writer(&files_, &executor, Options());
  writer.AddChunk(SlotId(2), SampleSlot(SlotId(2), 3));
  files_.FailNextWrite();
  absl::Status status;
  writer.Finish([&](absl::StatusOr<SnapshotInfo> info) { status = info.status(); });
  executor.RunAll();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(executor.failure().ok());
  EXPECT_TRUE(files_.AllPaths().empty());
}

TEST_F(SnapshotTest, WriterTakesABoundedNumberOfChunks) {
  ManualExecutor executor;
  SnapshotWriter writer(&files_, &executor, Options());
  int told = 0;
  writer.set_on_ready([&] { ++told; });
  int added = 0;
  uint16_t slot = 0;
  for (; writer.Ready(); ++added, ++slot) {
    writer.AddChunk(SlotId(slot), SampleSlot(SlotId(slot), 1));
  }
  EXPECT_EQ(added, SnapshotWriter::kMaxChunksInFlight);
  executor.RunAll();
  EXPECT_TRUE(writer.Ready());
  EXPECT_EQ(told, added);
  absl::StatusOr<SnapshotInfo> result = absl::UnknownError("");
  writer.Finish([&](absl::StatusOr<SnapshotInfo> info) { result = std::move(info); });
  executor.RunAll();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->vertices, static_cast<uint64_t>(added));
  EXPECT_TRUE(Verify().ok());
}

TEST_F(SnapshotTest, DestroyedWriterLeavesNoFileAndCallsNobody) {
  ManualExecutor executor;
  bool called = false;
  {
    SnapshotWriter writer(&files_, &executor, Options());
    writer.AddChunk(SlotId(2), SampleSlot(SlotId(2), 3));
    executor.RunAll();
    writer.set_on_ready([&] { called = true; });
  }
  executor.RunAll();
  EXPECT_FALSE(called);
  EXPECT_TRUE(files_.AllPaths().empty());
}

TEST_F(SnapshotTest, MalformedMutationsAreNotWritten) {
  auto file = SnapshotFile::Create(&files_, Options());
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->AddChunk(SlotId(2), "\xff\xff").code(), absl::StatusCode::kDataLoss);
}

TEST_F(SnapshotTest, EveryBitFlipAndTruncationIsRefused) {
  ASSERT_TRUE(WriteSample().ok());
  std::string* bytes = files_.Bytes(kPath);
  const std::string good = *bytes;
  for (size_t i = 0; i < good.size(); ++i) {
    (*bytes)[i] ^= static_cast<char>(1 << (i % 8));
    const absl::Status status = Verify();
    ASSERT_FALSE(status.ok()) << "byte " << i;
    ASSERT_THAT(MessageOf(status), HasSubstr(kPath));
    *bytes = good;
  }
  std::mt19937_64 random(3);
  for (size_t i = 0; i < 500; ++i) {
    bytes->resize(random() % good.size());
    ASSERT_FALSE(Verify().ok());
    *bytes = good;
  }
  EXPECT_TRUE(Verify().ok());
}

TEST_F(SnapshotTest, FileOfAnotherClusterIsRefused) {
  ASSERT_TRUE(WriteSample().ok());
  FileIdentity other = kIdentity;
  other.cluster.low = 1;
  const absl::Status status = SnapshotReader::Open(&files_, kPath, other).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr(kIdentity.cluster.ToString()));
  EXPECT_THAT(MessageOf(status), HasSubstr(other.cluster.ToString()));
}

class SnapshotFolderTest : public SnapshotTest {
 protected:
  void Write(uint64_t epoch, uint64_t csn) {
    SnapshotOptions options = Options();
    options.epoch = Epoch(epoch);
    options.csn = Csn(csn);
    options.last_csn = Csn(csn);
    auto file = SnapshotFile::Create(&files_, options);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Finish().ok());
  }
  std::vector<uint64_t> Csns() {
    const auto list = ListSnapshots(&files_, kSnapshotDirectory, kIdentity);
    EXPECT_TRUE(list.ok()) << list.status();
    std::vector<uint64_t> csns;
    for (const SnapshotInfo& info : *list) csns.push_back(info.csn.value());
    return csns;
  }
};

TEST_F(SnapshotFolderTest, RemovesAboveOnlyAndDurably) {
  for (const uint64_t csn : {10, 20, 30}) Write(1, csn);
  ASSERT_TRUE(RemoveSnapshotsAbove(&files_, kSnapshotDirectory, Csn(20)).ok());
  files_.LosePower();
  EXPECT_THAT(Csns(), ::testing::ElementsAre(10, 20));
}

TEST_F(SnapshotFolderTest, RetainsTheNamedAndWhatIsNewer) {
  for (const uint64_t csn : {10, 20, 30, 35, 40, 50, 60}) Write(1, csn);
  ASSERT_TRUE(RetainSnapshots(&files_, kSnapshotDirectory,
                              {{Epoch(1), Csn(30)}, {Epoch(1), Csn(40)}}, Csn(50))
                  .ok());
  EXPECT_THAT(Csns(), ::testing::ElementsAre(30, 40, 60));
}

TEST_F(SnapshotFolderTest, RemovesThoseOfFailedRoundsBeforeAnyIsComplete) {
  for (const uint64_t csn : {10, 20, 30}) Write(1, csn);
  ASSERT_TRUE(RetainSnapshots(&files_, kSnapshotDirectory, {}, Csn(20)).ok());
  files_.LosePower();
  EXPECT_THAT(Csns(), ::testing::ElementsAre(30));
}

TEST_F(SnapshotFolderTest, NeverRemovesWhenNoneOfTheNamedIsThere) {
  for (const uint64_t csn : {10, 20}) Write(1, csn);
  ASSERT_TRUE(RetainSnapshots(&files_, kSnapshotDirectory, {{Epoch(2), Csn(20)}}, Csn(20)).ok());
  EXPECT_THAT(Csns(), ::testing::ElementsAre(10, 20));
}

}  // namespace
}  // namespace tidemark::durability
