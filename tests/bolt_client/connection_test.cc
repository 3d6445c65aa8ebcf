// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "bolt_client/failure.h"
#include "tests/bolt_client/test_server.h"

namespace tidemark::bolt_client {
namespace {

using graph::Value;

Value Parameters(std::string name, Value value) {
  return Value::Map({{std::move(name), std::move(value)}});
}

class ConnectionTest : public testing::Test {
 protected:
  std::unique_ptr<Connection> Open(ConnectionOptions options = {}) {
    options.address = *ParseAddress(server_.address());
    absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open(options);
    EXPECT_TRUE(connection.ok()) << connection.status();
    return connection.ok() ? *std::move(connection) : nullptr;
  }

  TestServer server_;
};

TEST_F(ConnectionTest, SpeaksTheNewestVersion) {
  const auto connection = Open();
  EXPECT_EQ(connection->version(), (bolt::Version{5, 8}));
  EXPECT_EQ(connection->server(), "Neo4j/5.26.0");
}

TEST_F(ConnectionTest, RunsAStatement) {
  const auto connection = Open();
  const auto result = connection->Query("RETURN 1 AS one", {});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->columns, std::vector<std::string>{"one"});
  ASSERT_EQ(result->rows.size(), 1u);
  EXPECT_EQ(result->rows[0][0].integer_or(0), 1);
  EXPECT_EQ(result->summary.bookmark, "tidemark:1:100");
  EXPECT_EQ(result->summary.type, "r");
}

TEST_F(ConnectionTest, SendsParametersOfEveryType) {
  const auto connection = Open();
  const auto values = connection->Query("VALUES", {});
  ASSERT_TRUE(values.ok()) << values.status();
  ASSERT_EQ(values->rows.size(), 1u);
  for (const auto& value : values->rows[0]) {
    const auto echo = connection->Query("RETURN $x AS x", Parameters("x", value.scalar));
    ASSERT_TRUE(echo.ok()) << echo.status();
    EXPECT_EQ(echo->rows[0][0].scalar.type(), value.scalar.type());
  }
}

TEST_F(ConnectionTest, ReadsRowsInPieces) {
  const auto connection = Open();
  ASSERT_TRUE(connection->Run("ROWS $n", Parameters("n", Value::Integer(25))).ok());
  int64_t count = 0;
  const Connection::OnRow on_row = [&count](Row row) {
    EXPECT_EQ(row.size(), 2u);
    ++count;
  };
  auto summary = connection->Pull(10, on_row);
  ASSERT_TRUE(summary.ok());
  EXPECT_TRUE(summary->has_more);
  EXPECT_EQ(count, 10);
  summary = connection->Discard(10);
  EXPECT_TRUE(summary->has_more);
  summary = connection->Pull(Connection::kAllRows, on_row);
  EXPECT_FALSE(summary->has_more);
  EXPECT_EQ(count, 15);
}

TEST_F(ConnectionTest, ReadsManyRows) {
  const auto connection = Open();
  const auto result = connection->Query("ROWS $n", Parameters("n", Value::Integer(50'000)));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->rows.size(), 50'000u);
}

TEST_F(ConnectionTest, KnowsElements) {
  const auto connection = Open();
  const auto result = connection->Query("ELEMENTS", {});
  ASSERT_TRUE(result.ok()) << result.status();
  const Row& row = result->rows.at(0);
  ASSERT_EQ(row[0].kind, Kind::kNode);
  EXPECT_EQ(row[0].element->labels, (std::vector<std::string>{"Person", "User"}));
  EXPECT_EQ(row[0].element->properties[0].second.text(), "Ann");
  ASSERT_EQ(row[1].kind, Kind::kRelationship);
  EXPECT_EQ(row[1].element->labels, std::vector<std::string>{"KNOWS"});
  EXPECT_EQ(row[1].element->start_id, row[0].element->id);
  ASSERT_EQ(row[2].kind, Kind::kPath);
  ASSERT_EQ(row[2].items.size(), 5u);
  const std::string& ann = row[2].items[0].element->id;
  const std::string& bob = row[2].items[2].element->id;
  EXPECT_NE(ann, bob);
  EXPECT_EQ(row[2].items[4].element->id, ann);
  EXPECT_EQ(row[2].items[1].element->start_id, ann);
  EXPECT_EQ(row[2].items[3].element->start_id, ann) << "walked backwards";
  EXPECT_EQ(row[2].items[3].element->end_id, bob);
}

TEST_F(ConnectionTest, GivesFailuresOfTheServerAndGoesOn) {
  const auto connection = Open();
  const auto result = connection->Query("NONSENSE", {});
  EXPECT_EQ(ServerCode(result.status()), "Neo.ClientError.Statement.SyntaxError");
  EXPECT_NE(result.status().message().find("NONSENSE"), absl::string_view::npos);
  EXPECT_FALSE(IsTransient(result.status()));
  const auto conflict = connection->Query("CONFLICT", {});
  EXPECT_TRUE(IsTransient(conflict.status()));
  EXPECT_TRUE(connection->Query("RETURN 1", {}).ok());
}

TEST_F(ConnectionTest, RunsTransactions) {
  const auto connection = Open();
  ASSERT_TRUE(connection->Begin().ok());
  EXPECT_TRUE(connection->in_transaction());
  const auto result = connection->Query("CREATE", {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->summary.metadata.Get("stats").Get("nodes-created").integer_or(0), 2);
  EXPECT_EQ(result->summary.bookmark, "");
  const auto bookmark = connection->Commit();
  ASSERT_TRUE(bookmark.ok());
  EXPECT_EQ(*bookmark, "tidemark:1:100");
  connection->BeginWithNext();
  EXPECT_TRUE(connection->Query("RETURN 1", {}).ok());
  EXPECT_TRUE(connection->Rollback().ok());
  EXPECT_FALSE(connection->in_transaction());
  connection->BeginWithNext();
  EXPECT_FALSE(connection->Query("NONSENSE", {}).ok());
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_FALSE(connection->Commit().ok());
  EXPECT_TRUE(connection->Query("RETURN 1", {}).ok());
}

TEST_F(ConnectionTest, IsInterruptedAndReset) {
  std::atomic<bool> interrupt = false;
  const auto connection = Open({.interrupt = &interrupt});
  std::thread other([&interrupt] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    interrupt = true;
  });
  const auto result = connection->Query("SLOW", {});
  other.join();
  EXPECT_TRUE(absl::IsCancelled(result.status())) << result.status();
  interrupt = false;
  ASSERT_TRUE(connection->Reset().ok());
  EXPECT_TRUE(connection->Query("RETURN 1", {}).ok());
}

TEST_F(ConnectionTest, NamesItsDatabase) {
  const auto right = Open({.database = "neo4j"});
  EXPECT_TRUE(right->Query("RETURN 1", {}).ok());
  const auto wrong = Open({.database = "other"});
  EXPECT_EQ(ServerCode(wrong->Query("RETURN 1", {}).status()),
            "Neo.ClientError.Database.DatabaseNotFound");
}

TEST(ConnectionErrors, NobodyAnswers) {
  const auto connection = Connection::Open({.address = *ParseAddress("127.0.0.1:1")});
  EXPECT_TRUE(absl::IsUnavailable(connection.status())) << connection.status();
}

TEST(ConnectionErrors, PasswordsAreLookedAt) {
  const TestServer server({"--user=ann", "--password=secret"});
  ConnectionOptions options{
      .address = *ParseAddress(server.address()), .user = "ann", .password = "wrong"};
  EXPECT_EQ(ServerCode(Connection::Open(options).status()),
            "Neo.ClientError.Security.Unauthorized");
  options.password = "secret";
  const auto connection = Connection::Open(options);
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_TRUE((*connection)->Query("RETURN 1", {}).ok());
}

TEST(ConnectionTls, VerifiesTheCertificate) {
  const std::string folder = testing::TempDir() + "bolt_client_tls";
  const std::string make =
      "mkdir -p " + folder +
      " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout " +
      folder + "/key.pem -out " + folder + "/cert.pem 2>/dev/null";
  ASSERT_EQ(std::system(make.c_str()), 0);
  const TestServer server({"--cert=" + folder + "/cert.pem", "--key=" + folder + "/key.pem"});
  ConnectionOptions options{.address = *ParseAddress("bolt+s://" + server.address())};
  EXPECT_FALSE(Connection::Open(options).ok()) << "nobody trusts this certificate";
  options.ca_file = folder + "/cert.pem";
  const auto trusted = Connection::Open(options);
  ASSERT_TRUE(trusted.ok()) << trusted.status();
  EXPECT_TRUE((*trusted)->Query("RETURN 1", {}).ok());
  options = {.address = *ParseAddress("bolt+ssc://" + server.address())};
  EXPECT_TRUE(Connection::Open(options).ok());
  options = {.address = *ParseAddress(server.address()), .connect_timeout_ms = 2'000};
  EXPECT_FALSE(Connection::Open(options).ok()) << "the server speaks TLS only";
}

}  // namespace
}  // namespace tidemark::bolt_client
