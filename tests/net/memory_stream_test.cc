// SPDX-License-Identifier: Apache-2.0
#include "net/memory_stream.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace tidemark::net {
namespace {

// Steps that the test runs. Threads: one.
class StepExecutor : public env::Executor {
 public:
  void Post(std::function<void()> fn) override { steps_.push_back(std::move(fn)); }
  void AtTurnEnd(std::function<void()> fn) override { Post(std::move(fn)); }
  TimerId RunAfter(int64_t, std::function<void()>) override { return 1; }
  void Cancel(TimerId) override {}
  void Submit(env::JobQueue, std::function<void()>, std::function<void()>) override {}
  void Fail(const absl::Status&) override {}

  void RunAll() {
    while (!steps_.empty()) {
      const std::function<void()> step = std::move(steps_.front());
      steps_.pop_front();
      step();
    }
  }

 private:
  std::deque<std::function<void()>> steps_;
};

struct End : public ByteStream::Receiver {
  void OnBytes(std::string_view bytes) override { received.append(bytes); }
  void OnSent() override { ++sent_count; }
  void OnClosed(const absl::Status& reason) override { closed = reason; }

  std::string received;
  int sent_count = 0;
  std::optional<absl::Status> closed;
};

class MemoryStreamTest : public testing::Test {
 protected:
  MemoryStreamTest() {
    std::tie(left_, right_) = MakeMemoryStreams(&executor_);
    left_->Start(&left_end_);
    right_->Start(&right_end_);
  }

  StepExecutor executor_;
  std::unique_ptr<ByteStream> left_;
  std::unique_ptr<ByteStream> right_;
  End left_end_;
  End right_end_;
};

TEST_F(MemoryStreamTest, BytesComeOutAtTheOtherEndInALaterStep) {
  left_->Write("ab");
  left_->Write("c");
  EXPECT_EQ(right_end_.received, "");
  EXPECT_EQ(left_->unsent_bytes(), 3u);
  executor_.RunAll();
  EXPECT_EQ(right_end_.received, "abc");
  EXPECT_EQ(left_->unsent_bytes(), 0u);
  EXPECT_EQ(left_end_.sent_count, 1);
  right_->Write("back");
  executor_.RunAll();
  EXPECT_EQ(left_end_.received, "back");
}

TEST_F(MemoryStreamTest, WhatNobodyReadsStaysUnsent) {
  right_->SetReading(false);
  left_->Write("abc");
  executor_.RunAll();
  EXPECT_EQ(right_end_.received, "");
  EXPECT_EQ(left_->unsent_bytes(), 3u);
  right_->SetReading(true);
  executor_.RunAll();
  EXPECT_EQ(right_end_.received, "abc");
}

TEST_F(MemoryStreamTest, CloseComesBehindTheBytes) {
  left_->Write("last");
  left_->Close();
  left_.reset();
  executor_.RunAll();
  EXPECT_EQ(right_end_.received, "last");
  ASSERT_TRUE(right_end_.closed.has_value());
  EXPECT_TRUE(right_end_.closed->ok());
  EXPECT_FALSE(left_end_.closed.has_value());
  right_->Write("nobody hears this");
  executor_.RunAll();
  EXPECT_EQ(left_end_.received, "");
}

}  // namespace
}  // namespace tidemark::net
