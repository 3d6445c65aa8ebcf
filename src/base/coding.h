// SPDX-License-Identifier: Apache-2.0
// Byte coding shared by every format: little-endian fixed integers, LEB128 varints, zigzag for
// signed numbers, length-prefixed bytes. Writers append to a std::string; the reader never passes
// its end and never allocates.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tidemark {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian");

inline constexpr int kMaxVarint64Bytes = 10;

inline void AppendFixed8(std::string* out, uint8_t value) {
  out->push_back(static_cast<char>(value));
}
inline void AppendFixed32(std::string* out, uint32_t value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void AppendFixed64(std::string* out, uint64_t value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void AppendVarint(std::string* out, uint64_t value) {
  char buffer[kMaxVarint64Bytes];
  int n = 0;
  while (value >= 0x80) {
    buffer[n++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  buffer[n++] = static_cast<char>(value);
  out->append(buffer, static_cast<size_t>(n));
}
constexpr uint64_t ZigZagEncode(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t ZigZagDecode(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}
inline void AppendSignedVarint(std::string* out, int64_t value) {
  AppendVarint(out, ZigZagEncode(value));
}
// Varint length, then the bytes.
inline void AppendBytes(std::string* out, std::string_view bytes) {
  AppendVarint(out, bytes.size());
  out->append(bytes);
}
inline uint32_t LoadFixed32(const char* p) {
  uint32_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
inline uint64_t LoadFixed64(const char* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}
inline void StoreFixed32(char* p, uint32_t value) { std::memcpy(p, &value, sizeof value); }
inline void StoreFixed64(char* p, uint64_t value) { std::memcpy(p, &value, sizeof value); }

// Reads what the functions above wrote. Once a read fails (end of input, overlong varint), ok() is
// false, every further read gives zero or empty, and nothing is consumed: a caller may read a whole
// record and test ok() once. Does not own the bytes; views returned point into them.
// Threads: one.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : p_(bytes.data()), end_(p_ + bytes.size()) {}

  bool ok() const { return ok_; }
  bool done() const { return p_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - p_); }
  const char* position() const { return p_; }

  uint8_t Fixed8() { return Take(1) ? static_cast<uint8_t>(p_[-1]) : 0; }
  uint32_t Fixed32() { return Take(4) ? LoadFixed32(p_ - 4) : 0; }
  uint64_t Fixed64() { return Take(8) ? LoadFixed64(p_ - 8) : 0; }
  int64_t SignedVarint() { return ZigZagDecode(Varint()); }
  uint64_t Varint() {
    if (p_ < end_ && static_cast<uint8_t>(*p_) < 0x80) return static_cast<uint8_t>(*p_++);
    return VarintSlow();
  }
  // A varint that must fit 32 bits.
  uint32_t Varint32() {
    const uint64_t value = Varint();
    if (value > UINT32_MAX) return Fail();
    return static_cast<uint32_t>(value);
  }
  std::string_view Raw(size_t size) {
    return Take(size) ? std::string_view(p_ - size, size) : std::string_view();
  }
  // Varint length, then that many bytes.
  std::string_view Bytes() {
    const uint64_t size = Varint();
    if (size > remaining()) {
      Fail();
      return {};
    }
    return Raw(size);
  }
  // Marks the input as malformed.
  uint32_t Fail() {
    ok_ = false;
    p_ = end_;
    return 0;
  }

 private:
  bool Take(size_t size) {
    if (remaining() < size || !ok_) {
      Fail();
      return false;
    }
    p_ += size;
    return true;
  }
  uint64_t VarintSlow();

  const char* p_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace tidemark
