// SPDX-License-Identifier: Apache-2.0
#include "session/scan_cursor.h"

#include "base/coding.h"

namespace tidemark::session {

std::string EncodeScanCursor(NodeId worker, const std::string& inner) {
  std::string cursor;
  AppendVarint(&cursor, worker.value());
  return cursor + inner;
}

absl::Status DecodeScanCursor(const std::string& cursor, uint32_t worker_count, NodeId* worker,
                              std::string* inner) {
  *worker = NodeId(1);
  if (cursor.empty()) return absl::OkStatus();
  ByteReader reader(cursor);
  const uint32_t number = reader.Varint32();
  if (!reader.ok() || number < 1 || number > worker_count) {
    return absl::InvalidArgumentError("a cursor is not one that this server gave");
  }
  *worker = NodeId(number);
  *inner = std::string(reader.Raw(reader.remaining()));
  return absl::OkStatus();
}

}  // namespace tidemark::session
