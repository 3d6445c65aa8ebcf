// SPDX-License-Identifier: Apache-2.0
#include "import/id_map.h"

#include <charconv>

#include "base/check.h"
#include "base/checksum.h"
#include "base/coding.h"
#include "graph/value_text.h"
#include "import/limits.h"

namespace tidemark::csv_import {
namespace {

constexpr size_t kFirstEntryCount = 1024;
constexpr uint32_t kTagBits = 19;
static_assert(kMaxGroupCount <= 1u << kTagBits);

// The number of an id that is written as numbers are: "0", "17"; not "017", "+17" or "17 ".
bool IsPlainNumber(std::string_view id, uint64_t* number) {
  if (id.empty() || (id[0] == '0' && id.size() > 1)) return false;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), *number);
  return error == std::errc() && end == id.data() + id.size();
}

}  // namespace

IdMap::IdMap() : entries_(kFirstEntryCount) {}

std::optional<IdMap::Key> IdMap::KeyOf(const IdGroup& group, std::string_view id) {
  CHECK_LT(group.number, kMaxGroupCount);
  if (group.has_integer_ids) {
    const absl::StatusOr<int64_t> number = graph::ParseInteger(id);
    if (!number.ok()) return std::nullopt;
    // Negative numbers stand for large ones: no others are in the group.
    return NumberKey(group.number, static_cast<uint64_t>(*number), id);
  }
  uint64_t number = 0;
  if (IsPlainNumber(id, &number)) return NumberKey(group.number, number, id);
  return TextKey(group.number, id);
}

IdMap::Key IdMap::NumberKey(uint32_t group, uint64_t number, std::string_view id) {
  char bytes[sizeof number];
  StoreFixed64(bytes, number);
  return {.hash = Checksum64({bytes, sizeof bytes}, group),
          .number = number,
          .group = group,
          .text = id};
}

IdMap::Key IdMap::TextKey(uint32_t group, std::string_view id) {
  return {.hash = Checksum64(id, group), .is_text = true, .group = group, .text = id};
}

uint32_t IdMap::TagOf(const Key& key) {
  return key.is_text ? static_cast<uint32_t>(key.hash >> (64 - kTagBits)) : key.group;
}

IdMap::Key IdMap::KeyAt(const Entry& entry) const {
  if (entry.is_text == 0) return NumberKey(entry.tag, entry.key, {});
  ByteReader reader(std::string_view(texts_).substr(entry.key));
  const uint32_t group = reader.Varint32();
  return TextKey(group, reader.Bytes());
}

bool IdMap::Matches(const Entry& entry, const Key& key) const {
  if (entry.tag != TagOf(key) || (entry.is_text != 0) != key.is_text) return false;
  if (!key.is_text) return entry.key == key.number;
  ByteReader reader(std::string_view(texts_).substr(entry.key));
  return reader.Varint32() == key.group && reader.Bytes() == key.text;
}

size_t IdMap::Locate(const Key& key) const {
  const size_t mask = entries_.size() - 1;
  size_t at = key.hash & mask;
  while (entries_[at].vertex != 0 && !Matches(entries_[at], key)) at = (at + 1) & mask;
  return at;
}

bool IdMap::Insert(const Key& key, VertexId vertex) {
  CHECK(vertex.valid());
  if (size_ >= entries_.size() / 8 * 7) Grow();
  Entry& entry = entries_[Locate(key)];
  if (entry.vertex != 0) return false;
  entry.key = key.is_text ? texts_.size() : key.number;
  entry.is_text = key.is_text;
  entry.tag = TagOf(key);
  entry.vertex = vertex.value();
  if (key.is_text) {
    AppendVarint(&texts_, key.group);
    AppendBytes(&texts_, key.text);
  }
  ++size_;
  return true;
}

std::optional<VertexId> IdMap::Find(const Key& key) const {
  const Entry& entry = entries_[Locate(key)];
  if (entry.vertex == 0) return std::nullopt;
  return VertexId(entry.vertex);
}

void IdMap::Grow() {
  std::vector<Entry> old(entries_.size() * 2);
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.vertex != 0) entries_[Locate(KeyAt(entry))] = entry;
  }
}

}  // namespace tidemark::csv_import
