// SPDX-License-Identifier: Apache-2.0
#include "sim/bulk_client.h"

#include <utility>
#include <vector>

#include "check/script.h"

namespace tidemark::sim {
namespace {

constexpr int64_t kPauseMicros = 100'000;
// 2.5 MB in all: several windows of a session.
constexpr size_t kVertexCount = 40;
constexpr size_t kNumberCount = 7'000;
constexpr int64_t kLargeNumber = int64_t{1} << 60;

}  // namespace

void BulkClient::Start() {
  running_ = true;
  Begin();
}

void BulkClient::BeginLater() {
  scheduler_->After(kPauseMicros, [this, alive = alive_] {
    if (*alive) Begin();
  });
}

void BulkClient::Begin() {
  if (!running_) return;
  client_->Begin(/*read_only=*/false, std::nullopt, [this](const absl::Status& status) {
    if (!status.ok()) return BeginLater();
    Write();
  });
}

void BulkClient::Write() {
  const std::vector<int64_t> numbers(kNumberCount, kLargeNumber);
  std::vector<check::Operation> operations(kVertexCount,
                                           check::CreateVertex("Bulk", {{"numbers", numbers}}));
  client_->Run(std::move(operations), [this](absl::StatusOr<check::Results> results) {
    if (!results.ok()) return Rollback();
    Read(*results);
  });
}

void BulkClient::Read(const check::Results& written) {
  std::vector<check::Operation> operations;
  for (const check::OperationResult& result : written) {
    operations.push_back(check::GetVertex(result.vertex));
  }
  client_->Run(std::move(operations), [this](const absl::StatusOr<check::Results>& results) {
    if (results.ok()) ++round_count_;
    Rollback();
  });
}

// Whatever comes of it: a session whose transaction has failed wants it too.
void BulkClient::Rollback() {
  client_->Rollback([this](const absl::Status&) { BeginLater(); });
}

}  // namespace tidemark::sim
