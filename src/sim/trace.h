// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace tidemark::sim {

// Everything that happened in a run, folded into one hash: two runs of one seed must agree to the
// last event, frame and disk operation. With a sink the same entries are printed, one line each.
// Threads: one.
class Trace {
 public:
  // Prints to `sink` from now on; null = hash only.
  void SetSink(std::ostream* sink) { sink_ = sink; }
  bool printing() const { return sink_ != nullptr; }
  // The simulated time of the entries that follow.
  void SetTime(int64_t now_micros) { now_micros_ = now_micros; }

  void Add(uint32_t node, std::string_view what, uint64_t a = 0, uint64_t b = 0);
  // `bytes` are hashed and printed as they are.
  void AddText(uint32_t node, std::string_view what, std::string_view bytes);
  // `bytes` are hashed, only their length is printed.
  void AddBytes(uint32_t node, std::string_view what, std::string_view bytes);

  uint64_t hash() const { return hash_; }
  uint64_t entry_count() const { return entry_count_; }

 private:
  void Fold(uint32_t node, std::string_view what, uint64_t a, uint64_t b);

  std::ostream* sink_ = nullptr;
  int64_t now_micros_ = 0;
  uint64_t hash_ = 0;
  uint64_t entry_count_ = 0;
};

}  // namespace tidemark::sim
