// SPDX-License-Identifier: Apache-2.0
#include "rpc/redialer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "rpc/limits.h"

namespace tidemark::rpc {
namespace {

using ::testing::ElementsAre;

// Time that the test moves, and one timer.
class ManualTime : public env::Clock, public env::Executor {
 public:
  int64_t NowMicros() override { return now_micros; }
  int64_t WallMicros() override { return now_micros; }
  void Post(std::function<void()> fn) override { fn(); }
  void AtTurnEnd(std::function<void()> fn) override { fn(); }
  TimerId RunAfter(int64_t delay_micros, std::function<void()> fn) override {
    waits.push_back(delay_micros);
    timer = std::move(fn);
    return 1;
  }
  void Cancel(TimerId /*timer*/) override { timer = nullptr; }
  void Submit(env::JobQueue, std::function<void()> job, std::function<void()> done) override {
    job();
    done();
  }
  void Fail(const absl::Status& reason) override { LOG(FATAL) << reason.message(); }

  void Fire() {
    now_micros += waits.back();
    std::exchange(timer, nullptr)();
  }

  int64_t now_micros = 1'000'000;
  std::vector<int64_t> waits;
  std::function<void()> timer;
};

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class RedialerTest : public ::testing::Test {
 protected:
  RedialerTest() {
    env_.clock = &time_;
    env_.executor = &time_;
    redialer_ = std::make_shared<Redialer>(env_, "10.0.0.1:7600", [this] { ++dials_; });
    redialer_->Start();
  }

  ManualTime time_;
  env::Env env_;
  int dials_ = 0;
  std::shared_ptr<Redialer> redialer_;
};

TEST_F(RedialerTest, WaitsTwiceAsLongUpToASecond) {
  for (int i = 0; i < 9; ++i) {
    redialer_->Ended(absl::UnavailableError("refused"));
    time_.Fire();
  }
  EXPECT_EQ(dials_, 10);
  EXPECT_THAT(time_.waits, ElementsAre(20'000, 40'000, 80'000, 160'000, 320'000, 640'000, 1'000'000,
                                       1'000'000, 1'000'000));
}

TEST_F(RedialerTest, OnlyAStreamThatLivedMakesItFastAgain) {
  redialer_->Ended(absl::UnavailableError("refused"));
  time_.Fire();
  redialer_->Opened();
  redialer_->Ended(absl::PermissionDeniedError("go away"));
  time_.Fire();
  redialer_->Opened();
  time_.now_micros += kStableStreamMicros;
  redialer_->Ended(absl::UnavailableError("broke"));
  EXPECT_THAT(time_.waits, ElementsAre(20'000, 40'000, 20'000));
}

TEST_F(RedialerTest, SaysSeldomThatTheMasterIsUnreachable) {
  ::testing::internal::CaptureStderr();
  const int64_t begin_micros = time_.now_micros;
  while (time_.now_micros - begin_micros < 25'000'000) {
    redialer_->Ended(absl::UnavailableError("connection refused"));
    time_.Fire();
  }
  redialer_->Opened();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(Count(log, "] master 10.0.0.1:7600 unreachable, trying again: connection refused\n"),
            3);
  EXPECT_EQ(Count(log, "] master 10.0.0.1:7600 reached\n"), 1);
}

TEST_F(RedialerTest, StopIsFinal) {
  redialer_->Ended(absl::UnavailableError("refused"));
  redialer_->Stop();
  EXPECT_EQ(time_.timer, nullptr);
  redialer_->Ended(absl::UnavailableError("late"));
  EXPECT_EQ(time_.timer, nullptr);
  EXPECT_EQ(dials_, 1);
}

}  // namespace
}  // namespace tidemark::rpc
