// SPDX-License-Identifier: Apache-2.0
// The errors of statements: one table (codes.inc) says for each what drivers are told. Inside the
// engine an error travels as an absl::Status that carries it; a door takes it out with ErrorOf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "query/text/position.h"

namespace tidemark::query {

// What kind of mistake it is, in openCypher's words.
enum class ErrorClass : uint8_t {
  kSyntax,
  kSemantic,
  kType,
  kArgument,
  kArithmetic,
  kEntityNotFound,
  kParameterMissing,
  kConstraint,
  kProcedure,
  kTransaction,
  kUnsupported,
};

// A line of codes.inc.
enum class ErrorId : uint16_t {
#define TIDEMARK_QUERY_ERROR(id, detail, error_class, code, gql_status, format) id,
#include "query/text/codes.inc"
#undef TIDEMARK_QUERY_ERROR
};

struct ErrorInfo {
  std::string_view detail;  // openCypher's name of the broken rule
  ErrorClass error_class;
  std::string_view code;        // Neo4j's: "Neo.ClientError.Statement.SyntaxError"
  std::string_view gql_status;  // five characters, for drivers that speak Bolt 5.7
  std::string_view format;      // $0 to $9 stand for the arguments
};

const ErrorInfo& InfoOf(ErrorId id);

// What went wrong in a statement, ready to be shown. Plain data.
struct Error {
  ErrorId id;
  std::string_view code;             // of the table
  std::string_view detail;           // of the table
  std::optional<Position> position;  // nothing: the error has no place in the text
  // "Variable `x` not defined (line 1, column 8 (offset: 7)) [UndefinedVariable]", then the line of
  // the text and a caret.
  std::string text;
};

// An error at a byte of the statement's text.
Error MakeError(ErrorId id, std::string_view statement, size_t byte_offset,
                std::initializer_list<std::string_view> arguments);
// An error without a place: "<message> [<detail>]".
Error MakeError(ErrorId id, std::initializer_list<std::string_view> arguments);

// The status that carries the error: its message is the text.
absl::Status ToStatus(const Error& error);
// The same error at a byte of the statement's text; as it is when it has a place already, carries
// no error, or the text is empty.
absl::Status AtPlace(const absl::Status& status, std::string_view statement, size_t byte_offset);
// What makes an error of a status, for a frame to another node, and back. Empty: the status carries
// no error.
std::string PayloadOf(const absl::Status& status);
absl::Status WithPayload(absl::Status status, std::string_view payload);
// The error that a status carries; nothing for a status that ToStatus did not make.
std::optional<Error> ErrorOf(const absl::Status& status);

}  // namespace tidemark::query
