// SPDX-License-Identifier: Apache-2.0
// TLS and WebSocket below a stream, alone and together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "net/websocket.h"
#include "tests/net/echo_server.h"
#include "tests/net/plain_client.h"

namespace tidemark::net {
namespace {

namespace beast = boost::beast;
namespace ssl = boost::asio::ssl;
namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;
using boost::system::error_code;
using ::testing::HasSubstr;

class LayersTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::system("openssl version > /dev/null 2>&1") != 0) return;
    std::string name = ::testing::TempDir() + "tidemark-net-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    const std::string line = "cd " + directory_ +
                             " && openssl req -x509 -newkey ec -pkeyopt"
                             " ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
                             " -keyout key.pem -out cert.pem > log 2>&1";
    ASSERT_EQ(std::system(line.c_str()), 0);
  }
  static void TearDownTestSuite() {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  void SetUp() override {
    if (directory_.empty()) {
      GTEST_SKIP() << "SKIPPED net.LayersTest: the openssl command is not installed";
    }
  }

  static ListenerOptions WithTls() {
    return {.tls = {.cert_file = directory_ + "/cert.pem", .key_file = directory_ + "/key.pem"}};
  }

  static inline std::string directory_;
};

template <typename Stream>
std::string Exchange(Stream* stream, const std::string& text) {
  boost::asio::write(*stream, boost::asio::buffer(text));
  std::string answer(text.size(), '\0');
  boost::asio::read(*stream, boost::asio::buffer(answer));
  return answer;
}

// Messages may come in other pieces than they were sent.
template <typename Next>
std::string ExchangeMessages(websocket::stream<Next>* stream, const std::string& text) {
  stream->binary(true);
  stream->write(boost::asio::buffer(text));
  beast::flat_buffer buffer;
  while (buffer.size() < text.size()) stream->read(buffer);
  return beast::buffers_to_string(buffer.data());
}

TEST_F(LayersTest, Tls) {
  EchoServer server(WithTls());
  PlainClient plain(server.port());
  ssl::context context(ssl::context::tls_client);
  ssl::stream<tcp::socket> client(std::move(plain.socket()), context);
  client.handshake(ssl::stream_base::client);
  EXPECT_EQ(Exchange(&client, "hello"), "hello");
  const std::string large(300'000, 'z');
  EXPECT_EQ(Exchange(&client, large), large);
  boost::asio::write(client, boost::asio::buffer("close", 5));
  std::string rest;
  error_code error;
  boost::asio::read(client, boost::asio::dynamic_buffer(rest), error);
  EXPECT_EQ(rest, "bye");
  EXPECT_EQ(error, boost::asio::error::eof);
}

TEST_F(LayersTest, AClientWithoutTlsIsTurnedAway) {
  EchoServer server(WithTls());
  PlainClient client(server.port());
  client.Send("hello, this is no TLS");
  EXPECT_EQ(client.ReceiveAll().find("hello"), std::string::npos);
}

TEST_F(LayersTest, OldTlsIsTurnedAway) {
  EchoServer server(WithTls());
  PlainClient plain(server.port());
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
  ssl::stream<tcp::socket> client(std::move(plain.socket()), context);
  error_code error;
  client.handshake(ssl::stream_base::client, error);
  EXPECT_TRUE(error);
}

TEST_F(LayersTest, FilesThatCannotBeUsed) {
  AsioLoop loop;
  const auto message = [&loop](const ServerTls& tls) {
    return std::string(loop.Listen({}, {.tls = tls}).status().message());
  };
  const ServerTls good = WithTls().tls;
  EXPECT_THAT(message({.cert_file = good.cert_file}), HasSubstr("needs both"));
  EXPECT_THAT(message({"/nowhere.pem", good.key_file}), HasSubstr("certificate /nowhere.pem"));
  EXPECT_THAT(message({good.cert_file, good.cert_file}), HasSubstr("key " + good.cert_file));
}

TEST_F(LayersTest, WebSocket) {
  EchoServer server;
  PlainClient plain(server.port());
  websocket::stream<tcp::socket> client(std::move(plain.socket()));
  client.handshake("localhost", "/");
  EXPECT_EQ(ExchangeMessages(&client, "hello"), "hello");
  const std::string large(300'000, 'z');
  EXPECT_EQ(ExchangeMessages(&client, large), large);
  client.write(boost::asio::buffer("close", 5));
  beast::flat_buffer buffer;
  client.read(buffer);
  EXPECT_EQ(beast::buffers_to_string(buffer.data()), "bye");
  error_code error;
  client.read(buffer, error);
  EXPECT_EQ(error, websocket::error::closed);
}

TEST_F(LayersTest, WebSocketWithinTls) {
  EchoServer server(WithTls());
  PlainClient plain(server.port());
  ssl::context context(ssl::context::tls_client);
  websocket::stream<ssl::stream<tcp::socket>> client(std::move(plain.socket()), context);
  client.next_layer().handshake(ssl::stream_base::client);
  client.handshake("localhost", "/");
  EXPECT_EQ(ExchangeMessages(&client, "hello"), "hello");
}

TEST_F(LayersTest, HttpThatIsNoWebSocketIsTurnedAway) {
  EchoServer server;
  PlainClient client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.ReceiveAll(), ::testing::StartsWith("HTTP/1.1 4"));
  PlainClient endless(server.port());
  endless.Send("GET /" + std::string(100'000, 'x'));
  EXPECT_EQ(endless.ReceiveAll().find("HTTP/1.1 101"), std::string::npos);
}

error_code OpenFrom(const std::string& origin, const ListenerOptions& options) {
  EchoServer server(options);
  PlainClient plain(server.port());
  websocket::stream<tcp::socket> client(std::move(plain.socket()));
  client.set_option(websocket::stream_base::decorator([&origin](websocket::request_type& request) {
    request.set(beast::http::field::origin, origin);
  }));
  error_code error;
  client.handshake("localhost", "/", error);
  return error;
}

TEST_F(LayersTest, PagesOfOtherMachines) {
  EXPECT_FALSE(OpenFrom("https://evil.example", {}));
  EXPECT_TRUE(OpenFrom("https://evil.example", {.local_pages_only = true}));
  EXPECT_FALSE(OpenFrom("http://localhost:7474", {.local_pages_only = true}));
}

TEST(OriginTest, OnlyThisMachineIsLocal) {
  for (const char* local : {"", "http://localhost", "http://localhost:7474", "https://127.0.0.1:1",
                            "http://[::1]:80", "http://[::1]"}) {
    EXPECT_TRUE(IsLocalOrigin(local)) << local;
  }
  for (const char* other :
       {"null", "localhost", "http://localhost.evil.example", "http://evil.example",
        "http://127.0.0.1.evil.example:80", "http://[::1].evil.example", "file://"}) {
    EXPECT_FALSE(IsLocalOrigin(other)) << other;
  }
}

}  // namespace
}  // namespace tidemark::net
