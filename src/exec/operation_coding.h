// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/coding.h"
#include "exec/operation.h"

namespace tidemark::exec {

void AppendOperation(const Operation& operation, std::string* out);
// kInvalidArgument says what is wrong with it.
absl::Status ReadOperation(ByteReader* reader, Operation* out);

// Decodes an encoded batch one operation at a time. Does not own the bytes. Threads: one.
class BatchReader {
 public:
  explicit BatchReader(std::string_view bytes) : size_bytes_(bytes.size()), reader_(bytes) {}

  // First: reads the count. kInvalidArgument when the batch is beyond a limit.
  absl::Status Open();
  size_t count() const { return count_; }
  // REQUIRES: fewer than count() calls so far. kInvalidArgument says what is wrong.
  absl::Status Next(Operation* out);

 private:
  const size_t size_bytes_;
  ByteReader reader_;
  size_t count_ = 0;
  size_t next_ = 0;
};

// Decodes an encoded BatchResult piece by piece: Open, then every result, then every follow-up.
// Does not own the bytes. Threads: one. Errors: kInvalidArgument says what is wrong, also with what
// is behind the last piece; nothing more can be read then.
class BatchResultReader {
 public:
  explicit BatchResultReader(std::string_view bytes) : reader_(bytes) {}

  absl::Status Open();
  size_t result_count() const { return result_count_; }
  bool has_result() const { return next_result_ < result_count_; }
  // REQUIRES: has_result(). `*out` is a new one.
  absl::Status NextResult(OperationResult* out);
  // Known once there is no further result.
  size_t follow_up_count() const { return follow_up_count_; }
  bool has_follow_up() const { return next_follow_up_ < follow_up_count_; }
  // REQUIRES: has_follow_up(). `*out` is a new one.
  absl::Status NextFollowUp(FollowUp* out);
  // What is not read yet.
  size_t remaining_bytes() const { return reader_.remaining(); }

 private:
  absl::Status OpenFollowUps();
  absl::Status CheckEnd() const;

  ByteReader reader_;
  size_t result_count_ = 0;
  size_t next_result_ = 0;
  size_t follow_up_count_ = 0;
  size_t next_follow_up_ = 0;
};

// Encodes a BatchResult result by result. Threads: one.
class BatchResultWriter {
 public:
  // `count` calls of AddResult follow, and any number of AddFollowUp.
  explicit BatchResultWriter(size_t count) : count_(count) { AppendVarint(&results_, count); }

  // REQUIRES: fewer than `count` calls so far.
  void AddResult(const OperationResult& result);
  // The operation that asks for it is the one whose result comes next. REQUIRES: one comes.
  void AddFollowUp(const Operation& operation) { AddFollowUp(result_count_, operation); }
  // REQUIRES: cause < `count`.
  void AddFollowUp(size_t cause, const Operation& operation);
  size_t result_count() const { return result_count_; }
  size_t follow_up_count() const { return follow_up_count_; }
  size_t size_bytes() const { return results_.size() + follow_ups_.size(); }
  // The encoded BatchResult. Once. REQUIRES: every result was added.
  std::string Finish();

 private:
  const size_t count_;
  std::string results_;
  std::string follow_ups_;
  size_t result_count_ = 0;
  size_t follow_up_count_ = 0;
};

}  // namespace tidemark::exec
