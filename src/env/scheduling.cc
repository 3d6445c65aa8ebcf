// SPDX-License-Identifier: Apache-2.0
#include "env/scheduling.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace tidemark::env {
namespace {

// Threads that say nothing have slices of 0.7 to 3 ms, by the number of processors.
constexpr uint64_t kShortSliceNanos = 400'000;
constexpr uint64_t kLongSliceNanos = 8'000'000;
constexpr int kMaxNiceness = 19;
// Of the usual policy, and of that whose threads take the processor from nobody when they wake.
constexpr uint32_t kUsualPolicy = 0;
constexpr uint32_t kBatchPolicy = 3;

// As in linux/sched/types.h, which cannot be included beside sched.h.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = kUsualPolicy;
  uint64_t flags = 0;
  int32_t niceness = 0;
  uint32_t priority = 0;
  uint64_t runtime_nanos = 0;
  uint64_t deadline_nanos = 0;
  uint64_t period_nanos = 0;
};

// A process that was started with a niceness keeps that, and one of another policy its policy.
void SetScheduling(uint32_t policy, int more_niceness, uint64_t slice_nanos) {
  SchedulingAttributes attributes;
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != kUsualPolicy) return;
  attributes.policy = policy;
  attributes.size = sizeof attributes;
  attributes.flags = 0;
  attributes.niceness = std::min(attributes.niceness + more_niceness, kMaxNiceness);
  attributes.runtime_nanos = slice_nanos;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

void GoFirst() { SetScheduling(kUsualPolicy, 0, kShortSliceNanos); }

void GiveWay(int niceness) { SetScheduling(kBatchPolicy, niceness, kLongSliceNanos); }

}  // namespace tidemark::env
