// SPDX-License-Identifier: Apache-2.0
#include "tests/bolt/pack_text.h"

#include <charconv>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "bolt/chunks.h"
#include "bolt/request.h"
#include "bolt/value_writer.h"

namespace tidemark::bolt {
namespace {

using graph::Value;

std::string ItemsText(uint32_t count, PackReader* reader) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", ItemText(reader));
  }
  return text;
}

std::string EntriesText(uint32_t count, PackReader* reader) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    PackItem key;
    CHECK(reader->Next(&key).ok() && key.type == PackType::kString);
    absl::StrAppend(&text, i == 0 ? "" : ", ", ToAbsl(key.text), ": ", ItemText(reader));
  }
  return text;
}

// Reads values from text.
class ValueParser {
 public:
  explicit ValueParser(std::string_view text) : text_(text) {}

  bool AtEnd() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
    return text_.empty();
  }

  Value Next() {
    CHECK(!AtEnd());
    if (Skip("null")) return Value::Null();
    if (Skip("true")) return Value::Boolean(true);
    if (Skip("false")) return Value::Boolean(false);
    if (Skip("'")) return Value::String(Until('\''));
    if (Skip("[")) return List();
    if (Skip("{")) return Map();
    const std::string_view word = text_.substr(0, text_.find_first_of(",]} "));
    text_.remove_prefix(word.size());
    if (word.find('.') != std::string_view::npos) {
      double number = 0;
      CHECK(std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc());
      return Value::Float(number);
    }
    int64_t number = 0;
    CHECK(std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc())
        << word;
    return Value::Integer(number);
  }

 private:
  bool Skip(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }
  std::string_view Until(char end) {
    const std::string_view found = text_.substr(0, text_.find(end));
    text_.remove_prefix(found.size() + 1);
    return found;
  }
  Value List() {
    std::vector<Value> elements;
    while (!AtEnd() && !Skip("]")) {
      elements.push_back(Next());
      AtEnd();
      Skip(",");
    }
    return Value::List(std::move(elements));
  }
  Value Map() {
    std::vector<graph::MapEntry> entries;
    while (!AtEnd() && !Skip("}")) {
      const std::string key(Until(':'));
      entries.emplace_back(key, Next());
      AtEnd();
      Skip(",");
    }
    return Value::Map(std::move(entries));
  }

  std::string_view text_;
};

uint8_t TagOf(std::string_view name) {
  for (int tag = 0; tag < 256; ++tag) {
    if (NameOf(static_cast<RequestKind>(tag)) == name) return static_cast<uint8_t>(tag);
  }
  LOG(FATAL) << "no message " << name;
}

}  // namespace

std::string ItemText(PackReader* reader) {
  PackItem item;
  const absl::Status status = reader->Next(&item);
  CHECK(status.ok()) << status;
  switch (item.type) {
    case PackType::kNull:
      return "null";
    case PackType::kBoolean:
      return item.boolean ? "true" : "false";
    case PackType::kInteger:
      return absl::StrCat(item.integer);
    case PackType::kFloat: {
      const std::string text = absl::StrCat(item.real);
      return text.find_first_of(".eni") == std::string::npos ? text + ".0" : text;
    }
    case PackType::kBytes:
      return absl::StrCat("#", absl::BytesToHexString(ToAbsl(item.text)));
    case PackType::kString:
      return absl::StrCat("'", ToAbsl(item.text), "'");
    case PackType::kList:
      return absl::StrCat("[", ItemsText(item.count, reader), "]");
    case PackType::kMap:
      return absl::StrCat("{", EntriesText(item.count, reader), "}");
    case PackType::kStructure:
      return absl::StrCat(std::string(1, static_cast<char>(item.tag)), "(",
                          ItemsText(item.count, reader), ")");
  }
  return "?";
}

std::string ReplyText(std::string_view message) {
  PackReader reader(message);
  PackItem head;
  CHECK(reader.Next(&head).ok() && head.type == PackType::kStructure);
  const std::string name = head.tag == 0x70   ? "SUCCESS"
                           : head.tag == 0x71 ? "RECORD"
                           : head.tag == 0x7e ? "IGNORED"
                           : head.tag == 0x7f ? "FAILURE"
                                              : absl::StrCat("?", head.tag);
  const std::string fields = ItemsText(head.count, &reader);
  CHECK_EQ(reader.bytes_left(), 0u);
  return fields.empty() ? name : absl::StrCat(name, " ", fields);
}

std::vector<std::string> ReplyTexts(std::string_view chunks) {
  std::vector<std::string> texts;
  ChunkReader reader;
  reader.set_message_limit(64 << 20);
  MessageBytes message;
  while (true) {
    const absl::StatusOr<bool> complete = reader.Next(&chunks, &message);
    CHECK(complete.ok()) << complete.status();
    if (!*complete) break;
    texts.push_back(ReplyText(Join(std::move(message))));
  }
  CHECK_EQ(reader.held_bytes(), 0u);
  return texts;
}

std::vector<Value> ParseValues(std::string_view text) {
  std::vector<Value> values;
  ValueParser parser(text);
  while (!parser.AtEnd()) values.push_back(parser.Next());
  return values;
}

std::string RequestMessage(std::string_view text) {
  const std::string_view name = text.substr(0, text.find(' '));
  const std::vector<Value> fields = ParseValues(text.substr(name.size()));
  std::string message;
  PackWriter(&message).Structure(TagOf(name), fields.size());
  ValueWriter writer(&message, {});
  for (const Value& field : fields) graph::WriteValue(field, &writer);
  return message;
}

std::string InChunks(std::string_view message) {
  std::string bytes(kChunkHeaderBytes, '\0');
  bytes.append(message);
  FinishMessage(0, &bytes);
  return bytes;
}

std::string RequestBytes(std::string_view text) { return InChunks(RequestMessage(text)); }

const std::vector<std::string>& RequestTexts() {
  static const auto* const requests = new std::vector<std::string>{
      "HELLO {user_agent: 'fuzz', patch_bolt: ['utc'], routing: {address: 'a:1'}}",
      "LOGON {scheme: 'basic', principal: 'a', credentials: 'b'}",
      "LOGON {scheme: 'none'}",
      "LOGOFF",
      "RUN 'RETURN 1' {} {}",
      "RUN 'RETURN $x AS x' {x: [1, 2.5, 'three', {four: null}]} {mode: 'r', tx_timeout: 10}",
      "RUN 'ROWS $n' {n: 20} {bookmarks: ['tidemark:1:2']}",
      "RUN 'ELEMENTS' {} {}",
      "RUN 'VALUES' {} {}",
      "RUN 'SLOW' {} {}",
      "RUN 'PARTS' {} {}",
      "RUN 'CONFLICT' {} {}",
      "RUN 'nonsense' {} {}",
      "RUN 'PROFILE' {} {}",
      "PULL {n: 7}",
      "PULL {n: -1}",
      "PULL {n: 1, qid: 0}",
      "DISCARD {n: -1}",
      "BEGIN {mode: 'w', tx_metadata: {a: 1}}",
      "COMMIT",
      "ROLLBACK",
      "RESET",
      "ROUTE {} [] {}",
      "TELEMETRY 1",
      "GOODBYE"};
  return *requests;
}

std::string Opening(int major_number, int minor_number) {
  std::string bytes("\x60\x60\xb0\x17", 4);
  bytes.append({0, 0, static_cast<char>(minor_number), static_cast<char>(major_number)});
  bytes.append(12, '\0');
  return bytes;
}

}  // namespace tidemark::bolt
