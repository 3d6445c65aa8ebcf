// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/value_sink.h"
#include "session/front.h"

namespace tidemark::bolt {

// The result of a statement that FakeFront knows: its rows, one after the other. Threads: one.
class FakeRows {
 public:
  virtual ~FakeRows() = default;
  virtual std::vector<std::string> columns() const = 0;
  int64_t left() const { return left_; }
  void Skip() { --left_; }
  // The next row.
  virtual void Write(graph::ValueSink* sink) = 0;
  virtual session::Summary summary() const { return {}; }
  virtual std::optional<session::Failure> failure() const { return std::nullopt; }

 protected:
  explicit FakeRows(int64_t count) : left_(count) {}
  int64_t left_;
};

// Nothing for a statement that is not known.
std::unique_ptr<FakeRows> FindRows(const session::Statement& statement);
session::Failure UnknownStatement(std::string_view text);

}  // namespace tidemark::bolt
