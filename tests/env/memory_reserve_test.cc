// SPDX-License-Identifier: Apache-2.0
#include "env/memory_reserve.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

// Null in builds without jemalloc.
extern "C" __attribute__((weak)) int mallctl(const char*, void*, size_t*, void*, size_t);

namespace tidemark::env {
namespace {

constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE
constexpr size_t kPageBytes = 4096;
constexpr size_t kBlockBytes = 16 << 10;
constexpr size_t kBlockCount = 4000;
constexpr size_t kLargeBytes = 32 << 20;

bool KernelPopulates() {
  void* page =
      mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool populates = madvise(page, kPageBytes, kPopulateWrite) == 0;
  munmap(page, kPageBytes);
  return populates;
}

// Page faults of a new thread that writes into 64 MB of new memory, a little at a time.
int64_t FaultsOfAThread(bool use_reserve) {
  int64_t faults = 0;
  std::thread([&] {
    if (use_reserve) UseMemoryReserve();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_FALSE(MemoryReserveIsLow());
    rusage before;
    rusage after;
    getrusage(RUSAGE_THREAD, &before);
    std::vector<std::unique_ptr<char[]>> blocks;
    blocks.reserve(kBlockCount);
    for (size_t i = 0; i < kBlockCount; ++i) {
      blocks.emplace_back(new char[kBlockBytes]);
      std::memset(blocks.back().get(), 1, kBlockBytes);
      if (i % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    getrusage(RUSAGE_THREAD, &after);
    faults = after.ru_minflt - before.ru_minflt;
  }).join();
  return faults;
}

TEST(MemoryReserveTest, AThreadThatUsesItDoesNotWaitForPages) {
  if (mallctl == nullptr) GTEST_SKIP() << "needs jemalloc";
  if (!KernelPopulates()) GTEST_SKIP() << "needs Linux 5.14";
  const int64_t without = FaultsOfAThread(false);
  const int64_t with = FaultsOfAThread(true);
  EXPECT_LT(with, without / 4) << "faults without: " << without;
}

TEST(MemoryReserveTest, LargeBlocksThatAreFreedAreUsedAgain) {
  if (mallctl == nullptr) GTEST_SKIP() << "needs jemalloc";
  std::thread([] {
    UseMemoryReserve();
    const auto faults_of_a_round = [] {
      rusage before;
      rusage after;
      getrusage(RUSAGE_THREAD, &before);
      for (int i = 0; i < 4; ++i) {
        const std::unique_ptr<char[]> block(new char[kLargeBytes]);
        std::memset(block.get(), 1, kLargeBytes);
      }
      getrusage(RUSAGE_THREAD, &after);
      return after.ru_minflt - before.ru_minflt;
    };
    faults_of_a_round();
    // A page fault for each huge page of one block would be 16.
    EXPECT_LT(faults_of_a_round(), 4);
  }).join();
}

}  // namespace
}  // namespace tidemark::env
