// SPDX-License-Identifier: Apache-2.0
#include "base/coding.h"

#include <gtest/gtest.h>

#include <limits>

namespace tidemark {
namespace {

TEST(CodingTest, RoundTripsEveryKind) {
  const uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
  std::string out;
  for (uint64_t n : numbers) AppendVarint(&out, n);
  AppendSignedVarint(&out, std::numeric_limits<int64_t>::min());
  AppendSignedVarint(&out, -1);
  AppendFixed8(&out, 200);
  AppendFixed32(&out, 0xdeadbeef);
  AppendFixed64(&out, 0x0123456789abcdef);
  AppendBytes(&out, "hello");
  ByteReader in(out);
  for (uint64_t n : numbers) EXPECT_EQ(in.Varint(), n);
  EXPECT_EQ(in.SignedVarint(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(in.SignedVarint(), -1);
  EXPECT_EQ(in.Fixed8(), 200);
  EXPECT_EQ(in.Fixed32(), 0xdeadbeef);
  EXPECT_EQ(in.Fixed64(), 0x0123456789abcdef);
  EXPECT_EQ(in.Bytes(), "hello");
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.done());
}

TEST(CodingTest, EveryTruncationFailsAndStaysFailed) {
  std::string out;
  AppendVarint(&out, UINT64_MAX);
  AppendBytes(&out, "hello");
  for (size_t size = 0; size < out.size(); ++size) {
    ByteReader in(std::string_view(out).substr(0, size));
    in.Varint();
    in.Bytes();
    EXPECT_FALSE(in.ok()) << size;
    EXPECT_EQ(in.Fixed8(), 0);
  }
}

TEST(CodingTest, RejectsOverlongVarintsAndLengths) {
  const std::string endless(11, static_cast<char>(0xff));
  ByteReader overlong(endless);
  overlong.Varint();
  EXPECT_FALSE(overlong.ok());
  const std::string padded("\x80\x00", 2);
  ByteReader longer_than_needed(padded);
  longer_than_needed.Varint();
  EXPECT_FALSE(longer_than_needed.ok());
  std::string too_long;
  AppendVarint(&too_long, UINT64_MAX);
  ByteReader length(too_long);
  EXPECT_TRUE(length.Bytes().empty());
  EXPECT_FALSE(length.ok());
  std::string wide;
  AppendVarint(&wide, uint64_t{1} << 32);
  ByteReader narrow(wide);
  narrow.Varint32();
  EXPECT_FALSE(narrow.ok());
}

// Where eight bytes are left a varint is read out of one word, at the end byte by byte.
TEST(CodingTest, VarintsReadTheSameWhateverFollows) {
  for (int bits = 0; bits <= 64; ++bits) {
    const uint64_t power = bits == 64 ? UINT64_MAX : uint64_t{1} << bits;
    for (const uint64_t n : {power, power - 1, power + power / 3}) {
      std::string out;
      AppendVarint(&out, n);
      for (size_t behind = 0; behind < 12; ++behind) {
        const std::string bytes = out + std::string(behind, static_cast<char>(0xff));
        ByteReader in(bytes);
        EXPECT_EQ(in.Varint(), n) << behind;
        EXPECT_TRUE(in.ok()) << n << " " << behind;
        EXPECT_EQ(in.remaining(), behind);
      }
    }
  }
}

TEST(CodingTest, ALongerFormThanNeededIsRefusedWhateverFollows) {
  for (size_t size = 2; size < 12; ++size) {
    for (const char first : {static_cast<char>(0x80), static_cast<char>(0xff)}) {
      for (size_t behind = 0; behind < 12; ++behind) {
        std::string bytes(size, static_cast<char>(0x80));
        bytes.front() = first;
        bytes.back() = 0;
        bytes.append(behind, 1);
        ByteReader in(bytes);
        in.Varint();
        EXPECT_FALSE(in.ok()) << size << " " << behind;
      }
    }
  }
}

}  // namespace
}  // namespace tidemark
