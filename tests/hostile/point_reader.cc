// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/point_reader.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/integration/process.h"

namespace tidemark::hostile {
namespace {

constexpr char kRead[] = "MATCH (p:Point {number: $number}) RETURN p.double AS double";
// Between two reads: a client that reads without a pause would keep one of two cores for itself.
constexpr int kPauseMs = 1;

// What is measured is the server. The kernel may wake this thread on the processor of the server's
// loop and let it wait there for a slice of a few milliseconds, which a client on a machine of its
// own does not know: it runs at once where that is allowed.
void TakeProcessorAtOnce() {
  sched_param parameters{};
  parameters.sched_priority = 1;
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters);
}

}  // namespace

int64_t NowMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void ReadTimes::Add(const ReadTimes& more) {
  micros.insert(micros.end(), more.micros.begin(), more.micros.end());
  mistakes.insert(mistakes.end(), more.mistakes.begin(), more.mistakes.end());
}

int64_t ReadTimes::Percentile(double share) const {
  if (micros.empty()) return 0;
  std::vector<int64_t> sorted = micros;
  std::sort(sorted.begin(), sorted.end());
  const auto at = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(at, sorted.size() - 1)];
}

PointReader::PointReader(std::string address)
    : address_(std::move(address)), thread_([this] { Read(); }) {}

PointReader::~PointReader() {
  stop_ = true;
  thread_.join();
}

ReadTimes PointReader::Take() {
  std::unique_lock<std::mutex> lock(mutex_);
  read_ended_.wait(lock, [this] { return !is_reading_; });
  return std::exchange(times_, {});
}

void PointReader::NoteReading(bool reads) {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_reading_ = reads;
  if (!reads) read_ended_.notify_all();
}

void PointReader::Read() {
  TakeProcessorAtOnce();
  bolt_client::ConnectionOptions options;
  options.address = *bolt_client::ParseAddress(address_);
  options.interrupt = &stop_;
  while (!stop_) {
    const auto connection = bolt_client::Connection::Open(options);
    absl::Status status = connection.status();
    while (status.ok() && !stop_) {
      NoteReading(true);
      status = ReadOne(connection->get());
      NoteReading(false);
      integration::SleepMs(kPauseMs);
    }
    if (stop_) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    times_.mistakes.push_back(status.ToString());
  }
}

absl::Status PointReader::ReadOne(bolt_client::Connection* connection) {
  const int64_t number = 1 + read_count_++ * 7 % kPointCount;
  const int64_t begun = NowMicros();
  const auto result =
      connection->Query(kRead, graph::Value::Map({{"number", graph::Value::Integer(number)}}));
  const int64_t micros = NowMicros() - begun;
  if (!result.ok()) return result.status();
  if (result->rows.size() != 1 || result->rows[0][0].integer_or(0) != 2 * number) {
    return absl::InternalError(absl::StrCat("a wrong answer for point ", number));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  times_.micros.push_back(micros);
  return absl::OkStatus();
}

}  // namespace tidemark::hostile
