// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "env/executor.h"
#include "sim/process.h"
#include "sim/scheduler.h"
#include "sim/sim_clock.h"
#include "sim/sim_disk.h"
#include "sim/sim_random.h"

namespace tidemark::sim {

// A process's loop and background threads, as events of the scheduler. A job runs at one instant
// somewhere between its submission and its `done`; what the loop writes meanwhile may or may not be
// covered by it. Nothing runs any more once the process is dead.
// Owner: the simulated process, destroyed after everything that was given to it. Threads: one.
class SimExecutor final : public env::Executor {
 public:
  struct Options {
    int64_t max_turn_delay_micros = 20;
    int64_t min_job_micros = 50;
    int64_t max_job_micros = 400;
    // A snapshot is written in many jobs, most of which only encode a chunk in memory.
    int64_t snapshot_job_divisor = 20;
    // Multiplies the time of jobs: a slow disk.
    int64_t job_slowdown = 1;
    // Added to the jobs that read files while a node starts, but for the first, which only looks
    // whose directory it is: a long log.
    int64_t start_job_micros = 0;
  };

  // Does not own scheduler, clock and disk.
  SimExecutor(Scheduler* scheduler, std::shared_ptr<Process> process, SimClock* clock,
              SimDisk* disk, uint64_t seed);
  ~SimExecutor() override;

  void Post(std::function<void()> fn) override;
  void AtTurnEnd(std::function<void()> fn) override;
  TimerId RunAfter(int64_t delay_micros, std::function<void()> fn) override;
  void Cancel(TimerId timer) override;
  void Submit(env::JobQueue queue, std::function<void()> job, std::function<void()> done) override;
  void Fail(const absl::Status& reason) override;

  // The whole process stops until `time_micros` and then goes on as if nothing had happened.
  void HangUntil(int64_t time_micros);
  // It hangs no more, and goes on now.
  void EndHang();
  // It hangs, or did so at any time before.
  bool has_hung() const { return has_hung_; }
  bool hanging() const { return hang_until_micros_ > scheduler_->now_micros(); }
  // Since when the job under way in the queue of log syncs waits for the disk; nullopt: none is.
  std::optional<int64_t> log_job_since_micros() const;
  Options& options() { return options_; }
  // Called after each turn, when the process is alive.
  void SetAfterTurn(std::function<void()> fn) { after_turn_ = std::move(fn); }
  uint64_t turn_count() const { return turn_count_; }

 private:
  struct Job {
    std::function<void()> run;
    std::function<void()> done;
  };
  struct Queue {
    std::deque<Job> jobs;
    bool busy = false;
    uint64_t count = 0;        // of jobs begun
    int64_t since_micros = 0;  // when the job under way began
  };

  void ScheduleTurn();
  void RunTurn();
  void FireTimer(TimerId timer);
  void StartJob(int queue);
  // The disk does not answer: `fn` later instead of now.
  bool WaitsForDisk(int queue, std::function<void()> fn);
  // Half the time of a job: before, and after its effect.
  int64_t HalfJobMicros(int queue);
  void RunJob(int queue);
  void FinishJob(int queue);
  void GoOnAfterHang();
  // Schedules a call of `fn` unless the process dies or this object goes first; a hanging process
  // makes it wait.
  void Later(int64_t delay_micros, std::function<void()> fn);

  Scheduler* scheduler_;
  std::shared_ptr<Process> process_;
  SimClock* clock_;
  SimDisk* disk_;
  SimRandom random_;
  Options options_;
  std::vector<std::function<void()>> posted_;
  std::vector<std::function<void()>> turn_end_;
  std::map<TimerId, std::function<void()>> timers_;
  std::vector<Queue> queues_;
  std::function<void()> after_turn_;
  bool turn_scheduled_ = false;
  bool in_turn_ = false;
  TimerId next_timer_ = 1;
  int64_t hang_until_micros_ = 0;
  bool has_hung_ = false;
  std::vector<std::function<void()>> held_;  // what came due while it hung
  uint64_t turn_count_ = 0;
};

}  // namespace tidemark::sim
