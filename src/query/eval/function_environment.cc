// SPDX-License-Identifier: Apache-2.0
#include "query/eval/function_environment.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::query::eval {

namespace {

// The account is asked in steps of this.
constexpr size_t kReserveStepBytes = 64 << 10;
constexpr size_t kBytesPerUnit = 64;

// The finalizer of SplitMix64: every bit of the result depends on every bit of the number.
uint64_t Mix(uint64_t number) {
  number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9;
  number = (number ^ number >> 27) * 0x94d049bb133111eb;
  return number ^ number >> 31;
}

}  // namespace

GraphAccess& FunctionEnvironment::graph() const {
  CHECK(environment_.graph != nullptr) << "an element where no graph can be looked at";
  return *environment_.graph;
}

ValueOr FunctionEnvironment::Property(const graph::Value& element, std::string_view key) {
  return graph().Property(element, key);
}

ValueOr FunctionEnvironment::Properties(const graph::Value& element) {
  return graph().Properties(element);
}

ValueOr FunctionEnvironment::Keys(const graph::Value& element) { return graph().Keys(element); }
ValueOr FunctionEnvironment::Labels(VertexId vertex) { return graph().Labels(vertex); }
std::string FunctionEnvironment::TypeName(TypeId type) { return graph().TypeName(type); }

int64_t FunctionEnvironment::StatementMillis() {
  constexpr int64_t kMicrosPerMilli = 1000;
  return environment_.statement_micros / kMicrosPerMilli;
}

uint64_t FunctionEnvironment::RandomBits() {
  constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
  return Mix(Mix(environment_.seed) + kGoldenRatio * ++environment_.random_calls);
}

absl::Status FunctionEnvironment::Reserve(size_t bytes) {
  units_ += static_cast<int64_t>(bytes / kBytesPerUnit);
  used_bytes_ += bytes;
  if (used_bytes_ <= reserved_bytes_ || environment_.memory == nullptr) return absl::OkStatus();
  const size_t step = std::max(used_bytes_ - reserved_bytes_, kReserveStepBytes);
  RETURN_IF_ERROR(environment_.memory->Reserve(step));
  reserved_bytes_ += step;
  return absl::OkStatus();
}

void FunctionEnvironment::ReleaseAll() {
  if (reserved_bytes_ > 0) environment_.memory->Release(reserved_bytes_);
  reserved_bytes_ = 0;
  used_bytes_ = 0;
}

}  // namespace tidemark::query::eval
