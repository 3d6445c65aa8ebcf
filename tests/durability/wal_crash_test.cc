// SPDX-License-Identifier: Apache-2.0
// Random lives of a WAL: append, sync, note, cut, fail a sync, crash at any disk operation (also
// inside a cut), come back; after each the log must be a prefix of what was appended, with all that
// was synced.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/status.h"
#include "tests/durability/wal_node.h"

namespace tidemark::durability {
namespace {

class WalLife {
 public:
  explicit WalLife(uint64_t seed) : random_(seed), files_(seed), node_(&files_, seed) {}

  // One round: open, cut, work, crash. False when something was wrong.
  void Round() {
    const absl::Status opened = node_.Open();
    ASSERT_TRUE(opened.ok()) << opened;
    CheckContents();
    if (::testing::Test::HasFatalFailure()) return;
    // A crash may also hit the cut.
    files_.CrashAfter(random_() % 120);
    const uint64_t last = node_.scanned().base.last_csn.value();
    const uint64_t highest = std::min(last, ceiling_);
    cut_ = watermark_ + (highest > watermark_ ? random_() % (highest - watermark_ + 1) : 0);
    ceiling_ = cut_;  // the master has synced Epoch{epoch, cut}: nothing above it is alive
    ++epoch_;
    if (node_.Cut(epoch_, cut_)) {
      commits_.erase(commits_.upper_bound(cut_), commits_.end());
      next_csn_ = cut_ + 1;
      ceiling_ = UINT64_MAX;
      synced_ = commits_.empty() ? 0 : commits_.rbegin()->first;
      Work();
    }
    node_.Destroy();
    if (random_() % 3 == 0 && !files_.crashed()) {
      files_.KillProcesses();
    } else {
      files_.LosePower();
    }
  }

 private:
  void Work() {
    const uint64_t steps = random_() % 60;
    if (random_() % 4 == 0) files_.FailNextSync();
    for (uint64_t i = 0; i < steps && node_.executor()->failure().ok(); ++i) {
      Step();
      node_.executor()->Turn();
      if (random_() % 2 == 0) node_.executor()->RunJob();
      if (node_.executor()->failure().ok()) node_.writer()->CheckInvariants();
    }
    if (random_() % 2 == 0) node_.executor()->RunAll();
  }

  void Step() {
    WalWriter* writer = node_.writer();
    const uint64_t choice = random_() % 10;
    if (choice < 5) {
      const uint64_t csn = next_csn_ + random_() % 3;  // sparse
      next_csn_ = csn + 1;
      const uint64_t tx = choice == 0 && !parts_.empty() ? parts_.begin()->first : 100000 + csn;
      std::string mutations = Bytes();
      writer->AppendCommit(
          {.csn = Csn(csn), .tx = TxId(tx), .participants = NodeSet(1), .mutations = mutations});
      commits_[csn] = parts_[tx] + mutations;
      parts_.erase(tx);
    } else if (choice < 7) {
      const uint64_t tx = 1 + random_() % 3 + 10 * epoch_;
      const std::string mutations = Bytes();
      writer->AppendPart(TxId(tx), mutations);
      parts_[tx] += mutations;
    } else if (choice < 9) {
      const uint64_t through = next_csn_ - 1;
      writer->SyncThrough(Csn(through), [this, through] { synced_ = std::max(synced_, through); });
    } else if (synced_ > watermark_) {
      watermark_ += random_() % (synced_ - watermark_ + 1);
      writer->NoteWatermark(Csn(watermark_));
      const auto oldest = watermark_ / 2;
      if (random_() % 2 == 0 && oldest > pruned_) {
        pruned_ = oldest;
        writer->RemoveBelow(Csn(oldest));
      }
    }
  }

  std::string Bytes() {
    std::string bytes(random_() % 400, '\0');
    for (char& c : bytes) c = static_cast<char>(random_());
    return bytes;
  }

  // The log is a prefix of commits_, with all up to synced_.
  void CheckContents() {
    parts_.clear();
    const WalState& state = node_.scanned();
    const uint64_t last = state.base.last_csn.value();
    // What the last round's cut may have removed before it was interrupted is above ceiling_.
    const uint64_t floor = std::min(synced_, ceiling_);
    auto expected_end = commits_.upper_bound(floor);
    const uint64_t newest_needed =
        expected_end == commits_.begin() ? 0 : std::prev(expected_end)->first;
    ASSERT_GE(last, newest_needed);
    ASSERT_LE(state.base.watermark.value(), watermark_);
    const uint64_t after = std::max(pruned_, state.base.complete_after.value());
    const auto replayed = node_.Replay(after);
    ASSERT_TRUE(replayed.ok()) << replayed.status();
    std::map<uint64_t, std::string> expected(commits_.upper_bound(after),
                                             commits_.upper_bound(last));
    ASSERT_EQ(*replayed, expected);
    for (const WalTailEntry& entry : state.tail) {
      ASSERT_TRUE(commits_.contains(entry.csn.value()));
    }
    synced_ = std::min(synced_, last);
  }

  std::mt19937_64 random_;
  CrashFileSystem files_;
  WalNode node_;
  std::map<uint64_t, std::string> commits_;
  std::map<uint64_t, std::string> parts_;
  uint64_t epoch_ = 0;
  uint64_t cut_ = 0;
  uint64_t ceiling_ = UINT64_MAX;
  uint64_t next_csn_ = 1;
  uint64_t synced_ = 0;
  uint64_t watermark_ = 0;
  uint64_t pruned_ = 0;
};

TEST(WalCrashTest, LogIsAlwaysAPrefixWithAllThatWasSynced) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    WalLife life(seed);
    for (int round = 0; round < 20; ++round) {
      SCOPED_TRACE(round);
      life.Round();
      if (HasFatalFailure()) return;
    }
  }
}

// The second crash during recovery, at every operation of a cut over several segments.
TEST(WalCrashTest, SecondCrashAtEveryStepOfACut) {
  for (uint64_t step = 0; step < 40; ++step) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      SCOPED_TRACE(step);
      CrashFileSystem files(seed);
      WalNode node(&files, seed);
      ASSERT_TRUE(node.Open().ok());
      ASSERT_TRUE(node.Cut(1, 0));
      for (uint64_t csn = 1; csn <= 100; ++csn) node.Commit(csn, std::string(100, 'x'));
      node.writer()->NoteWatermark(Csn(20));
      ASSERT_TRUE(node.Sync(100));
      files.CrashAfter(step);
      const bool finished = node.Cut(2, 30);
      node.Destroy();
      files.LosePower();
      ASSERT_TRUE(node.Open().ok());
      const uint64_t last = node.scanned().base.last_csn.value();
      ASSERT_GE(last, 30u);
      ASSERT_LE(last, finished ? 30u : 100u);
      ASSERT_TRUE(node.Cut(3, 30));
      node.Commit(31, "new");
      ASSERT_TRUE(node.Sync(31));
      node.Destroy();
      files.LosePower();
      const auto commits = node.Replay(29);
      ASSERT_TRUE(commits.ok()) << commits.status();
      ASSERT_EQ(commits->size(), 2u);
      ASSERT_EQ(commits->at(31), "new");
    }
  }
}

// Bits flipped and files cut short: refused, or harmless, never another content.
TEST(WalCrashTest, DamageIsRefusedOrHarmless) {
  CrashFileSystem files;
  WalNode node(&files);
  ASSERT_TRUE(node.Open().ok());
  ASSERT_TRUE(node.Cut(1, 0));
  std::map<uint64_t, std::string> commits;
  for (uint64_t csn = 1; csn <= 60; ++csn) {
    if (csn % 7 == 0) node.writer()->AppendPart(TxId(1000 + csn), "part ");
    node.Commit(csn, std::string(120, static_cast<char>('a' + csn % 26)));
    commits[csn] = (csn % 7 == 0 ? "part " : "") + std::string(120, 'a' + csn % 26);
    if (csn == 40) node.writer()->NoteWatermark(Csn(38));
  }
  ASSERT_TRUE(node.Sync(60));
  node.Destroy();
  files.LosePower();
  const std::vector<std::string> paths = files.AllPaths();
  std::mt19937_64 random(5);
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string* bytes = files.Bytes(paths[random() % paths.size()]);
    const std::string before = *bytes;
    if (random() % 4 == 0) {
      bytes->resize(random() % bytes->size());
    } else {
      for (uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
        (*bytes)[random() % bytes->size()] ^= static_cast<char>(1 << (random() % 8));
      }
    }
    const absl::Status scanned =
        ScanWal(&files, kWalDirectory, kIdentity, {.watermark = Csn(38), .last_csn = Csn(38)})
            .status();
    absl::StatusOr<std::map<uint64_t, std::string>> replayed = node.Replay();
    if (!scanned.ok()) replayed = scanned;
    if (replayed.ok()) {
      const uint64_t last = replayed->empty() ? 0 : replayed->rbegin()->first;
      ASSERT_GE(last, 38u);
      const std::map<uint64_t, std::string> prefix(commits.begin(), commits.upper_bound(last));
      ASSERT_EQ(*replayed, prefix);
    } else {
      ++refused;
      ASSERT_TRUE(absl::IsDataLoss(replayed.status()) ||
                  absl::IsFailedPrecondition(replayed.status()))
          << replayed.status();
    }
    *bytes = before;
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tidemark::durability
