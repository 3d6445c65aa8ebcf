// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/coding.h"
#include "base/ids.h"

namespace tidemark::exec {

// An element id: varint slot, varint sequence; 0, 0 stands for no element.
template <typename Id>
void AppendElement(std::string* out, Id id) {
  AppendVarint(out, id.slot().value());
  AppendVarint(out, id.sequence());
}
// Fails the reader when no element can have the id.
template <typename Id>
Id ReadElement(ByteReader* reader) {
  const uint32_t slot = reader->Varint32();
  const uint32_t sequence = reader->Varint32();
  if (slot >= kSlotCount || sequence == 0) {
    reader->Fail();
    return Id();
  }
  return Id(SlotId(static_cast<uint16_t>(slot)), sequence);
}

// An id of a name or an index, which is never 0.
template <typename Id>
Id ReadNonZero(ByteReader* reader) {
  const uint32_t value = reader->Varint32();
  if (value == 0) reader->Fail();
  return Id(value);
}

template <typename Id>
void AppendIds(std::string* out, const std::vector<Id>& ids) {
  AppendVarint(out, ids.size());
  for (Id id : ids) AppendVarint(out, id.value());
}
template <typename Id>
void ReadIds(ByteReader* reader, size_t max_count, std::vector<Id>* ids) {
  const uint64_t count = reader->Varint();
  if (count > max_count || count > reader->remaining()) {
    reader->Fail();
    return;
  }
  ids->reserve(count);
  for (uint64_t i = 0; i < count; ++i) ids->push_back(ReadNonZero<Id>(reader));
}

// A length-prefixed string of at most `max_bytes`.
inline std::string ReadBounded(ByteReader* reader, size_t max_bytes) {
  const std::string_view bytes = reader->Bytes();
  if (bytes.size() > max_bytes) {
    reader->Fail();
    return {};
  }
  return std::string(bytes);
}

}  // namespace tidemark::exec
