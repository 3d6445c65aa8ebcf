// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace tidemark::integration {

// What the machine makes of steps that cannot be long: from its making to its end a thread reads a
// few hundred places in memory one after the other, about 0.1 ms, every few milliseconds. Of these
// the ones that took more than 1 ms of processor time were held up by the machine (its host takes
// the processor away, interrupts are charged to whoever runs), and steps of loops are too. Threads:
// one makes, stops and reads it.
class MachineControl {
 public:
  MachineControl();
  ~MachineControl() { Stop(); }
  MachineControl(const MachineControl&) = delete;
  MachineControl& operator=(const MachineControl&) = delete;

  void Stop();
  // What it saw. REQUIRES: stopped.
  std::string text() const;

 private:
  void Run();
  void RunStep();

  std::vector<uint32_t> next_;  // one cycle through all
  uint32_t place_ = 0;
  uint64_t count_ = 0;
  uint64_t long_count_ = 0;
  int64_t sum_micros_ = 0;
  int64_t max_micros_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace tidemark::integration
