// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "env/clock.h"
#include "sim/scheduler.h"

namespace tidemark::sim {

// A process's clock: starts anywhere, runs a little fast or slow, and its wall time jumps.
// Threads: one.
class SimClock final : public env::Clock {
 public:
  struct Options {
    int64_t start_micros = 0;
    int64_t drift_ppm = 0;  // + = fast
    int64_t wall_start_micros = 0;
  };

  SimClock(const Scheduler* scheduler, const Options& options)
      : scheduler_(scheduler), options_(options), boot_micros_(scheduler->now_micros()) {}

  int64_t NowMicros() override { return options_.start_micros + Elapsed(); }
  int64_t WallMicros() override { return options_.wall_start_micros + Elapsed(); }
  void JumpWall(int64_t micros) { options_.wall_start_micros += micros; }
  // How long `local_micros` of this clock take in simulated time.
  int64_t ToSimulated(int64_t local_micros) const {
    return local_micros * kMillion / (kMillion + options_.drift_ppm);
  }

 private:
  static constexpr int64_t kMillion = 1'000'000;

  int64_t Elapsed() const {
    const int64_t simulated = scheduler_->now_micros() - boot_micros_;
    return simulated + simulated * options_.drift_ppm / kMillion;
  }

  const Scheduler* scheduler_;
  Options options_;
  int64_t boot_micros_;
};

}  // namespace tidemark::sim
