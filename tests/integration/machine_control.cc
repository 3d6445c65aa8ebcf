// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/machine_control.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

#include "absl/strings/str_cat.h"

namespace tidemark::integration {
namespace {

constexpr size_t kPlaceCount = size_t{4} << 20;  // 16 MiB
constexpr int kReadsPerStep = 300;
constexpr std::chrono::milliseconds kPause(3);
constexpr int64_t kLongMicros = 1000;

int64_t CpuMicros() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

MachineControl::MachineControl() : next_(kPlaceCount) {
  std::vector<uint32_t> order(kPlaceCount);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  for (size_t i = 0; i < kPlaceCount; ++i) next_[order[i]] = order[(i + 1) % kPlaceCount];
  thread_ = std::thread([this] { Run(); });
}

void MachineControl::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void MachineControl::Run() {
  while (!stop_) {
    std::this_thread::sleep_for(kPause);
    RunStep();
  }
}

void MachineControl::RunStep() {
  const int64_t begin_micros = CpuMicros();
  for (int i = 0; i < kReadsPerStep; ++i) place_ = next_[place_];
  const int64_t micros = CpuMicros() - begin_micros;
  ++count_;
  if (micros > kLongMicros) ++long_count_;
  sum_micros_ += micros;
  max_micros_ = std::max(max_micros_, micros);
}

std::string MachineControl::text() const {
  return absl::StrCat("control: ", long_count_, " of ", count_, " steps of ", kReadsPerStep,
                      " reads over 1 ms, at most ", max_micros_, " us, on average ",
                      sum_micros_ / static_cast<int64_t>(std::max<uint64_t>(count_, 1)), " us\n");
}

}  // namespace tidemark::integration
