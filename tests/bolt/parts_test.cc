// SPDX-License-Identifier: Apache-2.0
// The small parts: bookmarks as text, logins, statuses of failures, the values' calls.
#include <gtest/gtest.h>

#include <string>

#include "base/status.h"
#include "bolt/authentication.h"
#include "bolt/bookmark_text.h"
#include "bolt/failures.h"
#include "bolt/replies.h"
#include "env/posix_random.h"
#include "tests/bolt/pack_text.h"

namespace tidemark::bolt {
namespace {

using graph::Value;

TEST(BookmarkTextTest, ComesBack) {
  for (const uint64_t number : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    const session::Bookmark bookmark{Epoch(number), Csn(number / 2)};
    EXPECT_EQ(ParseBookmark(BookmarkText(bookmark)), bookmark);
  }
  EXPECT_EQ(BookmarkText({Epoch(3), Csn(17)}), "tidemark:3:17");
}

TEST(BookmarkTextTest, OtherTextsAreNone) {
  for (const char* text :
       {"", "tidemark", "tidemark:", "tidemark:1", "tidemark:1:", "tidemark::1", "tidemark:1:2:3",
        "tidemark:-1:2", "tidemark:+1:2", "tidemark:01:2", "tidemark:1: 2",
        "tidemark:18446744073709551616:1", "neo4j:1:2", "FB:kcwQ/wTfJf8rS1WY+GiIKXsCXg=="}) {
    EXPECT_FALSE(ParseBookmark(text).has_value()) << text;
  }
}

class AuthenticatorTest : public testing::Test {
 protected:
  bool LogsIn(const std::string& token) {
    std::string user;
    const auto failure = authenticator_.Check(ParseValues(token)[0], &user);
    if (failure.has_value()) {
      EXPECT_EQ(failure->code, "Neo.ClientError.Security.Unauthorized");
    }
    return !failure.has_value();
  }

  env::PosixRandom random_;
  const Authenticator authenticator_{"ann", "secret", &random_};
};

TEST_F(AuthenticatorTest, OneUserWithOnePassword) {
  EXPECT_TRUE(authenticator_.is_required());
  EXPECT_TRUE(LogsIn("{scheme: 'basic', principal: 'ann', credentials: 'secret'}"));
  EXPECT_FALSE(LogsIn("{scheme: 'basic', principal: 'ann', credentials: 'secret '}"));
  EXPECT_FALSE(LogsIn("{scheme: 'basic', principal: 'ann', credentials: ''}"));
  EXPECT_FALSE(LogsIn("{scheme: 'basic', principal: 'anns', credentials: 'ecret'}"));
  EXPECT_FALSE(LogsIn("{scheme: 'basic', principal: 'bob', credentials: 'secret'}"));
  EXPECT_FALSE(LogsIn("{scheme: 'basic', principal: 7, credentials: 'secret'}"));
  EXPECT_FALSE(LogsIn("{scheme: 'basic', principal: 'ann'}"));
  EXPECT_FALSE(LogsIn("{scheme: 'none'}"));
  EXPECT_FALSE(LogsIn("{principal: 'ann', credentials: 'secret'}"));
}

TEST_F(AuthenticatorTest, AnybodyWhenNobodyHasToLogIn) {
  const Authenticator open;
  std::string user = "before";
  EXPECT_FALSE(open.Check(ParseValues("{scheme: 'basic', principal: 'x'}")[0], &user).has_value());
  EXPECT_FALSE(open.Check(Value::Null(), &user).has_value());
}

TEST(FailuresTest, EveryFailureHasAStatus) {
  EXPECT_EQ(GqlStatusOf({.code = "Neo.DatabaseError.General.UnknownError"}).status, "50N42");
  EXPECT_EQ(GqlStatusOf(InvalidRequest("x")).status, "08N06");
  EXPECT_EQ(ClassificationOf("Neo.ClientError.Statement.SyntaxError"), "CLIENT_ERROR");
  EXPECT_EQ(ClassificationOf("Neo.TransientError.Transaction.DeadlockDetected"), "TRANSIENT_ERROR");
  EXPECT_EQ(ClassificationOf("Neo.DatabaseError.General.UnknownError"), "DATABASE_ERROR");
  EXPECT_EQ(FailureOf(absl::ResourceExhaustedError("x")).code,
            "Neo.ClientError.General.TransactionOutOfMemoryError");
  // Texts of the client do not fill messages.
  EXPECT_LT(UnknownDatabase(std::string(100'000, 'x')).message.size(), 300u);
  EXPECT_LT(InvalidBookmark(std::string(100'000, 'x')).message.size(), 300u);
}

TEST(SmallMapTest, CountsItsEntries) {
  std::string out;
  {
    SmallMap map(&out);
    map.Key("a").Integer(1);
    map.Key("b");
    SmallMap inner(&out);
    inner.Key("c").Null();
    inner.Key("d").Null();
  }
  PackReader reader(out);
  EXPECT_EQ(ItemText(&reader), "{a: 1, b: {c: null, d: null}}");
}

TEST(ReplyTest, ALargeRecordIsCutIntoChunks) {
  Replies replies;
  replies.SetVersion({5, 4}, {});
  const std::string text(200'000, 'x');
  replies.BeginRecord(1)->String(text);
  replies.EndRecord();
  replies.Success();
  const std::vector<std::string> texts = ReplyTexts(*replies.out());
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0], "RECORD ['" + text + "']");
  EXPECT_EQ(texts[1], "SUCCESS {}");
}

}  // namespace
}  // namespace tidemark::bolt
