// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "bolt_client/connection.h"

namespace tidemark::hostile {

// So many vertices :Point have the numbers 1, 2 ... and their doubles as a property.
inline constexpr int64_t kPointCount = 1'000;

int64_t NowMicros();

// What a client saw that reads one vertex after the other.
struct ReadTimes {
  std::vector<int64_t> micros;  // of each read
  std::vector<std::string> mistakes;

  void Add(const ReadTimes& more);
  int64_t Percentile(double share) const;
  int64_t longest() const { return Percentile(1); }
};

// A client that reads points by their keys all the time.
// Owner: the test. Threads: the test's; the reads are on one of its own.
class PointReader {
 public:
  // Begins to read at a server of Bolt.
  explicit PointReader(std::string address);
  ~PointReader();
  PointReader(const PointReader&) = delete;
  PointReader& operator=(const PointReader&) = delete;

  // What there was since the last call, with the read that is under way.
  ReadTimes Take();

 private:
  void Read();
  absl::Status ReadOne(bolt_client::Connection* connection);
  void NoteReading(bool reads);

  const std::string address_;
  std::atomic<bool> stop_{false};
  int64_t read_count_ = 0;  // the thread's
  std::mutex mutex_;
  std::condition_variable read_ended_;
  bool is_reading_ = false;  // guarded by mutex_, as what follows
  ReadTimes times_;
  std::thread thread_;
};

}  // namespace tidemark::hostile
