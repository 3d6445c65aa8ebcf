// SPDX-License-Identifier: Apache-2.0
// A peer with the wrong secret or without a certificate does not get in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/integration/cluster_process.h"

namespace tidemark::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SecurityTest : public ::testing::Test {
 protected:
  std::string PathOf(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string Secret(const std::string& name, const std::string& text) {
    std::ofstream(PathOf(name)) << text << "\n";
    return "--cluster-secret-file=" + PathOf(name);
  }
  std::unique_ptr<Process> StartMaster(const std::vector<std::string>& flags) {
    std::vector<std::string> args = {"master",      "--data-dir=" + PathOf("master"),
                                     "--workers=1", absl::StrCat("--listen=127.0.0.1:", node_port_),
                                     "--no-bolt",   absl::StrCat("--grpc-port=", client_port_)};
    args.insert(args.end(), flags.begin(), flags.end());
    return std::make_unique<Process>(args, PathOf("master.log"));
  }
  std::unique_ptr<Process> StartWorker(const std::string& name,
                                       const std::vector<std::string>& flags) {
    std::vector<std::string> args = {"worker", "--data-dir=" + PathOf(name),
                                     absl::StrCat("--master=127.0.0.1:", node_port_)};
    args.insert(args.end(), flags.begin(), flags.end());
    return std::make_unique<Process>(args, PathOf(name + ".log"));
  }

  TestDirectory directory_;
  const int node_port_ = FreePort();
  const int client_port_ = FreePort();
};

TEST_F(SecurityTest, AnotherSecretOrNoneIsRefusedWithoutTellingIt) {
  const auto master = StartMaster({Secret("right", "open-sesame")});
  const auto wrong = StartWorker("wrong", {Secret("other", "swordfish")});
  EXPECT_EQ(wrong->WaitForExit(), 3) << wrong->output();
  EXPECT_THAT(wrong->output(), HasSubstr("their cluster secrets differ"));
  const auto none = StartWorker("none", {});
  EXPECT_EQ(none->WaitForExit(), 3) << none->output();
  EXPECT_THAT(none->output(), HasSubstr("has a cluster secret"));
  for (const std::string& text : {wrong->output(), none->output(), master->output()}) {
    EXPECT_THAT(text, Not(HasSubstr("sesame")));
    EXPECT_THAT(text, Not(HasSubstr("swordfish")));
  }
  const auto right = StartWorker("right-worker", {Secret("same", "open-sesame")});
  EXPECT_TRUE(master->WaitForOutput("ready grpc://")) << master->output();
}

class TlsSecurityTest : public SecurityTest {
 protected:
  void SetUp() override {
    if (std::system("openssl version > /dev/null 2>&1") != 0) {
      GTEST_SKIP() << "SKIPPED: TLS of real processes (the openssl command is not installed)";
    }
    for (const std::string authority : {"ca", "other-ca"}) {
      OpenSsl("req -x509 " + kKey + " -days 2 -subj /CN=" + authority + " -keyout " + authority +
              ".key -out " + authority + ".pem");
    }
    MakeCertificate("ca", "node");
    MakeCertificate("other-ca", "stranger");
  }
  void OpenSsl(const std::string& command) {
    const std::string line = "cd " + directory_.path() + " && openssl " + command + " > log 2>&1";
    ASSERT_EQ(std::system(line.c_str()), 0) << line;
  }
  void MakeCertificate(const std::string& authority, const std::string& name) {
    std::ofstream(PathOf(name + ".ext")) << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    OpenSsl("req " + kKey + " -subj /CN=" + name + " -keyout " + name + ".key -out " + name +
            ".csr");
    OpenSsl("x509 -req -in " + name + ".csr -CA " + authority + ".pem -CAkey " + authority +
            ".key -CAcreateserial -days 2 -extfile " + name + ".ext -out " + name + ".pem");
  }
  std::vector<std::string> Tls(const std::string& authority, const std::string& name) {
    return {"--tls-ca=" + PathOf(authority + ".pem"), "--tls-cert=" + PathOf(name + ".pem"),
            "--tls-key=" + PathOf(name + ".key")};
  }
  CommandResult Status(const std::vector<std::string>& flags) {
    std::vector<std::string> args = {"status", absl::StrCat("--address=127.0.0.1:", client_port_)};
    args.insert(args.end(), flags.begin(), flags.end());
    return RunTidemark(args);
  }
  // The first answer; a master that has just been started does not listen yet.
  CommandResult FirstStatus(const std::vector<std::string>& flags) {
    CommandResult result = Status(flags);
    for (int i = 0; i < 100 && result.out.empty(); ++i) {
      SleepMs(100);
      result = Status(flags);
    }
    return result;
  }

  const std::string kKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
};

TEST_F(TlsSecurityTest, OnlyCertificatesOfTheAuthorityGetIn) {
  const auto master = StartMaster(Tls("ca", "node"));
  const auto plain = StartWorker("plain", {});
  const auto stranger = StartWorker("stranger-worker", Tls("ca", "stranger"));
  EXPECT_TRUE(plain->WaitForOutput("unreachable, trying again")) << plain->output();
  EXPECT_TRUE(stranger->WaitForOutput("unreachable, trying again")) << stranger->output();
  const CommandResult waiting = FirstStatus(Tls("ca", "node"));
  EXPECT_EQ(waiting.exit_code, 4) << waiting.err;
  EXPECT_THAT(waiting.out, HasSubstr("waiting for worker 1 (has not come yet")) << waiting.err;
  EXPECT_THAT(waiting.out, HasSubstr("worker 1  pid 0")) << "nobody got in";
  EXPECT_EQ(Status({}).exit_code, 4);
  EXPECT_EQ(Status(Tls("ca", "stranger")).exit_code, 4);
  const auto worker = StartWorker("worker", Tls("ca", "node"));
  EXPECT_TRUE(master->WaitForOutput("ready grpc://")) << master->output();
  const CommandResult open = FirstStatus(Tls("ca", "node"));
  EXPECT_EQ(open.exit_code, 0) << open.err;
}

}  // namespace
}  // namespace tidemark::integration
