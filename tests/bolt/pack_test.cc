// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "bolt/pack_reader.h"
#include "bolt/pack_writer.h"
#include "tests/bolt/pack_text.h"

namespace tidemark::bolt {
namespace {

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }
std::string Bytes(const std::string& hex) { return absl::HexStringToBytes(hex); }

std::string Written(int64_t value) {
  std::string out;
  PackWriter(&out).Integer(value);
  return Hex(out);
}

absl::Status ReadError(const std::string& hex) {
  const std::string bytes = Bytes(hex);
  PackReader reader(bytes);
  PackItem item;
  return reader.Next(&item);
}

TEST(PackTest, IntegersHaveTheirShortestForm) {
  EXPECT_EQ(Written(0), "00");
  EXPECT_EQ(Written(127), "7f");
  EXPECT_EQ(Written(-16), "f0");
  EXPECT_EQ(Written(-17), "c8ef");
  EXPECT_EQ(Written(-128), "c880");
  EXPECT_EQ(Written(128), "c90080");
  EXPECT_EQ(Written(-129), "c9ff7f");
  EXPECT_EQ(Written(32'767), "c97fff");
  EXPECT_EQ(Written(32'768), "ca00008000");
  EXPECT_EQ(Written(-32'769), "caffff7fff");
  EXPECT_EQ(Written(2'147'483'647), "ca7fffffff");
  EXPECT_EQ(Written(2'147'483'648), "cb0000000080000000");
  EXPECT_EQ(Written(std::numeric_limits<int64_t>::min()), "cb8000000000000000");
}

TEST(PackTest, IntegersComeBack) {
  for (int power = 0; power < 64; ++power) {
    for (const int64_t near : {-1, 0, 1}) {
      for (const int64_t sign : {-1, 1}) {
        const auto value = static_cast<int64_t>(
            static_cast<uint64_t>(sign) * (uint64_t{1} << power) + static_cast<uint64_t>(near));
        std::string out;
        PackWriter(&out).Integer(value);
        PackReader reader(out);
        PackItem item;
        ASSERT_TRUE(reader.Next(&item).ok());
        EXPECT_EQ(item.type, PackType::kInteger);
        EXPECT_EQ(item.integer, value);
        EXPECT_EQ(reader.bytes_left(), 0u);
      }
    }
  }
}

TEST(PackTest, OtherItems) {
  std::string out;
  PackWriter writer(&out);
  writer.Structure('N', 2);
  writer.List(4);
  writer.Null();
  writer.Boolean(true);
  writer.Boolean(false);
  writer.Float(1.5);
  writer.Map(1);
  writer.Entry("a", "b");
  EXPECT_EQ(Hex(out),
            "b24e94c0c3c2c13ff8000000000000a18161"
            "8162");
  PackReader reader(out);
  EXPECT_EQ(ItemText(&reader), "N([null, true, false, 1.5], {a: 'b'})");
}

TEST(PackTest, SizesChangeTheirFormAtTheirLimits) {
  const std::vector<std::pair<size_t, std::string>> heads = {
      {15, "8f"},      {16, "d010"},       {255, "d0ff"},
      {256, "d10100"}, {65'535, "d1ffff"}, {65'536, "d200010000"}};
  for (const auto& [size, head] : heads) {
    const std::string text(size, 'x');
    std::string out;
    PackWriter(&out).String(text);
    EXPECT_EQ(Hex(out.substr(0, head.size() / 2)), head);
    PackReader reader(out);
    PackItem item;
    ASSERT_TRUE(reader.Next(&item).ok());
    EXPECT_EQ(item.text, text);
    out.pop_back();
    PackReader shorter(out);
    EXPECT_TRUE(absl::IsDataLoss(shorter.Next(&item)));
  }
  std::string out;
  PackWriter(&out).Bytes("ab");
  PackWriter(&out).List(16);
  PackWriter(&out).Map(300);
  EXPECT_EQ(Hex(out), "cc026162d410d9012c");
}

TEST(PackTest, WhatIsNotPackStreamIsRefused) {
  for (const char* marker :
       {"c4", "c5", "c6", "c7", "cf", "d3", "d7", "db", "dc", "de", "df", "e0", "ef"}) {
    EXPECT_TRUE(absl::IsDataLoss(ReadError(std::string(marker) + "00000000000000000000")))
        << marker;
  }
  for (const char* cut : {"", "c1", "c100000000000000", "c8", "c900", "ca000000", "cb00", "81",
                          "b1", "d0", "d105", "cc01"}) {
    EXPECT_TRUE(absl::IsDataLoss(ReadError(cut))) << cut;
  }
}

// A few bytes must not make a reader ask for gigabytes.
TEST(PackTest, CountsAreNotBelievedBeyondTheBytesThatAreLeft) {
  for (const char* head : {"d6ffffffff00", "daffffffff0000", "d2ffffffff00", "ceffffffff00", "92c0",
                           "a1c0", "b24ec0"}) {
    EXPECT_TRUE(absl::IsDataLoss(ReadError(head))) << head;
  }
}

}  // namespace
}  // namespace tidemark::bolt
