// SPDX-License-Identifier: Apache-2.0
#include "graph/value_coding.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/escaping.h"
#include "base/check.h"
#include "base/status.h"
#include "graph/value_order.h"
#include "graph/value_text.h"
#include "tests/graph/golden_file.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

Value FromHex(std::string_view hex) { return *DecodeValue(absl::HexStringToBytes(ToAbsl(hex))); }

TEST(ValueCodingTest, RoundTripsToTheSameBytes) {
  RandomValues random(2);
  for (int i = 0; i < 50'000; ++i) {
    const Value value = i % 2 == 0 ? random.Any() : random.Property();
    const std::string bytes = EncodeValue(value);
    ASSERT_TRUE(CheckEncodable(value).ok());
    const auto decoded = DecodeValue(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status() << " " << ToText(value);
    ASSERT_EQ(decoded->type(), value.type());
    ASSERT_TRUE(Equivalent(*decoded, value)) << ToText(value) << " / " << ToText(*decoded);
    ASSERT_EQ(EncodeValue(*decoded), bytes);
    ASSERT_EQ(EncodedValueSize(bytes + "more").value(), bytes.size());
  }
}

TEST(ValueCodingTest, KeepsNegativeZeroAndOneNan) {
  EXPECT_TRUE(std::signbit(DecodeValue(EncodeValue(Value::Float(-0.0)))->real()));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(EncodeValue(Value::Float(nan)), EncodeValue(Value::Float(-nan)));
}

TEST(ValueCodingTest, EveryTruncationIsRefused) {
  RandomValues random(3);
  for (int i = 0; i < 3000; ++i) {
    const std::string bytes = EncodeValue(random.Any());
    for (size_t size = 0; size < bytes.size(); ++size) {
      const std::string_view cut = std::string_view(bytes).substr(0, size);
      ASSERT_EQ(DecodeValue(cut).status().code(), absl::StatusCode::kDataLoss) << size;
      ASSERT_FALSE(EncodedValueSize(cut).ok());
    }
    ASSERT_FALSE(DecodeValue(bytes + '\0').ok());
  }
}

// Damaged bytes are refused, or they are the one encoding of another value.
TEST(ValueCodingTest, WhatIsAcceptedIsCanonical) {
  RandomValues random(4);
  int accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string bytes = random.Damage(EncodeValue(random.Any()));
    const auto decoded = DecodeValue(bytes);
    ASSERT_EQ(decoded.ok(),
              EncodedValueSize(bytes).ok() && *EncodedValueSize(bytes) == bytes.size());
    if (!decoded.ok()) continue;
    ++accepted;
    ASSERT_EQ(EncodeValue(*decoded), bytes) << ToText(*decoded);
  }
  EXPECT_GT(accepted, 1000);
}

TEST(ValueCodingTest, RefusesOtherFormsOfTheSameValue) {
  const char* refused[] = {
      "0302",                // 1 in the long form
      "04010000000000f87f",  // a NaN of another payload
      "050161",              // a short string in the long form
      "0800ff",              // bytes behind the end
      "08020161800161"
      "80",  // one key twice
      "0802016280"
      "016180",  // keys in the wrong order
      "0c808000"
      "00",  // an overlong varint
      "0e000000"
      "00",                                  // an empty zone
      "1f",                                  // no such tag
      "0bffffffffffffffff7f00",              // a time beyond the day
      "10000000000000f07f0000000000000000",  // a point in infinity
      "140000",                              // sequence 0
      "16010401040107040102"
      "01",                    // a loop walked backwards
      "14802001",              // slot 4096
      "07ffffffffffffffff7f",  // more elements than bytes
  };
  for (const char* hex : refused) {
    EXPECT_EQ(DecodeValue(absl::HexStringToBytes(hex)).status().code(), absl::StatusCode::kDataLoss)
        << hex;
  }
}

// Memory that ends where nothing may be read.
// Owner: a test. Threads: one.
class GuardedMemory {
 public:
  GuardedMemory() {
    memory_ = static_cast<char*>(mmap(nullptr, kBytes + kPageBytes, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK_EQ(mprotect(memory_ + kBytes, kPageBytes, PROT_NONE), 0);
  }
  ~GuardedMemory() { munmap(memory_, kBytes + kPageBytes); }

  // Copies `bytes` so that they end at the guard.
  const char* Put(std::string_view bytes) {
    CHECK_LE(bytes.size(), kBytes);
    char* const place = memory_ + kBytes - bytes.size();
    std::memcpy(place, bytes.data(), bytes.size());
    return place;
  }

 private:
  static constexpr size_t kBytes = 1 << 20;
  static constexpr size_t kPageBytes = 1 << 16;

  char* memory_;
};

TEST(ValueCodingTest, CheckedValuesAreReadWithoutTheirLength) {
  RandomValues random(3);
  GuardedMemory memory;
  for (int round = 0; round < 20'000; ++round) {
    const Value value =
        round % 10 == 0 ? Value::String(std::string(random.Below(300), 'x')) : random.Any(3);
    const std::string bytes = EncodeValue(value);
    const char* const encoded = memory.Put(bytes);
    ASSERT_EQ(BytesOfTrusted(encoded), bytes);
    ASSERT_EQ(TypeOfTrusted(encoded), value.type());
    ASSERT_EQ(EncodeValue(DecodeTrusted(encoded)), bytes);
    if (value.type() == ValueType::kString) {
      ASSERT_EQ(TextOfTrusted(encoded), value.string());
    }
  }
}

TEST(ValueCodingTest, RefusesDeepNestingAndHugeValues) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "\x07\x01";
  deep += '\0';
  EXPECT_FALSE(DecodeValue(deep).ok());
  EXPECT_FALSE(EncodedValueSize(deep).ok());
  const std::string huge = std::string("\x05\x80\x80\x80\x20", 5) + std::string(64 << 20, 'x');
  EXPECT_FALSE(EncodedValueSize(huge).ok());
}

// Every tag has a line in the file; a changed line is a changed format.
TEST(ValueCodingTest, MatchesTheGoldenFile) {
  const std::vector<GoldenLine> lines = ReadGoldenFile("value.golden");
  ASSERT_GE(lines.size(), 40u);
  for (const GoldenLine& line : lines) {
    const Value value = FromHex(line.hex);
    EXPECT_EQ(ToText(value), line.text);
    EXPECT_EQ(absl::BytesToHexString(EncodeValue(value)), ToAbsl(line.hex));
  }
}

}  // namespace
}  // namespace tidemark::graph
