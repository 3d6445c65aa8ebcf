// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "env/clock.h"

namespace tidemark::cli {

// How far one phase of long work is.
struct Progress {
  std::string_view phase;
  std::string_view unit;  // what `count` counts
  uint64_t count = 0;
  double fraction = 0;  // 0 ... 1 of the phase
};

// "nodes: 45 %, 1.2 million nodes/s, 12 s left"; `elapsed_micros` since the phase began.
std::string ProgressText(const Progress& progress, int64_t elapsed_micros);

// One line on stderr that is written over while the work goes on; nothing when stderr is no
// terminal. Owner: a command. Threads: one.
class ProgressLine {
 public:
  explicit ProgressLine(env::Clock* clock);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Update(const Progress& progress);

 private:
  static constexpr int64_t kRedrawMicros = 200'000;

  env::Clock* const clock_;
  const bool is_terminal_;
  std::string phase_;
  int64_t phase_start_micros_ = 0;
  int64_t last_draw_micros_ = 0;
  bool drawn_ = false;
};

}  // namespace tidemark::cli
