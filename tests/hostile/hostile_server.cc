// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/hostile_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"

namespace tidemark::hostile {
namespace {

// A statement of its own may run for so long.
constexpr int kTimeoutSeconds = 2;
// One may take a quarter of this.
constexpr int kClientMemoryMb = 256;
constexpr int kMeasureAloneMs = 3'000;

}  // namespace

HostileServer::HostileServer() {
  const std::vector<std::string> args = {
      "server",
      "--workers=2",
      "--data-dir=" + directory_.path() + "/data",
      "--snapshot-interval-sec=0",
      absl::StrCat("--grpc-port=", integration::FreePort()),
      absl::StrCat("--bolt-port=", port_),
      absl::StrCat("--client-memory-mb=", kClientMemoryMb),
      absl::StrCat("--transaction-timeout-sec=", kTimeoutSeconds)};
  process_ = std::make_unique<integration::Process>(args, directory_.path() + "/log");
  EXPECT_TRUE(process_->WaitForOutput("ready bolt://")) << process_->output();
  for (const char* text : {"CREATE CONSTRAINT FOR (p:Point) REQUIRE p.number IS UNIQUE",
                           "UNWIND range(1, 1000) AS x CREATE (:Point {number: x, double: 2 * x})",
                           "UNWIND range(1, 60) AS x CREATE (:Dense {number: x})",
                           "MATCH (a:Dense), (b:Dense) WHERE a <> b CREATE (a)-[:TO]->(b)"}) {
    const auto result = Open()->Query(text, {});
    EXPECT_TRUE(result.ok()) << text << "\n" << result.status();
  }
  reader_ = std::make_unique<PointReader>(address());
  integration::SleepMs(kMeasureAloneMs);
  alone_ = reader_->Take();
}

std::string HostileServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

std::unique_ptr<bolt_client::Connection> HostileServer::Open() const {
  bolt_client::ConnectionOptions options;
  options.address = *bolt_client::ParseAddress(address());
  auto connection = bolt_client::Connection::Open(options);
  EXPECT_TRUE(connection.ok()) << connection.status();
  return connection.ok() ? *std::move(connection) : nullptr;
}

int64_t HostileServer::ResidentBytes() const {
  std::ifstream file(absl::StrCat("/proc/", process_->pid(), "/statm"));
  int64_t total_pages = 0;
  int64_t resident_pages = 0;
  file >> total_pages >> resident_pages;
  EXPECT_GT(resident_pages, 0);
  return resident_pages * sysconf(_SC_PAGESIZE);
}

}  // namespace tidemark::hostile
