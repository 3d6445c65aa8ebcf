// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_line.h"

#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/time_units.h"

namespace tidemark::cli {
namespace {

constexpr double kSecondsPerMinute = 60;

std::string RateText(double rate) {
  if (rate >= 1e6) return absl::StrFormat("%.1f million", rate / 1e6);
  if (rate >= 1e3) return absl::StrFormat("%.1f thousand", rate / 1e3);
  return absl::StrFormat("%.0f", rate);
}

std::string LeftText(double seconds) {
  if (seconds < 2 * kSecondsPerMinute) return absl::StrFormat("%.0f s left", seconds);
  return absl::StrFormat("%.0f min left", seconds / kSecondsPerMinute);
}

}  // namespace

std::string ProgressText(const Progress& progress, int64_t elapsed_micros) {
  std::string text =
      absl::StrFormat("%s: %.0f %%", ToAbsl(progress.phase), progress.fraction * 100);
  if (elapsed_micros <= 0 || progress.fraction <= 0) return text;
  const double seconds = static_cast<double>(elapsed_micros) / kMicrosPerSecond;
  absl::StrAppend(&text, ", ", RateText(static_cast<double>(progress.count) / seconds), " ",
                  ToAbsl(progress.unit), "/s, ",
                  LeftText(seconds / progress.fraction * (1 - progress.fraction)));
  return text;
}

ProgressLine::ProgressLine(env::Clock* clock)
    : clock_(clock), is_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (drawn_) std::fputs("\n", stderr);
}

void ProgressLine::Update(const Progress& progress) {
  if (!is_terminal_) return;
  const int64_t now = clock_->NowMicros();
  if (progress.phase != phase_) {
    phase_ = progress.phase;
    phase_start_micros_ = now;
    last_draw_micros_ = 0;
  }
  if (drawn_ && now - last_draw_micros_ < kRedrawMicros && progress.fraction < 1) return;
  last_draw_micros_ = now;
  drawn_ = true;
  std::fprintf(stderr, "\r\033[K%s", ProgressText(progress, now - phase_start_micros_).c_str());
}

}  // namespace tidemark::cli
