// SPDX-License-Identifier: Apache-2.0
#include "query/functions/failures.h"

#include "graph/mutation.h"
#include "graph/property_limits.h"
#include "graph/value_text.h"

namespace tidemark::query {

using graph::Value;

namespace {

constexpr size_t kMaxDescribedBytes = 60;

}  // namespace

std::string DescribeValue(const Value& value) {
  if (value.is_null()) return "NULL";
  return std::string(CypherName(value.type())) + " " + graph::ToText(value, kMaxDescribedBytes);
}

absl::Status Failure(ErrorId id, std::initializer_list<std::string_view> arguments) {
  return ToStatus(MakeError(id, arguments));
}

absl::Status TypeMismatch(std::string_view expected, const Value& actual) {
  return Failure(ErrorId::kInvalidArgumentType, {expected, DescribeValue(actual)});
}

absl::Status IntegerOverflow(std::string_view what) {
  return Failure(ErrorId::kIntegerOverflow, {what});
}

absl::Status NotSupportedYet(std::string_view what) {
  return Failure(ErrorId::kNotSupported, {what});
}

absl::Status CheckTextBytes(size_t bytes) {
  if (bytes <= graph::kMaxValueBytes) return absl::OkStatus();
  return Failure(ErrorId::kValueTooLarge,
                 {"A string of " + std::to_string(bytes) + " bytes is too large; at most " +
                  std::to_string(graph::kMaxValueBytes) + " are allowed"});
}

absl::Status CheckListSize(size_t count) {
  if (count <= kMaxListElements) return absl::OkStatus();
  return Failure(ErrorId::kValueTooLarge,
                 {"A list of " + std::to_string(count) + " elements is too large; at most " +
                  std::to_string(kMaxListElements) + " are allowed"});
}

absl::Status CheckStoredBytes(size_t bytes) {
  if (graph::CheckPropertySetBytes(bytes).ok()) return absl::OkStatus();
  return Failure(ErrorId::kValueTooLarge,
                 {"The properties of one node or relationship would have " + std::to_string(bytes) +
                  " bytes together; at most " + std::to_string(graph::kMaxWrittenPropertySetBytes) +
                  " are allowed; spread them over several"});
}

absl::Status CheckLabelCount(size_t count) {
  if (count <= graph::kMaxLabelCount) return absl::OkStatus();
  return Failure(ErrorId::kInvalidArgumentValue,
                 {"A node would have " + std::to_string(count) + " labels; at most " +
                  std::to_string(graph::kMaxLabelCount) + " are allowed"});
}

}  // namespace tidemark::query
