// SPDX-License-Identifier: Apache-2.0
// The door as a whole, over streams in memory and on a clock that the test turns.
#include "bolt/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/memory_stream.h"
#include "tests/bolt/fake_front.h"
#include "tests/bolt/pack_text.h"
#include "tests/worker/hand_executor.h"

namespace tidemark::bolt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A client at the other end of a stream.
class StreamClient : public net::ByteStream::Receiver {
 public:
  explicit StreamClient(std::unique_ptr<net::ByteStream> stream) : stream_(std::move(stream)) {
    stream_->Start(this);
  }

  void OnBytes(std::string_view bytes) override { received_.append(bytes); }
  void OnSent() override {}
  void OnClosed(const absl::Status&) override { closed_ = true; }

  void Send(std::string_view request) { stream_->Write(RequestBytes(request)); }
  void SendBytes(std::string_view bytes) { stream_->Write(bytes); }
  std::vector<std::string> TakeReplies() {
    std::string bytes = std::exchange(received_, {});
    if (!std::exchange(opened_, true)) bytes.erase(0, 4);  // the answer to the handshake
    return ReplyTexts(bytes);
  }
  net::ByteStream& stream() { return *stream_; }
  bool closed() const { return closed_; }

 private:
  const std::unique_ptr<net::ByteStream> stream_;
  std::string received_;
  bool opened_ = false;
  bool closed_ = false;
};

class BoltServerTest : public testing::Test {
 protected:
  void MakeServer(const ServerOptions& options) {
    server_ =
        std::make_unique<Server>(options, &front_, &authenticator_, &requests_,
                                 env::Env{.clock = &executor_.clock(), .executor = &executor_});
  }
  std::unique_ptr<StreamClient> Connect() {
    auto [here, there] = net::MakeMemoryStreams(&executor_);
    server_->Accept(std::move(there));
    auto client = std::make_unique<StreamClient>(std::move(here));
    executor_.RunPosted();
    return client;
  }
  std::unique_ptr<StreamClient> LogIn() {
    auto client = Connect();
    client->SendBytes(Opening(5, 4));
    client->Send("HELLO {}");
    client->Send("LOGON {scheme: 'none'}");
    executor_.RunPosted();
    EXPECT_THAT(client->TakeReplies(), SizeIs(2));
    return client;
  }

  worker::HandExecutor executor_;
  const Authenticator authenticator_;
  session::MemoryBudget requests_{&executor_, 1 << 20};
  FakeFront front_{[this](std::function<void()> answer) { executor_.Post(std::move(answer)); }};
  std::unique_ptr<Server> server_;
};

TEST_F(BoltServerTest, ClientsComeAndGo) {
  MakeServer({});
  auto first = LogIn();
  auto second = LogIn();
  EXPECT_EQ(front_.session_count(), 2);
  first->Send("RUN 'RETURN 1' {} {}");
  first->Send("PULL {n: -1}");
  second->Send("GOODBYE");
  executor_.RunPosted();
  EXPECT_THAT(first->TakeReplies(), ElementsAre(HasSubstr("fields"), "RECORD [1]", HasSubstr("r")));
  EXPECT_TRUE(second->closed());
  EXPECT_EQ(server_->connection_count(), 1u);
  EXPECT_EQ(front_.session_count(), 1);
  // The other goes without a word, in a transaction.
  first->Send("BEGIN {}");
  executor_.RunPosted();
  first.reset();
  executor_.RunPosted();
  EXPECT_EQ(server_->connection_count(), 0u);
  EXPECT_THAT(front_.TakeLog(), Contains("rolled back"));
}

TEST_F(BoltServerTest, WhoDoesNotLogInInTimeIsClosed) {
  MakeServer({.login_timeout_ms = 1'000});
  auto silent = Connect();
  auto slow = Connect();
  slow->SendBytes(Opening(5, 4));
  auto in_time = LogIn();
  executor_.Advance(999'000);
  EXPECT_FALSE(silent->closed());
  executor_.Advance(1'000);
  EXPECT_TRUE(silent->closed());
  EXPECT_TRUE(slow->closed());
  executor_.Advance(10'000'000);
  EXPECT_FALSE(in_time->closed());
  EXPECT_EQ(server_->connection_count(), 1u);
}

TEST_F(BoltServerTest, ConnectionsAreCounted) {
  MakeServer({.max_connections = 3, .max_logins = 2});
  auto first = Connect();
  auto second = Connect();
  auto third = Connect();  // a third that has not logged in
  EXPECT_TRUE(third->closed());
  EXPECT_FALSE(second->closed());
  first.reset();
  executor_.RunPosted();
  auto fourth = LogIn();
  auto fifth = LogIn();
  EXPECT_FALSE(fifth->closed());
  auto sixth = Connect();  // a fourth in all
  EXPECT_TRUE(sixth->closed());
  EXPECT_EQ(server_->connection_count(), 3u);
}

TEST_F(BoltServerTest, OneBadClientEndsAlone) {
  MakeServer({});
  auto good = LogIn();
  auto bad = LogIn();
  bad->SendBytes(std::string("\0\2\xb0\x77\0\0", 6));
  executor_.RunPosted();
  EXPECT_THAT(bad->TakeReplies(), ElementsAre(HasSubstr("0x77 is no message")));
  EXPECT_TRUE(bad->closed());
  good->Send("RUN 'RETURN 1' {} {}");
  executor_.RunPosted();
  EXPECT_THAT(good->TakeReplies(), SizeIs(1));
}

TEST_F(BoltServerTest, AClientThatDoesNotReadHoldsItsQueryBack) {
  MakeServer({});
  auto client = LogIn();
  client->stream().SetReading(false);
  client->Send("RUN 'ROWS $n' {n: 100000} {}");
  client->Send("PULL {n: -1}");
  executor_.RunPosted();
  EXPECT_THAT(client->TakeReplies(), IsEmpty());
  client->stream().SetReading(true);
  executor_.RunPosted();
  EXPECT_THAT(client->TakeReplies(), SizeIs(100'002));
}

TEST_F(BoltServerTest, DestroyingItEndsEverybody) {
  MakeServer({});
  auto client = LogIn();
  client->Send("RUN 'SLOW' {} {}");
  executor_.RunPosted();
  server_.reset();
  executor_.RunPosted();
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(front_.session_count(), 0);
}

}  // namespace
}  // namespace tidemark::bolt
