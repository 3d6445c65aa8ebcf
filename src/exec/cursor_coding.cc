// SPDX-License-Identifier: Apache-2.0
#include "exec/cursor_coding.h"

#include "base/check.h"
#include "base/coding.h"
#include "base/status.h"

namespace tidemark::exec {

std::string EncodeCursor(const storage::Shard::Cursor& cursor) {
  CHECK(!cursor.done) << "there is nothing to go on with";
  std::string out;
  AppendVarint(&out, cursor.position);
  AppendVarint(&out, cursor.part);
  AppendBytes(&out, cursor.key);
  return out;
}

absl::StatusOr<storage::Shard::Cursor> DecodeCursor(std::string_view bytes) {
  storage::Shard::Cursor cursor;
  if (bytes.empty()) return cursor;
  ByteReader reader(bytes);
  cursor.position = reader.Varint();
  cursor.part = reader.Varint();
  cursor.key = std::string(reader.Bytes());
  if (reader.ok() && reader.done()) return cursor;
  return absl::InvalidArgumentError("a cursor is not one that this server gave");
}

}  // namespace tidemark::exec
