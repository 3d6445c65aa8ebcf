// SPDX-License-Identifier: Apache-2.0
#include "tools/demo/demo_client.h"

#include <unistd.h>

#include <cstdio>

#include "base/status.h"
#include "bolt_client/address.h"
#include "bolt_client/failure.h"

namespace tidemark::tools {
namespace {

constexpr int kTries = 200;
constexpr int kPauseMicros = 50'000;

}  // namespace

absl::Status DemoClient::Connect() {
  if (connection_ != nullptr && !connection_->is_broken()) return absl::OkStatus();
  connection_.reset();
  bolt_client::ConnectionOptions options;
  ASSIGN_OR_RETURN(options.address, bolt_client::ParseAddress("bolt://" + address_));
  ASSIGN_OR_RETURN(connection_, bolt_client::Connection::Open(options));
  return absl::OkStatus();
}

absl::StatusOr<bolt_client::Result> DemoClient::Run(std::string_view text,
                                                    const graph::Value& parameters) {
  RETURN_IF_ERROR(Connect());
  return connection_->Query(text, parameters);
}

absl::StatusOr<bolt_client::Result> DemoClient::Show(std::string_view text,
                                                     const graph::Value& parameters) {
  std::printf("   > %.*s\n", static_cast<int>(text.size()), text.data());
  std::fflush(stdout);
  absl::StatusOr<bolt_client::Result> result = Run(text, parameters);
  for (int i = 0; i < kTries && !result.ok() && bolt_client::IsTransient(result.status()); ++i) {
    usleep(kPauseMicros);
    result = Run(text, parameters);
  }
  return result;
}

bool HasUnknownOutcome(const absl::Status& status) {
  const std::string code = bolt_client::ServerCode(status);
  return code.empty() || code == "Neo.ClientError.Transaction.TransactionCommitFailed";
}

}  // namespace tidemark::tools
