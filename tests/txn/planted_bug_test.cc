// SPDX-License-Identifier: Apache-2.0
// Breaks one rule at a time (docs/protocols/planted-bugs.md): the random histories must notice.
// Only builds with TIDEMARK_PLANTED_BUGS have these tests.
#ifdef TIDEMARK_PLANTED_BUGS

#include "base/planted_bug.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tests/txn/random_run.h"

namespace tidemark::txn {
namespace {

constexpr uint64_t kSeedCount = 1000;
constexpr uint64_t kQuietSeedCount = 200;

// A broken invariant ends the process, so each bug is looked for in one of its own.
bool IsFound(const char* bug, uint64_t seed_count = kSeedCount) {
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(2);
    SetPlantedBug(bug);
    for (uint64_t seed = 1; seed <= seed_count; ++seed) {
      for (const RunKind kind : kRunKinds) {
        if (!RandomRun(OptionsOf(kind, seed)).Execute().empty()) _exit(1);
      }
    }
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return !WIFEXITED(status) || WEXITSTATUS(status) == 1;
}

class PlantedBugTest : public testing::TestWithParam<const char*> {};

TEST_P(PlantedBugTest, IsFound) { EXPECT_TRUE(IsFound(GetParam())); }

TEST(PlantedBugTest, NothingIsFoundWithoutOne) { EXPECT_FALSE(IsFound("", kQuietSeedCount)); }

// "boot-not-checked" and "register-from-other-boot" are second lines of defence: epoch and attempt
// alone keep such frames out.
constexpr const char* kBugs[] = {
    "acknowledge-before-sync",
    "attempt-not-checked",
    "base-counts-as-watermark",
    "converge-without-sync",
    "epoch-not-drained",
    "gap-not-ending-prefix",
    "last-csn-not-checked",
    "live-worker-does-not-cut",
    "names-not-synced",
    "no-fence-on-lower-epoch",
    "open-without-synced-watermark",
    "read-at-visible-in-sync-mode",
    "schema-commit-not-logged",
    "schema-not-synced",
    "snapshot-survives-epoch",
    "snapshot-without-wal-sync",
    "tail-dead-not-filtered",
    "undo-dropped-at-R",
    "verdict-before-reconcile",
    "waiter-keyed-by-csn",
    "watermark-before-log-sync",
    "watermark-by-tx-id",
};

INSTANTIATE_TEST_SUITE_P(All, PlantedBugTest, testing::ValuesIn(kBugs), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tidemark::txn

#endif  // TIDEMARK_PLANTED_BUGS
