// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt_client/connection.h"
#include "graph/value.h"

namespace tidemark::tools {

// A client of the demo's cluster, which is killed now and then: it connects again by itself.
// Owner: whoever runs statements. Threads: one at a time. Errors: those of bolt_client::Connection.
class DemoClient {
 public:
  // `address` is host:port.
  explicit DemoClient(std::string address) : address_(std::move(address)) {}

  // Does nothing when it is connected.
  absl::Status Connect();
  absl::StatusOr<bolt_client::Result> Run(std::string_view text,
                                          const graph::Value& parameters = {});
  // The same, shown to whoever watches. A statement that fails because the cluster is not open
  // again is repeated for a while.
  absl::StatusOr<bolt_client::Result> Show(std::string_view text,
                                           const graph::Value& parameters = {});

 private:
  const std::string address_;
  std::unique_ptr<bolt_client::Connection> connection_;
};

// Nobody knows what became of a statement of its own that ended so.
bool HasUnknownOutcome(const absl::Status& status);

}  // namespace tidemark::tools
