// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "session/front.h"

namespace tidemark::bolt {

// A node that knows a few statements by heart, so that a door can be tried without an engine:
//
//   RETURN 1 [AS one]     one row
//   RETURN $x AS x        the parameter x
//   RETURN $xs AS xs      likewise
//   UNWIND range(1, $n) AS i RETURN i
//   ROWS $n               n rows: i, a text of 100 bytes
//   ELEMENTS              a node, a relationship and a path; also a statement that creates them
//   VALUES                a row with a value of every scalar type
//   CREATE                no columns, counters
//   PROFILE               a plan with figures
//   NOTIFY                a notification
//   WIDE                  a row whose column has a name of more than a megabyte
//   PARTS                 a row with a list of kPartCount texts, each of them in a step of its own
//   HUGE                  a row larger than a client is sent
//   SLOW                  is answered by nothing but a reset
//   CONFLICT              a failure that may be tried again, at the first PULL
//
// Everything else is a syntax error. Owner: the test. Threads: one.
class FakeFront : public session::Front {
 public:
  static constexpr size_t kPartCount = 8;
  static constexpr size_t kPartBytes = 40'000;

  // How answers come: within a request, or by steps that are given to `post`.
  using Post = std::function<void(std::function<void()>)>;

  explicit FakeFront(Post post = nullptr) : post_(std::move(post)) {}

  std::unique_ptr<session::FrontSession> NewSession(std::string_view user,
                                                    session::AnswerSink* answers) override;
  std::string_view database() const override { return "neo4j"; }

  // What sessions were told, in order: "begin read", "commit", "end" ...
  std::vector<std::string> TakeLog() { return std::exchange(log_, {}); }
  void Log(std::string line) { log_.push_back(std::move(line)); }
  int session_count() const { return session_count_; }

 private:
  friend class FakeSession;

  const Post post_;
  std::vector<std::string> log_;
  int session_count_ = 0;
  uint64_t next_csn_ = 100;
};

}  // namespace tidemark::bolt
