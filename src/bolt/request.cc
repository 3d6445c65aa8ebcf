// SPDX-License-Identifier: Apache-2.0
#include "bolt/request.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt/value_reader.h"

namespace tidemark::bolt {
namespace {

using graph::Value;
using graph::ValueType;

constexpr Version kFirst{4, 4};
constexpr Version kWithLogon{5, 1};
constexpr Version kWithTelemetry{5, 4};
static_assert(!Version{5, 0}.has_logon() && kWithLogon.has_logon());
static_assert(!Version{5, 3}.has_telemetry() && kWithTelemetry.has_telemetry());

struct MessageType {
  RequestKind kind;
  std::string_view name;
  std::string_view fields;  // a letter each: m map, s string, l list, i integer
  Version since;
};

constexpr MessageType kMessageTypes[] = {
    {RequestKind::kHello, "HELLO", "m", kFirst},
    {RequestKind::kGoodbye, "GOODBYE", "", kFirst},
    {RequestKind::kReset, "RESET", "", kFirst},
    {RequestKind::kRun, "RUN", "smm", kFirst},
    {RequestKind::kBegin, "BEGIN", "m", kFirst},
    {RequestKind::kCommit, "COMMIT", "", kFirst},
    {RequestKind::kRollback, "ROLLBACK", "", kFirst},
    {RequestKind::kDiscard, "DISCARD", "m", kFirst},
    {RequestKind::kPull, "PULL", "m", kFirst},
    {RequestKind::kTelemetry, "TELEMETRY", "i", kWithTelemetry},
    {RequestKind::kRoute, "ROUTE", "mlm", kFirst},
    {RequestKind::kLogon, "LOGON", "m", kWithLogon},
    {RequestKind::kLogoff, "LOGOFF", "", kWithLogon},
};

const MessageType* FindType(uint8_t tag) {
  for (const MessageType& type : kMessageTypes) {
    if (static_cast<uint8_t>(type.kind) == tag) return &type;
  }
  return nullptr;
}

bool HasType(char letter, const Value& value) {
  switch (letter) {
    case 'm':
      return value.type() == ValueType::kMap;
    case 's':
      return value.type() == ValueType::kString;
    case 'l':
      return value.type() == ValueType::kList;
    default:
      return value.type() == ValueType::kInteger;
  }
}

absl::Status ReadFields(const MessageType& type, ValueReader* reader, Request* request) {
  for (size_t i = 0; i < type.fields.size(); ++i) {
    ASSIGN_OR_RETURN(request->fields[i], reader->Read());
    if (!HasType(type.fields[i], request->fields[i])) {
      return absl::InvalidArgumentError(
          absl::StrCat("field ", i + 1, " of ", ToAbsl(type.name), " has a wrong type"));
    }
  }
  if (reader->encoded_bytes_left() != 0) {
    return absl::DataLossError(absl::StrCat(ToAbsl(type.name), " goes on behind its last field"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(RequestKind kind) {
  const MessageType* type = FindType(static_cast<uint8_t>(kind));
  return type == nullptr ? "?" : type->name;
}

absl::StatusOr<Request> ReadRequest(std::string_view message, const RequestForm& form) {
  ValueReader reader(message, form.values, form.decoded_bytes);
  PackItem head;
  RETURN_IF_ERROR(reader.ReadHead(&head));
  if (head.type != PackType::kStructure) {
    return absl::DataLossError("a message is no structure");
  }
  const MessageType* type = FindType(head.tag);
  if (type == nullptr || form.version < type->since) {
    return absl::DataLossError(absl::StrCat("0x", absl::Hex(head.tag, absl::kZeroPad2),
                                            " is no message of Bolt ", form.version.major_number,
                                            ".", form.version.minor_number));
  }
  if (head.count != type->fields.size()) {
    return absl::DataLossError(absl::StrCat(ToAbsl(type->name), " has ", head.count,
                                            " fields instead of ", type->fields.size()));
  }
  Request request{.kind = type->kind, .encoded_bytes = message.size()};
  request.status = ReadFields(*type, &reader, &request);
  if (absl::IsDataLoss(request.status)) return request.status;
  if (!request.status.ok()) request.fields = {};
  request.decoded_bytes = request.status.ok() ? reader.decoded_bytes() : 0;
  return request;
}

}  // namespace tidemark::bolt
