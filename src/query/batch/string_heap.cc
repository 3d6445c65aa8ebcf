// SPDX-License-Identifier: Apache-2.0
#include "query/batch/string_heap.h"

#include <cstring>
#include <string>

#include "base/check.h"

namespace tidemark::query {

uint64_t StoreText(SlabArena* arena, std::string_view text) {
  CHECK_LE(text.size(), graph::kMaxValueBytes);
  char head[graph::kMaxTextHeadBytes];
  const size_t head_bytes = graph::WriteTextHead(text.size(), head);
  char* const copy = arena->AllocateArray<char>(head_bytes + text.size());
  std::memcpy(copy, head, head_bytes);
  if (!text.empty()) std::memcpy(copy + head_bytes, text.data(), text.size());
  return WordOf(copy);
}

uint64_t StoreEncoded(SlabArena* arena, std::string_view encoded) {
  char* const copy = arena->AllocateArray<char>(encoded.size());
  std::memcpy(copy, encoded.data(), encoded.size());
  return WordOf(copy);
}

uint64_t StoreValue(SlabArena* arena, const graph::Value& value) {
  if (value.type() == graph::ValueType::kString) return StoreText(arena, value.string());
  return StoreEncoded(arena, graph::EncodeValue(value));
}

}  // namespace tidemark::query
