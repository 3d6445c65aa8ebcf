// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/hostile_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace tidemark::hostile {
namespace {

// A statement of its own may run for so long.
constexpr int kTimeoutSeconds = 2;
// One may take a quarter of this.
constexpr int kClientMemoryMb = 256;
constexpr int64_t kMeasureMicros = 4'000'000;
constexpr int64_t kMeasureAgainMicros = 700'000;
// Two seconds of it end by the limit.
constexpr char kLongStatement[] = "UNWIND range(1, 1000000000000) AS x RETURN count(x) AS c";

void Print(std::string_view what, const ReadTimes& times) {
  std::cout << what << ": " << times.micros.size() << " reads, p50 " << times.Percentile(0.5)
            << " us, p99 " << times.Percentile(0.99) << " us, longest " << times.longest()
            << " us\n";
}

void SleepAWhile() { integration::SleepMs(1); }

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
  alone_ = MeasureBeside(kMeasureMicros, SleepAWhile);
  beside_program_ = MeasureBeside(kMeasureMicros, [] {});
  const auto connection = Open();
  beside_statement_ = MeasureBeside(
      kMeasureMicros, [&] { EXPECT_FALSE(connection->Query(kLongStatement, {}).ok()); });
  Print("alone", alone_);
  Print("beside a program", beside_program_);
  Print("beside a long statement", beside_statement_);
}

void HostileServer::MeasureAgain() {
  alone_ = MeasureBeside(kMeasureAgainMicros, SleepAWhile);
  beside_program_ = MeasureBeside(kMeasureAgainMicros, [] {});
}

ReadTimes HostileServer::MeasureBeside(int64_t micros, const std::function<void()>& work) {
  reader_->Take();
  const int64_t end_micros = NowMicros() + micros;
  while (NowMicros() < end_micros) work();
  return reader_->Take();
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

int64_t HostileServer::PeakBytes() const {
  std::ifstream file(absl::StrCat("/proc/", process_->pid(), "/status"));
  for (std::string word; file >> word;) {
    int64_t kib = 0;
    if (word == "VmHWM:" && file >> kib) return kib << 10;
  }
  return -1;
}

}  // namespace tidemark::hostile
