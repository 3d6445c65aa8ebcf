// SPDX-License-Identifier: Apache-2.0
#include "import/row_pipeline.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::csv_import {
namespace {

// Batches are numbered in the order of reading. Batch n lives in the ring at n modulo its size and
// belongs to one stage at a time: to the reader from taken_ on, to a parser from `claimed_`, to the
// taker once it is parsed.
class RowPipeline {
 public:
  RowPipeline(const RowStages& stages, uint32_t parser_count)
      : stages_(stages), ring_(2 * size_t{parser_count} + 2) {
    threads_.emplace_back([this] { ReadAll(); });
    for (uint32_t i = 0; i < parser_count; ++i) {
      threads_.emplace_back([this] { ParseSome(); });
    }
  }

  absl::Status TakeAll() {
    const absl::Status status = TakeUntilEnd();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    return status;
  }

 private:
  struct Place {
    RowBatch batch;
    bool parsed = false;  // guarded by mutex_
  };

  Place& PlaceOf(uint64_t number) { return ring_[number % ring_.size()]; }

  void ReadAll() {
    for (uint64_t number = 0;; ++number) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || number < taken_ + ring_.size(); });
        if (stopped_) return;
      }
      const absl::StatusOr<bool> more = stages_.read(&PlaceOf(number).batch);
      const bool at_end = !more.ok() || !*more;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!at_end) ++read_;
        at_end_ = at_end;
        read_status_ = more.status();
      }
      changed_.notify_all();
      if (at_end) return;
    }
  }

  void ParseSome() {
    for (;;) {
      uint64_t number;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return stopped_ || at_end_ || claimed_ < read_; });
        if (stopped_ || claimed_ == read_) return;
        number = claimed_++;
      }
      Place& place = PlaceOf(number);
      stages_.parse(&place.batch);
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        place.parsed = true;
      }
      changed_.notify_all();
    }
  }

  absl::Status TakeUntilEnd() {
    for (uint64_t number = 0;; ++number) {
      Place& place = PlaceOf(number);
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return place.parsed || (at_end_ && number == read_); });
        if (!place.parsed) return read_status_;
      }
      RETURN_IF_ERROR(stages_.take(&place.batch));
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        place.parsed = false;
        ++taken_;
      }
      changed_.notify_all();
    }
  }

  const RowStages& stages_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Place> ring_;
  // Guarded by mutex_: how many batches are read, given to a parser, and taken.
  uint64_t read_ = 0;
  uint64_t claimed_ = 0;
  uint64_t taken_ = 0;
  bool at_end_ = false;
  bool stopped_ = false;
  absl::Status read_status_;
  std::vector<std::thread> threads_;
};

}  // namespace

absl::Status RunRowPipeline(const RowStages& stages, uint32_t parser_count) {
  CHECK(parser_count > 0);
  return RowPipeline(stages, parser_count).TakeAll();
}

}  // namespace tidemark::csv_import
