// SPDX-License-Identifier: Apache-2.0
#include "import/row_pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"

namespace tidemark::csv_import {
namespace {

// Batches that carry their number as the path, and take different times to parse.
class RowPipelineTest : public ::testing::Test {
 protected:
  RowPipelineTest() {
    stages_.read = [this](RowBatch* batch) -> absl::StatusOr<bool> {
      if (read_ == fail_read_at_) return absl::DataLossError("read");
      if (read_ == batch_count_) return false;
      batch->path = std::to_string(read_++);
      return true;
    };
    stages_.parse = [this](RowBatch* batch) {
      const int under_way = ++parsing_;
      if (under_way > most_parsing_) most_parsing_ = under_way;
      std::this_thread::sleep_for(std::chrono::microseconds(std::stoi(batch->path) % 7 * 100));
      batch->text = "parsed " + batch->path;
      --parsing_;
    };
    stages_.take = [this](RowBatch* batch) {
      EXPECT_EQ(batch->text, "parsed " + batch->path);
      if (static_cast<int>(taken_.size()) == fail_take_at_) return absl::DataLossError("take");
      taken_.push_back(std::stoi(batch->path));
      return absl::OkStatus();
    };
  }
  void ExpectTaken(int count) {
    ASSERT_EQ(taken_.size(), static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) EXPECT_EQ(taken_[static_cast<size_t>(i)], i);
  }

  RowStages stages_;
  int batch_count_ = 100;
  int fail_read_at_ = -1;
  int fail_take_at_ = -1;
  int read_ = 0;
  std::atomic<int> parsing_{0};
  std::atomic<int> most_parsing_{0};
  std::vector<int> taken_;
};

TEST_F(RowPipelineTest, BatchesAreTakenInOrderHoweverLongTheyTook) {
  for (const uint32_t parser_count : {1u, 2u, 7u}) {
    read_ = 0;
    taken_.clear();
    most_parsing_ = 0;
    ASSERT_TRUE(RunRowPipeline(stages_, parser_count).ok());
    ExpectTaken(100);
    EXPECT_LE(most_parsing_, static_cast<int>(parser_count));
    EXPECT_EQ(most_parsing_ > 1, parser_count > 1);
  }
}

TEST_F(RowPipelineTest, NothingToReadIsNoError) {
  batch_count_ = 0;
  EXPECT_TRUE(RunRowPipeline(stages_, 3).ok());
  ExpectTaken(0);
}

TEST_F(RowPipelineTest, WhatCameBeforeAnErrorOfReadingIsTaken) {
  fail_read_at_ = 40;
  const absl::Status status = RunRowPipeline(stages_, 3);
  EXPECT_EQ(MessageOf(status), "read");
  ExpectTaken(40);
}

TEST_F(RowPipelineTest, AnErrorOfTakingEndsItSoon) {
  fail_take_at_ = 20;
  const absl::Status status = RunRowPipeline(stages_, 3);
  EXPECT_EQ(MessageOf(status), "take");
  ExpectTaken(20);
  EXPECT_LT(read_, 40);  // bounded: what is under way, not all
}

}  // namespace
}  // namespace tidemark::csv_import
