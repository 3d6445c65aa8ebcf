// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_disk.h"

#include <memory>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "sim/scheduler.h"
#include "sim/sim_file_system.h"

namespace tidemark::sim {
namespace {

using env::OpenMode;

// A machine whose process can be replaced.
struct Machine {
  explicit Machine(uint64_t seed) : disk(seed, 1) { Restart(); }

  void Restart() {
    if (process != nullptr) process->Kill("restart");
    process = std::make_shared<Process>();
    process->node = NodeId(1);
    files = std::make_unique<SimFileSystem>(&scheduler, &disk, process);
  }
  void LosePower() {
    process->Kill("power");
    disk.LosePower();
    Restart();
  }
  std::string Read(const std::string& path) {
    auto content = env::ReadWholeFile(files.get(), path, 1 << 20);
    return content.ok() ? *content : "(none)";
  }

  Scheduler scheduler;
  SimDisk disk;
  std::shared_ptr<Process> process;
  std::unique_ptr<SimFileSystem> files;
};

TEST(SimDiskTest, AKilledProcessLosesNothingOfTheCache) {
  Machine machine(1);
  auto file = machine.files->Open("a", OpenMode::kCreate);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->WriteAt(0, "hello").ok());
  machine.Restart();
  EXPECT_EQ(machine.Read("a"), "hello");
  EXPECT_FALSE((*file)->WriteAt(0, "late!").ok()) << "the old process is dead";
  EXPECT_EQ(machine.Read("a"), "hello");
}

TEST(SimDiskTest, SyncedBytesUnderASyncedNameSurviveEveryPowerLoss) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Machine machine(seed);
    auto file = machine.files->Open("a", OpenMode::kCreate);
    ASSERT_TRUE((*file)->WriteAt(0, std::string(2000, 'x')).ok());
    ASSERT_TRUE((*file)->Sync().ok());
    ASSERT_TRUE(machine.files->SyncDirectory("").ok());
    ASSERT_TRUE((*file)->WriteAt(2000, std::string(3000, 'y')).ok());
    machine.LosePower();
    EXPECT_EQ(machine.Read("a").substr(0, 2000), std::string(2000, 'x'));
  }
}

TEST(SimDiskTest, UnsyncedSectorsAreKeptDroppedReorderedAndTorn) {
  std::set<std::string> seen;
  bool hole = false;
  bool torn = false;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Machine machine(seed);
    auto file = machine.files->Open("a", OpenMode::kCreate);
    ASSERT_TRUE(machine.files->SyncDirectory("").ok());
    ASSERT_TRUE((*file)->WriteAt(0, std::string(3 * kSectorBytes, 'x')).ok());
    machine.LosePower();
    const std::string left = machine.Read("a");
    seen.insert(left);
    const size_t zero = left.find('\0');
    if (zero != std::string::npos && left.find('x', zero) != std::string::npos) hole = true;
    if (left.size() % kSectorBytes != 0) torn = true;
  }
  EXPECT_TRUE(seen.contains(""));
  EXPECT_TRUE(seen.contains(std::string(3 * kSectorBytes, 'x')));
  EXPECT_TRUE(hole);
  EXPECT_TRUE(torn);
}

TEST(SimDiskTest, NamesNeedASyncOfTheirFolder) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Machine machine(seed);
    auto file = machine.files->Open("a.tmp", OpenMode::kCreate);
    ASSERT_TRUE((*file)->WriteAt(0, "new").ok());
    ASSERT_TRUE((*file)->Sync().ok());
    ASSERT_TRUE(machine.files->Rename("a.tmp", "a").ok());
    machine.LosePower();
    seen.insert(machine.Read("a"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"new", "(none)"}));
}

TEST(SimDiskTest, ARenameIsBothNamesOrNeither) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Machine machine(seed);
    ASSERT_TRUE(env::WriteFileDurably(machine.files.get(), "a", "one").ok());
    ASSERT_TRUE(env::WriteFileDurably(machine.files.get(), "b", "two").ok());
    ASSERT_TRUE(machine.files->Rename("b", "a").ok());
    machine.LosePower();
    if (machine.Read("b") == "two") {
      EXPECT_EQ(machine.Read("a"), "one");
    } else {
      EXPECT_EQ(machine.Read("a"), "two");
    }
  }
}

TEST(SimDiskTest, WriteFileDurablyIsOldOrNewAtEveryCrash) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Machine machine(seed);
    ASSERT_TRUE(env::WriteFileDurably(machine.files.get(), "a", "old").ok());
    machine.disk.faults().crash_countdown = 1 + seed % 8;
    const absl::Status status = env::WriteFileDurably(machine.files.get(), "a", "new");
    machine.disk.faults().crash_countdown = 0;
    machine.LosePower();
    const std::string left = machine.Read("a");
    seen.insert(left);
    EXPECT_TRUE(left == "old" || left == "new") << left;
    if (status.ok()) {
      EXPECT_EQ(left, "new");
    }
  }
  EXPECT_EQ(seen.size(), 2u);
}

TEST(SimDiskTest, AFailedSyncIsNeverMadeGoodByALaterOne) {
  bool lost = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Machine machine(seed);
    auto file = machine.files->Open("a", OpenMode::kCreate);
    ASSERT_TRUE(machine.files->SyncDirectory("").ok());
    ASSERT_TRUE((*file)->WriteAt(0, "precious").ok());
    machine.disk.faults().sync_error_countdown = 1;
    EXPECT_FALSE((*file)->Sync().ok());
    EXPECT_TRUE((*file)->Sync().ok());
    EXPECT_EQ(machine.Read("a"), "precious");
    machine.LosePower();
    if (machine.Read("a") != "precious") lost = true;
  }
  EXPECT_TRUE(lost);
}

TEST(SimDiskTest, AFullDiskRefusesToGrow) {
  Machine machine(1);
  machine.disk.faults().capacity_bytes = 1000;
  auto file = machine.files->Open("a", OpenMode::kCreate);
  ASSERT_TRUE((*file)->WriteAt(0, std::string(1000, 'x')).ok());
  EXPECT_EQ((*file)->WriteAt(1000, "y").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE((*file)->WriteAt(0, "in place").ok());
  EXPECT_EQ(*machine.files->FreeBytes(""), 0u);
}

TEST(SimDiskTest, ALockEndsWithItsProcess) {
  Machine machine(1);
  ASSERT_TRUE(machine.files->MakeDirectory("d/e").ok());
  auto lock = machine.files->LockDirectory("d/e");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(machine.files->LockDirectory("d/e").status().code(),
            absl::StatusCode::kFailedPrecondition);
  machine.Restart();
  EXPECT_TRUE(machine.files->LockDirectory("d/e").ok());
}

}  // namespace
}  // namespace tidemark::sim
