// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "durability/wal/wal_reader.h"
#include "durability/wal/wal_writer.h"
#include "tests/durability/crash_file_system.h"
#include "tests/durability/manual_executor.h"

namespace tidemark::durability {

inline const FileIdentity kIdentity{.cluster = {0x1122334455667788, 0x99aabbccddeeff00},
                                    .node = NodeId(1)};
inline const std::string kWalDirectory = "d/wal";

inline WalOptions SmallSegments() {
  return {.directory = kWalDirectory, .identity = kIdentity, .segment_bytes = 4096};
}

// A worker's WAL on a CrashFileSystem, with everything it does driven to its end at once.
// Threads: one.
class WalNode {
 public:
  explicit WalNode(CrashFileSystem* files, uint64_t seed = 1)
      : files_(files), executor_(std::make_unique<ManualExecutor>(seed)) {
    EXPECT_TRUE(files->MakeDirectory(kWalDirectory).ok());
  }

  // Scans and makes the writer; it takes no appends before Cut.
  absl::Status Open(const WalExpectation& expectation = {}) {
    absl::StatusOr<WalState> state = ScanWal(files_, kWalDirectory, kIdentity, expectation);
    if (!state.ok()) return state.status();
    scanned_ = *state;
    writer_ = std::make_unique<WalWriter>(files_, executor_.get(), SmallSegments(), *state);
    return absl::OkStatus();
  }
  // True when the cut came to its end.
  bool Cut(uint64_t epoch, uint64_t csn) {
    const WalState& state = writer_->state();
    Csn last = state.base.watermark_last;
    for (const WalTailEntry& entry : state.tail) {
      if (entry.csn.value() <= csn) last = entry.csn;
    }
    bool done = false;
    writer_->CutAbove({.epoch = Epoch(epoch), .csn = Csn(csn), .last_csn = last},
                      [&] { done = true; });
    executor_->RunAll();
    return done;
  }
  void Commit(uint64_t csn, const std::string& mutations) {
    writer_->AppendCommit({.csn = Csn(csn),
                           .tx = TxId(1000 + csn),
                           .participants = NodeSet(3),
                           .mutations = mutations});
    executor_->RunAll();
  }
  bool Sync(uint64_t csn) {
    bool done = false;
    writer_->SyncThrough(Csn(csn), [&] { done = true; });
    executor_->RunAll();
    return done;
  }
  // What the writer has asked for goes on.
  void DestroyWriter() { writer_.reset(); }
  void Destroy() {
    writer_.reset();
    executor_ = std::make_unique<ManualExecutor>(7);
  }

  // The mutations of all commits in (after, through] by csn, parts joined.
  absl::StatusOr<std::map<uint64_t, std::string>> Replay(uint64_t after = 0,
                                                         uint64_t through = UINT64_MAX,
                                                         std::vector<EpochCsn> dead = {}) {
    std::map<uint64_t, std::string> commits;
    absl::StatusOr<WalState> state = ScanWal(files_, kWalDirectory, kIdentity);
    if (!state.ok()) return state.status();
    WalReplay replay(files_, kWalDirectory, kIdentity, &*state, {Csn(after), Csn(through), dead});
    WalReplay::Chunk chunk;
    while (true) {
      absl::StatusOr<bool> more = replay.Next(&chunk);
      if (!more.ok()) return more.status();
      if (!*more) return commits;
      commits[chunk.csn.value()].append(chunk.mutations);
    }
  }

  WalWriter* writer() { return writer_.get(); }
  ManualExecutor* executor() { return executor_.get(); }
  CrashFileSystem* files() { return files_; }
  const WalState& scanned() const { return scanned_; }

 private:
  CrashFileSystem* files_;
  std::unique_ptr<ManualExecutor> executor_;
  std::unique_ptr<WalWriter> writer_;
  WalState scanned_;
};

inline std::string SegmentPath(uint64_t number) {
  return kWalDirectory + "/" + WalSegmentName(number);
}

}  // namespace tidemark::durability
