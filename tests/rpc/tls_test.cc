// SPDX-License-Identifier: Apache-2.0
// Mutual TLS: who has a certificate of the cluster's authority gets in, nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/status.h"
#include "rpc/credentials.h"
#include "rpc/grpc_transport.h"
#include "tests/rpc/test_node.h"

namespace tidemark::rpc {
namespace {

using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::system("openssl version > /dev/null 2>&1") != 0) return;
    std::string name = ::testing::TempDir() + "tidemark-tls-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    MakeAuthority("ca");
    MakeAuthority("other-ca");
    MakeCertificate("ca", "master");
    MakeCertificate("ca", "worker");
    MakeCertificate("other-ca", "stranger");
  }
  static void TearDownTestSuite() {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }
  void SetUp() override {
    if (directory_.empty()) {
      GTEST_SKIP() << "SKIPPED rpc.TlsTest: the openssl command is not installed";
    }
  }

  static std::string Path(const std::string& name) { return directory_ + "/" + name; }

  static void Run(const std::string& command) {
    const std::string line = "cd " + directory_ + " && openssl " + command + " > log 2>&1";
    ASSERT_EQ(std::system(line.c_str()), 0) << line;
  }
  static void MakeAuthority(const std::string& name) {
    Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" +
        name + " -keyout " + name + ".key -out " + name + ".pem");
  }
  static void MakeCertificate(const std::string& authority, const std::string& name) {
    std::ofstream(Path(name + ".ext")) << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    Run("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name +
        " -keyout " + name + ".key -out " + name + ".csr");
    Run("x509 -req -in " + name + ".csr -CA " + authority + ".pem -CAkey " + authority +
        ".key -CAcreateserial -days 2 -extfile " + name + ".ext -out " + name + ".pem");
  }
  static TlsOptions Tls(const std::string& authority, const std::string& name) {
    return {Path(authority + ".pem"), Path(name + ".pem"), Path(name + ".key")};
  }

  static std::unique_ptr<TestNode> MakeServer(const TlsOptions& tls, std::string* address) {
    auto server = std::make_unique<TestNode>([&](const env::Env& env) {
      return std::make_unique<GrpcServerTransport>(env,
                                                   GrpcServerOptions{"127.0.0.1:0", tls, false});
    });
    const absl::Status status = server->Start();
    EXPECT_TRUE(status.ok()) << status;
    *address = static_cast<GrpcServerTransport*>(server->transport())->address();
    return server;
  }
  static std::unique_ptr<TestNode> MakeClient(const std::string& address, const TlsOptions& tls) {
    auto client = std::make_unique<TestNode>([&](const env::Env& env) {
      return std::make_unique<GrpcClientTransport>(env, GrpcClientOptions{address, tls});
    });
    EXPECT_TRUE(client->Start().ok());
    return client;
  }

  static inline std::string directory_;
};

TEST_F(TlsTest, CertificatesOfOneAuthorityTalk) {
  std::string address;
  const auto server = MakeServer(Tls("ca", "master"), &address);
  const auto client = MakeClient(address, Tls("ca", "worker"));
  client->SendCsns(client->WaitForStream(), {1, 2});
  EXPECT_TRUE(server->WaitUntil([&] { return server->csns.size() == 2; }));
}

TEST_F(TlsTest, NobodyElseGetsIn) {
  std::string address;
  const auto server = MakeServer(Tls("ca", "master"), &address);
  const auto plain = MakeClient(address, {});
  const auto stranger = MakeClient(address, Tls("other-ca", "stranger"));
  TlsOptions forged = Tls("ca", "stranger");
  const auto forger = MakeClient(address, forged);
  const auto member = MakeClient(address, Tls("ca", "worker"));
  member->WaitForStream();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  for (const auto* node : {&plain, &stranger, &forger}) {
    const std::lock_guard<std::mutex> lock((*node)->mutex);
    EXPECT_TRUE((*node)->opened.empty());
  }
  const std::lock_guard<std::mutex> lock(server->mutex);
  EXPECT_EQ(server->opened.size(), 1u);
}

TEST_F(TlsTest, AServerWithoutTheRightCertificateIsNotBelieved) {
  std::string address;
  const auto server = MakeServer(Tls("other-ca", "stranger"), &address);
  const auto client = MakeClient(address, Tls("ca", "worker"));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const std::lock_guard<std::mutex> lock(client->mutex);
  EXPECT_TRUE(client->opened.empty());
}

TEST_F(TlsTest, MissingOrEmptyFilesAreNamed) {
  const TlsOptions good = Tls("ca", "master");
  EXPECT_TRUE(MakeServerCredentials(good).ok());
  EXPECT_TRUE(MakeChannelCredentials({}).ok());
  const absl::Status partial = MakeServerCredentials({good.ca_file, "", ""}).status();
  EXPECT_EQ(partial.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(partial), HasSubstr("certificate file is not given"));
  const absl::Status missing =
      MakeChannelCredentials({good.ca_file, Path("none.pem"), good.key_file}).status();
  EXPECT_EQ(MessageOf(missing), Path("none.pem") + ": open: No such file or directory");
  std::ofstream(Path("empty.key")) << "nothing\n";
  const absl::Status empty =
      MakeServerCredentials({good.ca_file, good.cert_file, Path("empty.key")}).status();
  EXPECT_EQ(MessageOf(empty), Path("empty.key") + ": holds no PEM text for the TLS key");
}

}  // namespace
}  // namespace tidemark::rpc
