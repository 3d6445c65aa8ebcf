// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "base/check.h"
#include "bolt/value_reader.h"
#include "bolt/value_writer.h"
#include "tests/bolt/test_connection.h"
#include "tests/fuzz/target.h"
#include "tests/graph/random_values.h"

namespace tidemark::fuzz {
namespace {

using bolt::ValueForms;
using bolt::Version;

constexpr size_t kDecodedBytes = 1 << 20;
constexpr size_t kSeedCount = 100;

std::string Encoded(const graph::Value& value, ValueForms forms) {
  std::string bytes;
  bolt::ValueWriter writer(&bytes, forms);
  graph::WriteValue(value, &writer);
  return bytes;
}

// The first byte says which forms are spoken. What is read is written and read again: then the
// bytes are those of its one spelling.
void RunPack(std::string_view bytes) {
  if (bytes.empty()) return;
  const ValueForms forms{.element_ids = (bytes[0] & 1) != 0, .utc = (bytes[0] & 2) != 0};
  bolt::ValueReader reader(bytes.substr(1), forms, kDecodedBytes);
  while (reader.encoded_bytes_left() > 0) {
    const absl::StatusOr<graph::Value> value = reader.Read();
    if (!value.ok()) return;
    const std::string written = Encoded(*value, forms);
    bolt::ValueReader again(written, forms, 2 * kDecodedBytes);
    const absl::StatusOr<graph::Value> same = again.Read();
    CHECK(same.ok()) << same.status();
    CHECK(Encoded(*same, forms) == written);
  }
}

std::vector<std::string> PackSeeds() {
  std::vector<std::string> seeds;
  graph::RandomValues random(7);
  for (size_t i = 0; i < kSeedCount; ++i) {
    const ValueForms forms{.element_ids = (i & 1) != 0, .utc = (i & 2) != 0};
    const graph::Value value =
        graph::Value::Map({{"a", random.Property()},
                           {"b", graph::Value::List({random.Scalar(), random.Property()})}});
    seeds.push_back(static_cast<char>(i & 3) + Encoded(value, forms));
  }
  for (const std::string& request : bolt::RequestTexts()) {
    seeds.push_back('\3' + bolt::RequestMessage(request));
  }
  return seeds;
}

constexpr Version kVersions[] = {{4, 4}, {5, 0}, {5, 1}, {5, 2}, {5, 3},
                                 {5, 4}, {5, 6}, {5, 7}, {5, 8}};
// Of the first byte: its lowest bits are the number of a version, 15: the handshake comes in, too.
constexpr uint8_t kVersionBits = 15;
constexpr uint8_t kLater = 16;  // answers of the session take their time
constexpr uint8_t kStuck = 32;  // the client takes nothing for a while
constexpr uint8_t kLoggedIn = 64;

// Bytes of a client in pieces of one size: the second byte.
void RunConnection(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto options = static_cast<uint8_t>(bytes[0]);
  const size_t piece_bytes = 1 + static_cast<uint8_t>(bytes[1]) * size_t{4};
  bytes.remove_prefix(2);
  bolt::TestConnection test((options & kLater) != 0);
  const size_t version = options & kVersionBits;
  const bool is_open = version < std::size(kVersions);
  if (is_open) {
    const Version& spoken = kVersions[version];
    (options & kLoggedIn) != 0 ? test.LogIn(spoken.major_number, spoken.minor_number)
                               : test.Open(spoken.major_number, spoken.minor_number);
  }
  std::string sent;
  size_t ends = 0;
  while (!bytes.empty()) {
    test.set_stuck((options & kStuck) != 0 && bytes.size() % 3 == 0);
    if (test.connection().wants_bytes()) {
      // Alone in memory, so that a sanitizer sees a read behind it.
      const size_t count = std::min(piece_bytes, bytes.size());
      const std::vector<char> piece(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
      test.connection().OnBytes({piece.data(), piece.size()});
      bytes.remove_prefix(count);
    } else if (!test.Answer() && !test.RunJob()) {
      test.set_stuck(false);
    }
    if (bytes.size() % 2 == 0) test.Answer();
    sent += test.TakeSent();
    test.connection().OnSent();
    ends += test.TakeEnds().size();
    if (test.connection().has_ended()) break;
  }
  while (test.Answer() || test.RunJob()) {
  }
  sent += test.TakeSent();
  ends += test.TakeEnds().size();
  CHECK_LE(ends, 1u);
  CHECK_EQ(ends == 1, test.connection().has_ended());
  if (is_open) bolt::ReplyTexts(sent);  // CHECKs that they are whole messages
}

std::vector<std::string> ConnectionSeeds() {
  std::vector<std::string> seeds;
  graph::RandomValues random(8);
  const auto& requests = bolt::RequestTexts();
  for (size_t i = 0; i < kSeedCount; ++i) {
    std::string seed{static_cast<char>(i % 16 | (i % 8) << 4), '\xff'};
    if (i % 16 == 15) seed += bolt::Opening(5, static_cast<int>(i % 9));
    if (i % 8 < 4) seed += bolt::RequestBytes(requests[0]) + bolt::RequestBytes(requests[2]);
    for (size_t n = 0; n < 8; ++n) {
      seed += bolt::RequestBytes(requests[random.Below(requests.size())]);
    }
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

}  // namespace

const Target kPack = {"pack", RunPack, PackSeeds};
const Target kConnection = {"connection", RunConnection, ConnectionSeeds};

}  // namespace tidemark::fuzz
