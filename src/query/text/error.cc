// SPDX-License-Identifier: Apache-2.0
#include "query/text/error.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/status.h"

namespace tidemark::query {
namespace {

constexpr ErrorInfo kErrors[] = {
#define TIDEMARK_QUERY_ERROR(id, detail, error_class, code, gql_status, format) \
  {detail, ErrorClass::error_class, "Neo." code, gql_status, format},
#include "query/text/codes.inc"
#undef TIDEMARK_QUERY_ERROR
};
constexpr size_t kErrorCount = sizeof(kErrors) / sizeof(kErrors[0]);

// The payload: id, and line, column and offset when there is a place.
constexpr char kPayload[] = "tidemark/query-error";

std::string Fill(std::string_view format, std::initializer_list<std::string_view> arguments) {
  std::string text;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '$' || i + 1 == format.size() || !absl::ascii_isdigit(format[i + 1])) {
      text += format[i];
      continue;
    }
    const size_t index = static_cast<size_t>(format[++i] - '0');
    CHECK_LT(index, arguments.size()) << format;
    text += arguments.begin()[index];
  }
  return text;
}

absl::StatusCode CodeOf(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kEntityNotFound:
      return absl::StatusCode::kNotFound;
    case ErrorClass::kConstraint:
      return absl::StatusCode::kAlreadyExists;
    case ErrorClass::kTransaction:
      return absl::StatusCode::kFailedPrecondition;
    case ErrorClass::kUnsupported:
      return absl::StatusCode::kUnimplemented;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

}  // namespace

const ErrorInfo& InfoOf(ErrorId id) {
  CHECK_LT(static_cast<size_t>(id), kErrorCount);
  return kErrors[static_cast<size_t>(id)];
}

Error MakeError(ErrorId id, std::string_view statement, size_t byte_offset,
                std::initializer_list<std::string_view> arguments) {
  const ErrorInfo& info = InfoOf(id);
  const Position position = PositionAt(statement, byte_offset);
  return {id, info.code, info.detail, position,
          absl::StrCat(ToAbsl(Fill(info.format, arguments)), " (", ToText(position), ") [",
                       ToAbsl(info.detail), "]\n", CaretLines(statement, byte_offset))};
}

Error MakeError(ErrorId id, std::initializer_list<std::string_view> arguments) {
  const ErrorInfo& info = InfoOf(id);
  return {id, info.code, info.detail, std::nullopt,
          absl::StrCat(Fill(info.format, arguments), " [", ToAbsl(info.detail), "]")};
}

absl::Status ToStatus(const Error& error) {
  absl::Status status(CodeOf(InfoOf(error.id).error_class), error.text);
  std::string payload = absl::StrCat(static_cast<int>(error.id));
  if (error.position.has_value()) {
    absl::StrAppend(&payload, " ", error.position->line, " ", error.position->column, " ",
                    error.position->offset);
  }
  status.SetPayload(kPayload, absl::Cord(payload));
  return status;
}

absl::Status AtPlace(const absl::Status& status, std::string_view statement, size_t byte_offset) {
  std::optional<Error> error = ErrorOf(status);
  if (!error.has_value() || error->position.has_value() || statement.empty()) return status;
  const std::string detail = absl::StrCat(" [", ToAbsl(error->detail), "]");
  DCHECK(error->text.ends_with(detail));
  error->text.resize(error->text.size() - detail.size());
  error->position = PositionAt(statement, byte_offset);
  absl::StrAppend(&error->text, " (", ToText(*error->position), ")", detail, "\n",
                  CaretLines(statement, byte_offset));
  return ToStatus(*error);
}

std::string PayloadOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status WithPayload(absl::Status status, std::string_view payload) {
  if (!status.ok() && !payload.empty()) status.SetPayload(kPayload, absl::Cord(ToAbsl(payload)));
  return status;
}

std::optional<Error> ErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return std::nullopt;
  std::vector<uint32_t> numbers;
  const std::string text(*payload);
  if (text.empty() || !absl::ascii_isdigit(static_cast<unsigned char>(text[0]))) {
    return std::nullopt;  // of an error of another kind
  }
  for (const auto& part : absl::StrSplit(text, ' ')) {
    uint32_t number = 0;
    CHECK(absl::SimpleAtoi(part, &number)) << text;
    numbers.push_back(number);
  }
  const ErrorId id = static_cast<ErrorId>(numbers[0]);
  Error error{id, InfoOf(id).code, InfoOf(id).detail, std::nullopt, MessageOf(status)};
  if (numbers.size() > 1) error.position = Position{numbers[1], numbers[2], numbers[3]};
  return error;
}

}  // namespace tidemark::query
