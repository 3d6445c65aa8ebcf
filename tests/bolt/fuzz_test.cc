// SPDX-License-Identifier: Apache-2.0
// Bytes that no client would send: they are refused or carried out, the connection ends at most
// once, and nothing outside of the bytes is touched (the sanitizers look).
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bolt/handshake.h"
#include "bolt/request.h"
#include "bolt/value_reader.h"
#include "bolt/value_writer.h"
#include "tests/bolt/test_connection.h"
#include "tests/graph/random_values.h"

namespace tidemark::bolt {
namespace {

constexpr int kRounds = 20'000;
constexpr Version kFuzzedVersions[] = {{4, 4}, {5, 0}, {5, 1}, {5, 2}, {5, 3},
                                       {5, 4}, {5, 6}, {5, 7}, {5, 8}};

// Alone in memory, so that a sanitizer sees a read behind it.
struct Alone {
  explicit Alone(const std::string& text) : bytes(new char[text.size()]), size(text.size()) {
    text.copy(bytes.get(), size);
  }
  std::string_view view() const { return {bytes.get(), size}; }

  const std::unique_ptr<char[]> bytes;
  const size_t size;
};

TEST(BoltFuzzTest, Values) {
  graph::RandomValues random(3);
  int refused = 0;
  for (int i = 0; i < kRounds; ++i) {
    std::string bytes = RequestMessage(RequestTexts()[random.Below(RequestTexts().size())]);
    bytes = random.Damage(std::move(bytes));
    const Alone alone(bytes);
    ValueReader reader(alone.view(), {.utc = i % 2 == 0}, 10'000);
    PackItem head;
    absl::Status status = reader.ReadHead(&head);
    while (status.ok() && reader.encoded_bytes_left() > 0) status = reader.Read().status();
    refused += status.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, kRounds / 100);
  EXPECT_LT(refused, kRounds);
}

// What is charged for values before they are read is what they turn out to take.
TEST(BoltFuzzTest, ValuesAreCountedAsTheyAreRead) {
  graph::RandomValues random(6);
  int read = 0;
  for (int i = 0; i < kRounds; ++i) {
    std::string bytes;
    const ValueForms forms{.utc = i % 2 == 0};
    ValueWriter writer(&bytes, forms);
    graph::WriteValue(random.Property(), &writer);
    ValueReader reader(bytes, forms, 100'000'000);
    if (!reader.Read().ok()) continue;
    ++read;
    EXPECT_EQ(reader.decoded_bytes(), DecodedBytes(bytes));
  }
  EXPECT_GT(read, kRounds / 2);
}

TEST(BoltFuzzTest, RequestsOfAllVersions) {
  graph::RandomValues random(4);
  int read = 0;
  for (int i = 0; i < kRounds; ++i) {
    std::string bytes = RequestMessage(RequestTexts()[random.Below(RequestTexts().size())]);
    if (random.Below(4) != 0) bytes = random.Damage(std::move(bytes));
    const Alone alone(bytes);
    const Version version = kFuzzedVersions[random.Below(std::size(kFuzzedVersions))];
    const absl::StatusOr<Request> request =
        ReadRequest(alone.view(), {.version = version, .values = {}, .decoded_bytes = 10'000});
    read += request.ok() ? 1 : 0;
    EXPECT_TRUE(request.ok() || absl::IsDataLoss(request.status())) << request.status();
    // What is charged for the values before they are read; the message itself is a structure.
    if (!request.ok() || !request->status.ok()) continue;
    EXPECT_LE(request->decoded_bytes, DecodedBytes(alone.view()));
    EXPECT_GE(request->decoded_bytes + 64, DecodedBytes(alone.view()));
  }
  EXPECT_GT(read, kRounds / 10);
}

TEST(BoltFuzzTest, Handshakes) {
  std::mt19937_64 random(5);
  graph::RandomValues damage(5);
  int done = 0;
  for (int i = 0; i < kRounds; ++i) {
    std::string bytes = Opening(5, static_cast<int>(random() % 10));
    if (random() % 2 == 0) bytes.replace(8, 4, std::string("\0\0\1\xff", 4));
    bytes.append("\0\0\4\5\0", 5);
    bytes = damage.Damage(std::move(bytes));
    const Alone alone(bytes);
    Handshake handshake;
    std::string answer;
    std::string_view rest = alone.view();
    const absl::Status status = handshake.Consume(&rest, &answer);
    EXPECT_LE(answer.size(), 30u);
    if (handshake.done()) {
      ++done;
      EXPECT_TRUE(status.ok() && IsSpoken(handshake.version()));
    }
  }
  EXPECT_GT(done, 100);
}

// A whole conversation with damage in it. Replies are counted: no request gets two.
void Converse(graph::RandomValues* random, int* ended) {
  const bool later = random->Below(2) == 0;
  TestConnection test(later);
  const Version version = kFuzzedVersions[random->Below(std::size(kFuzzedVersions))];
  test.LogIn(version.major_number, version.minor_number);
  size_t requests = 0;
  size_t ends = 0;
  bool damaged = false;
  std::string out;
  for (int step = 0; step < 40; ++step) {
    std::string bytes;
    for (uint64_t i = 1 + random->Below(3); i > 0; --i) {
      // RESET more often than others, or most of a conversation would be ignored.
      bytes.append(RequestBytes(
          random->Below(4) == 0 ? "RESET" : RequestTexts()[random->Below(RequestTexts().size())]));
      ++requests;
    }
    if (random->Below(50) == 0) {
      bytes = random->Damage(std::move(bytes));
      damaged = true;
    }
    const size_t cut = random->Below(bytes.size() + 1);
    test.set_stuck(random->Below(8) == 0);
    const Alone front(bytes.substr(0, cut));
    test.connection().OnBytes(front.view());
    while (random->Below(3) != 0 && test.Answer()) {
    }
    const Alone back(bytes.substr(cut));
    test.connection().OnBytes(back.view());
    if (random->Below(2) == 0) {
      out.append(test.TakeSent());
      test.connection().OnSent();
    }
    ends += test.TakeEnds().size();
  }
  out.append(test.TakeSent());
  EXPECT_LE(ends, 1u);
  EXPECT_EQ(ends == 1, test.connection().has_ended());
  *ended += static_cast<int>(ends);
  size_t replies = 0;
  for (const std::string& reply : ReplyTexts(out)) replies += reply.rfind("RECORD", 0) != 0;
  if (damaged) return;
  EXPECT_LE(replies, requests + 1);  // and one that ends the connection
}

TEST(BoltFuzzTest, Conversations) {
  graph::RandomValues random(6);
  int ended = 0;
  for (int i = 0; i < 3'000; ++i) Converse(&random, &ended);
  EXPECT_GT(ended, 300);
}

}  // namespace
}  // namespace tidemark::bolt
