// SPDX-License-Identifier: Apache-2.0
// Damage is never served. Each bit and each length of each file of a small data directory is tried:
// the whole cluster is started on the damaged files, through the same MasterNode and WorkerNode
// that real processes run, and `verify` reads them without a start.
//
// The rule. W is the watermark of the undamaged directory, and its state what the undamaged cluster
// comes up with after all of it was down: all commits <= W, none above.
//  1. The start opens with the same state: csn, names, indexes, and of each worker every slot as
//     the mutations that rebuild it (ids, records, entries, next ids). So a commit at or below W is
//     never cut away, whatever is damaged; what lies above W is cut in any case. With recovery
//     point `longest` it is the state after W or after some commit above it.
//  2. Or a node refuses. Its message names the damaged file and, for a flipped bit, the offset of
//     the very piece that was hit (header, record, trailer, or the zeroes behind the last record),
//     for a truncation one that is not behind the new end.
//  3. `verify` finds something whenever the start refuses, and names it in the same way; when it
//     finds nothing, the watermark and the digest of the graph are those of the undamaged
//     directory. It may find what a start does not need: older snapshots, the older master log.
//  4. Nobody is ended by a signal, and nobody waits for ever.
//
// No byte is free of a checksum but the zeroes behind the last record of a preallocated file, and
// the copies of the newest master log records have their originals: damage there leaves the state
// as it is, or is refused like any other. Of the zeroes all bits of the first few hundred bytes are
// tried and a sample of the rest, since they are all alike.
// A file that is missing, exchanged or older must do no more harm than that either; the message
// then names what the node found.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "durability/file_format.h"
#include "tests/damage/runner.h"

namespace tidemark::damage {
namespace {

constexpr CaseChoice kSample{.data_step = 23, .zero_bytes = 0, .zero_step = 211};

void ExpectNoProblem(const std::string& title, const RunFigures& figures) {
  Print(title, figures);
  EXPECT_EQ(figures.problem_count, 0u);
  EXPECT_EQ(figures.signal_count, 0u);
}

void TrySample(const std::string& title, DirectoryKind kind) {
  const DataDirectory directory = MakeDataDirectory(kind);
  ExpectNoProblem(title, RunCases(directory, FlipsAndTruncations(directory, kSample)));
}

TEST(DamageTest, SampleOfAKilledCluster) { TrySample("killed", DirectoryKind::kKilled); }
TEST(DamageTest, SampleOfAStoppedCluster) { TrySample("stopped", DirectoryKind::kStopped); }
TEST(DamageTest, SampleOfASynchronousCluster) {
  TrySample("synchronous", DirectoryKind::kSynchronous);
}

// What lies above W counts too: any prefix of the commits may come back, but nothing else.
TEST(DamageTest, SampleWithTheLongestRecovery) {
  DataDirectory directory = MakeDataDirectory(DirectoryKind::kKilled);
  directory.options.coordinator.recovery_point = txn::RecoveryPoint::kLongest;
  ExpectNoProblem("longest", RunCases(directory, FlipsAndTruncations(directory, kSample)));
}

TEST(DamageTest, WholeFiles) {
  for (const DirectoryKind kind :
       {DirectoryKind::kKilled, DirectoryKind::kStopped, DirectoryKind::kSynchronous}) {
    const DataDirectory directory = MakeDataDirectory(kind);
    ExpectNoProblem("whole files", RunCases(directory, WholeFileCases(directory)));
  }
}

// The directories are only worth something when everything is in them.
TEST(DamageTest, EveryKindOfRecordIsThere) {
  const DataDirectory directory = MakeDataDirectory(DirectoryKind::kKilled);
  std::set<int> wal;
  std::set<int> snapshot;
  std::set<int> master_log;
  for (const auto& [path, content] : directory.image) {
    auto* kinds = path.ends_with(".wal") ? &wal : path.ends_with(".snap") ? &snapshot : &master_log;
    for (const Piece& piece : PiecesOf(directory.image, path)) kinds->insert(piece.kind);
  }
  EXPECT_EQ(wal.size(), durability::kMaxWalRecordKind + 1u);
  EXPECT_EQ(snapshot.size(), durability::kMaxSnapshotRecordKind + 1u);
  EXPECT_EQ(master_log.size(), durability::kMaxMasterLogRecordKind + 1u);
}

}  // namespace
}  // namespace tidemark::damage
