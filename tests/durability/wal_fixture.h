// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/durability/wal_node.h"

namespace tidemark::durability {

// One WAL on a file system that can lose power. Threads: one.
class WalTest : public ::testing::Test {
 protected:
  // A WAL with commits 1 ... count, all synced, in epoch 1.
  void Fill(uint64_t count, size_t bytes = 50) {
    ASSERT_TRUE(node_.Open().ok());
    ASSERT_TRUE(node_.Cut(1, 0));
    for (uint64_t csn = 1; csn <= count; ++csn) node_.Commit(csn, Mutations(csn, bytes));
    ASSERT_TRUE(node_.Sync(count));
    node_.writer()->CheckInvariants();
  }
  static std::string Mutations(uint64_t csn, size_t bytes) {
    std::string text = "commit " + std::to_string(csn) + " ";
    text.resize(bytes, static_cast<char>('a' + csn % 26));
    return text;
  }
  Csn LastCsn() {
    const absl::StatusOr<WalState> state = ScanWal(&files_, kWalDirectory, kIdentity);
    EXPECT_TRUE(state.ok()) << state.status();
    return state.ok() ? state->base.last_csn : Csn(0);
  }
  absl::Status Scan(const WalExpectation& expectation = {}) {
    return ScanWal(&files_, kWalDirectory, kIdentity, expectation).status();
  }

  CrashFileSystem files_;
  WalNode node_{&files_};
};

}  // namespace tidemark::durability
