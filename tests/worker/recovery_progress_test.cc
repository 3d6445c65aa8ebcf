// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "worker/recovery_task.h"

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

}  // namespace
}  // namespace tidemark::worker
