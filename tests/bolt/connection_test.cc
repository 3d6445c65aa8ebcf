// SPDX-License-Identifier: Apache-2.0
// What a connection does beside the conversation: limits in both directions.
#include "bolt/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "tests/bolt/test_connection.h"

namespace tidemark::bolt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::string LongText(size_t size) { return "'" + std::string(size, 'x') + "'"; }

TEST(ConnectionTest, BytesMayComeOneByOne) {
  TestConnection test;
  const std::string bytes = Opening(5, 4) + RequestBytes("HELLO {}") +
                            RequestBytes("LOGON {scheme: 'none'}") +
                            RequestBytes("RUN 'RETURN 1' {} {}") + RequestBytes("PULL {n: -1}");
  for (const char byte : bytes) test.connection().OnBytes({&byte, 1});
  std::string sent = test.TakeSent();
  EXPECT_EQ(sent.substr(0, 4), std::string("\0\0\4\5", 4));
  EXPECT_THAT(ReplyTexts(sent.substr(4)),
              ElementsAre(StartsWith("SUCCESS"), "SUCCESS {}", HasSubstr("fields: ['1']"),
                          "RECORD [1]", HasSubstr("type: 'r'")));
}

TEST(ConnectionTest, BeforeTheLoginMessagesAreSmall) {
  TestConnection test;
  test.Open(5, 4);
  test.Send("HELLO {user_agent: " + LongText(kLoginLimits.message_bytes) + "}");
  EXPECT_THAT(test.TakeReplies(), ElementsAre(HasSubstr("is larger than 65536 bytes")));
  EXPECT_THAT(test.TakeEnds(), ElementsAre(HasSubstr("is larger than 65536 bytes")));
  // Nothing is answered any more.
  test.Send("HELLO {}");
  EXPECT_THAT(test.TakeReplies(), IsEmpty());
}

TEST(ConnectionTest, BeforeTheLoginValuesAreSmall) {
  TestConnection test;
  test.Open(5, 4);
  std::string message = "HELLO {x: [";
  for (int i = 0; i < 20'000; ++i) message += "1,";
  test.Send(message + "]}");
  EXPECT_THAT(test.TakeReplies(), ElementsAre(HasSubstr("need too much memory")));
  EXPECT_THAT(test.TakeEnds(), SizeIs(1));
}

TEST(ConnectionTest, AfterTheLoginTheyMayBeLarge) {
  TestConnection test;
  test.LogIn(5, 4);
  test.Send("RUN 'RETURN $x AS x' {x: " + LongText(900'000) + "} {}");
  // It is taken apart in the background; what comes behind it waits.
  EXPECT_FALSE(test.connection().wants_bytes());
  test.Send("PULL {n: -1}");
  EXPECT_THAT(test.TakeReplies(), IsEmpty());
  EXPECT_TRUE(test.RunJobs());
  EXPECT_TRUE(test.connection().wants_bytes());
  EXPECT_THAT(test.TakeReplies(), SizeIs(3));
  EXPECT_THAT(test.TakeEnds(), IsEmpty());
  EXPECT_EQ(test.requests().used_bytes(), 0u);
}

// One that is large pauses, and what is small does not; some of it is read after each pause.
TEST(ConnectionTest, LargeMessagesWaitForMemory) {
  TestConnection test;
  test.LogIn(5, 4);
  test.set_memory_is_low(true);
  test.Send("RUN 'RETURN $x AS x' {x: 1} {}");
  EXPECT_TRUE(test.connection().wants_bytes());
  test.Send("PULL {n: -1}");
  EXPECT_THAT(test.TakeReplies(), SizeIs(3));
  const std::string bytes = RequestBytes("RUN 'RETURN $x AS x' {x: " + LongText(300'000) + "} {}");
  std::string_view rest = bytes;
  int pause_count = 0;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, 16 << 10);
    rest.remove_prefix(piece.size());
    test.connection().OnBytes(piece);
    if (rest.empty() || test.connection().wants_bytes()) continue;
    ++pause_count;
    test.Advance(env::kLowMemoryPauseMicros);
    ASSERT_TRUE(test.connection().wants_bytes()) << "memory is low for long";
  }
  EXPECT_GE(pause_count, 10);
  EXPECT_TRUE(test.RunJobs());
  test.Send("PULL {n: -1}");
  EXPECT_THAT(test.TakeReplies(), SizeIs(3));
  EXPECT_EQ(test.requests().used_bytes(), 0u);
}

TEST(ConnectionTest, AConnectionMayEndWhileItsMessageIsTakenApart) {
  auto test = std::make_unique<TestConnection>();
  test->LogIn(5, 4);
  test->Send("RUN 'RETURN $x AS x' {x: " + LongText(900'000) + "} {}");
  test->connection().OnBytes("behind it");
  EXPECT_THAT(test->TakeEnds(), IsEmpty());
  EXPECT_GT(test->requests().used_bytes(), 100'000u);
  test.reset();  // the job is dropped with it
}

// A list of empty lists takes 80 times its bytes: more than all clients may have, but nobody else
// wants anything. What it takes counts until the job is done, also when the connection has gone.
TEST(ConnectionTest, OneLargeMessageMayPassTheLimitAndCountsToTheEndOfItsJob) {
  for (const bool leaves : {false, true}) {
    TestConnection test;
    test.LogIn(5, 4);
    std::string message = RequestMessage("RUN 'RETURN $x AS x' {} {}");
    message = message.substr(0, message.size() - 2) + "\xa1\x81x\xd6" +
              std::string({'\0', '\3', '\x0d', '\x40'}) + std::string(200'000, '\x90') + "\xa0";
    test.connection().OnBytes(InChunks(message));
    EXPECT_TRUE(test.RunJob());
    EXPECT_GT(test.requests().used_bytes(), 16'000'000u);
    if (leaves) test.DropConnection();
    EXPECT_GT(test.requests().used_bytes(), 16'000'000u);
    EXPECT_TRUE(test.RunJob());
    EXPECT_EQ(test.requests().used_bytes(), 0u);
    EXPECT_THAT(test.TakeReplies(), SizeIs(leaves ? 0 : 1));
  }
}

TEST(ConnectionTest, LargeMessagesThatAreNoneEndTheConnection) {
  TestConnection test;
  test.LogIn(5, 4);
  test.connection().OnBytes(InChunks("\xb1\x10" + std::string(200'000, 'x')));
  EXPECT_TRUE(test.RunJobs());
  EXPECT_THAT(test.TakeEnds(), ElementsAre("RUN has 1 fields instead of 3"));
}

TEST(ConnectionTest, LargeMessagesOfAllClientsAreCountedTogether) {
  TestConnection test;
  test.LogIn(5, 4);
  const std::string bytes = RequestBytes("RUN 'RETURN $x AS x' {x: " + LongText(900'000) + "} {}");
  test.connection().OnBytes(std::string_view(bytes).substr(0, 500'000));
  EXPECT_GT(test.requests().used_bytes(), 450'000u);
  ASSERT_TRUE(test.requests().TryTake(500'000));  // somebody else's
  test.connection().OnBytes(std::string_view(bytes).substr(500'000, 300'000));
  EXPECT_THAT(test.TakeReplies(), ElementsAre(HasSubstr("need more memory than there is")));
  EXPECT_THAT(test.TakeEnds(), SizeIs(1));
}

// An integer of a byte takes 16 in memory, an empty list 80.
TEST(ConnectionTest, ValuesAreChargedBeforeTheyAreDecoded) {
  for (const size_t count : {size_t{20'000}, size_t{200'000}}) {
    TestConnection test;
    test.LogIn(5, 4);
    std::string message = RequestMessage("RUN 'RETURN $x AS x' {} {}");
    message = message.substr(0, message.size() - 2) + "\xa1\x81x\xd6" +
              std::string({'\0', static_cast<char>(count >> 16), static_cast<char>(count >> 8),
                           static_cast<char>(count)}) +
              std::string(count, '\x90') + "\xa0";
    ASSERT_TRUE(test.requests().TryTake(500'000));  // somebody else's
    test.connection().OnBytes(InChunks(message));
    EXPECT_EQ(test.RunJobs(), count > kMaxInlineMessageBytes);
    EXPECT_THAT(test.TakeReplies(),
                ElementsAre(testing::AllOf(HasSubstr("need more memory than there is"),
                                           HasSubstr("Neo.TransientError"))));
    EXPECT_EQ(test.requests().used_bytes(), 500'000u);
    test.Send("RESET");
    test.Send("RUN 'RETURN 1' {} {}");
    EXPECT_THAT(test.TakeReplies(), SizeIs(2));
    EXPECT_THAT(test.TakeEnds(), IsEmpty());
  }
}

TEST(ConnectionTest, DeepValuesFailTheirStatementAlone) {
  TestConnection test;
  test.LogIn(5, 4);
  std::string message = RequestMessage("RUN 'RETURN $x AS x' {} {}");
  message = message.substr(0, message.size() - 2) + "\xa1\x81x" + std::string(50'000, '\x91') +
            "\x01\xa0";
  test.connection().OnBytes(InChunks(message));
  EXPECT_THAT(test.TakeReplies(), ElementsAre(HasSubstr("lie deeper than 64")));
  test.Send("RESET");
  test.Send("RUN 'RETURN 1' {} {}");
  EXPECT_THAT(test.TakeReplies(), ElementsAre("SUCCESS {}", HasSubstr("fields")));
  EXPECT_THAT(test.TakeEnds(), IsEmpty());
}

TEST(ConnectionTest, ASlowClientHoldsItsRowsBack) {
  TestConnection test;
  test.LogIn(5, 4);
  test.set_stuck(true);
  test.Send("RUN 'ROWS $n' {n: 1000000} {}");
  test.Send("PULL {n: -1}");
  const std::string first = test.TakeSent();
  EXPECT_GE(first.size(), kMaxUnsentBytes);
  EXPECT_LT(first.size(), kMaxUnsentBytes + kFlushBytes + 1'000);
  // It takes what there is: the query goes on.
  size_t total = first.size();
  while (true) {
    test.connection().OnSent();
    const std::string more = test.TakeSent();
    if (more.empty()) break;
    EXPECT_LT(more.size(), kMaxUnsentBytes + kFlushBytes + 1'000);
    total += more.size();
  }
  EXPECT_GT(total, 100'000'000u);
}

TEST(ConnectionTest, ARowThatWaitsDoesNotStopAReset) {
  TestConnection test;
  test.LogIn(5, 4);
  test.set_stuck(true);
  test.Send("RUN 'ROWS $n' {n: 1000000} {}");
  test.Send("PULL {n: -1}");
  test.Send("RESET");
  std::vector<std::string> replies = test.TakeReplies();
  EXPECT_EQ(replies.back(), "IGNORED");
  test.connection().OnSent();
  EXPECT_THAT(test.TakeReplies(), ElementsAre("SUCCESS {}"));
}

TEST(ConnectionTest, AClientThatSendsAheadIsNotReadForEver) {
  TestConnection test(true);
  test.LogIn(5, 4);
  test.Send("RUN 'SLOW' {} {}");
  test.Answer();
  size_t sent = 0;
  while (test.connection().wants_bytes() && sent < 2 * kMaxQueuedRequests) {
    test.Send("RUN 'RETURN 1' {} {}");
    ++sent;
  }
  EXPECT_EQ(sent, kMaxQueuedRequests);
  // What was read already is kept; a RESET behind it is seen when there is room again.
  test.Send("RESET");
  EXPECT_THAT(test.TakeReplies(), IsEmpty());
  EXPECT_FALSE(test.connection().wants_bytes());
}

TEST(ConnectionTest, LargeRequestsThatWaitAreLimitedByTheirBytes) {
  TestConnection test(true);
  test.LogIn(5, 4);
  test.Send("RUN 'SLOW' {} {}");
  test.Answer();
  size_t sent = 0;
  while (test.connection().wants_bytes() && sent < kMaxQueuedRequests) {
    test.Send("RUN 'RETURN $x AS x' {x: " + LongText(60'000) + "} {}");
    ++sent;
  }
  EXPECT_LT(sent, kMaxQueuedBytes / 60'000 + 2);
}

TEST(ConnectionTest, QueuedRequestsAreHandledWhenTheirTurnComes) {
  TestConnection test(true);
  test.LogIn(5, 4);
  for (int i = 0; i < 100; ++i) {
    test.Send("RUN 'RETURN 1' {} {}");
    test.Send("PULL {n: -1}");
  }
  while (test.Answer()) {
  }
  EXPECT_THAT(test.TakeReplies(), SizeIs(300));
}

TEST(ConnectionTest, AnswersToWhatWasSentAheadGoOutTogether) {
  TestConnection test(true);
  test.LogIn(5, 4);
  const int before = test.write_count();
  test.Send("RUN 'RETURN 1' {} {}");
  test.Send("PULL {n: -1}");
  test.Answer();
  EXPECT_EQ(test.sent_bytes(), 0u);
  while (test.Answer()) {
  }
  EXPECT_EQ(test.write_count(), before + 1);
  EXPECT_THAT(test.TakeReplies(), SizeIs(3));
  // Nothing is left to be sent.
  test.Advance(10 * kMaxHoldMicros);
  EXPECT_EQ(test.write_count(), before + 1);
}

// The answer to RUN is more than may wait for a slow client, and the client is not slow.
TEST(ConnectionTest, ALargeAnswerDoesNotHoldUpWhatWasSentAhead) {
  TestConnection test;
  test.LogIn(5, 4);
  test.connection().OnBytes(RequestBytes("RUN 'WIDE' {} {}") + RequestBytes("PULL {n: -1}"));
  const std::vector<std::string> replies = test.TakeReplies();
  ASSERT_THAT(replies, SizeIs(3));
  EXPECT_GT(replies[0].size(), kMaxUnsentBytes);
  test.Send("RUN 'RETURN 1' {} {}");
  EXPECT_THAT(test.TakeReplies(), SizeIs(1));
}

TEST(ConnectionTest, ARowThatIsTooLargeIsNotSent) {
  TestConnection test;
  test.LogIn(5, 4);
  test.Send("RUN 'HUGE' {} {}");
  test.Send("PULL {n: -1}");
  const std::vector<std::string> replies = test.TakeReplies();
  ASSERT_THAT(replies, SizeIs(2));
  EXPECT_THAT(replies[1], HasSubstr("FAILURE"));
}

// What is complete of the answers goes out, and nothing of the row, whatever comes in its middle.
TEST(ConnectionTest, ARowThatIsInPartsIsSentAsAWholeOrNotAtAll) {
  for (const std::string_view then : {"nothing", "reset", "no message", "goodbye"}) {
    SCOPED_TRACE(then);
    TestConnection test(true);
    test.LogIn(5, 4);
    while (test.Answer()) {
    }
    test.Send("RUN 'PARTS' {} {}");
    test.Send("PULL {n: -1}");
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(test.Answer());
    EXPECT_EQ(test.sent_bytes(), 0u);
    test.Advance(kMaxHoldMicros);
    if (then == "reset") test.Send("RESET");
    if (then == "no message") test.connection().OnBytes(std::string("\0\1\x01\0\0", 5));
    if (then == "goodbye") test.Send("GOODBYE");
    while (test.Answer()) {
    }
    const std::vector<std::string> replies = test.TakeReplies();
    ASSERT_FALSE(replies.empty());
    EXPECT_THAT(replies[0], HasSubstr("fields"));
    if (then == "nothing" || then == "goodbye") {
      ASSERT_THAT(replies, SizeIs(3));
      EXPECT_GT(replies[1].size(), FakeFront::kPartCount * FakeFront::kPartBytes);
      EXPECT_THAT(replies[2], HasSubstr("SUCCESS"));
    } else if (then == "reset") {
      EXPECT_THAT(replies, ElementsAre(HasSubstr("fields"), "IGNORED", "SUCCESS {}"));
    } else {
      EXPECT_THAT(replies, ElementsAre(HasSubstr("fields"), HasSubstr("FAILURE")));
    }
  }
}

TEST(ConnectionTest, AnAnswerDoesNotWaitLongForTheNext) {
  TestConnection test(true);
  test.LogIn(5, 4);
  test.Send("RUN 'RETURN 1' {} {}");
  test.Send("PULL {n: -1}");
  test.Answer();
  test.Advance(kMaxHoldMicros - 1);
  EXPECT_EQ(test.sent_bytes(), 0u);
  test.Advance(1);
  EXPECT_GT(test.sent_bytes(), 0u);
  EXPECT_THAT(test.TakeReplies(), ElementsAre(HasSubstr("fields")));
  while (test.Answer()) {
  }
  EXPECT_GT(test.sent_bytes(), 0u);
}

TEST(ConnectionTest, AnAnswerWithNoRequestBehindItGoesOutAtOnce) {
  TestConnection test(true);
  test.LogIn(5, 4);
  test.Send("RUN 'RETURN 1' {} {}");
  test.Answer();
  EXPECT_GT(test.sent_bytes(), 0u);
}

TEST(ConnectionTest, RowsOfAQueryThatTheConnectionOutlivedAreDropped) {
  TestConnection test;
  test.LogIn(5, 4);
  test.set_stuck(true);
  test.Send("RUN 'ROWS $n' {n: 1000000} {}");
  test.Send("PULL {n: -1}");
  test.connection().OnBytes(std::string("\0\2\xb0\x77\0\0", 6));  // no message
  EXPECT_THAT(test.TakeEnds(), ElementsAre(HasSubstr("0x77 is no message of Bolt 5.4")));
  test.TakeSent();
  test.connection().OnSent();
  EXPECT_EQ(test.TakeSent(), "");
}

TEST(ConnectionTest, OpeningOfAnotherProtocolEndsTheConnection) {
  TestConnection test;
  test.connection().OnBytes(std::string("\x16\x03\x01\x02\x00", 5));
  EXPECT_THAT(test.TakeEnds(), ElementsAre("the client does not speak Bolt"));
  EXPECT_EQ(test.TakeSent(), "");
}

}  // namespace
}  // namespace tidemark::bolt
