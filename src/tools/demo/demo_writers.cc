// SPDX-License-Identifier: Apache-2.0
#include "tools/demo/demo_writers.h"

#include <chrono>

#include "base/status.h"

namespace tidemark::tools {
namespace {

// Note numbers of one writer begin here.
constexpr int64_t kNumbersPerWriter = 1'000'000'000;

}  // namespace

const char DemoWriters::kStatement[] =
    "MATCH (p:Person) WHERE id(p) = $person CREATE (:Note {number: $number})-[:ABOUT]->(p)";

DemoWriters::DemoWriters(const std::string& address, std::vector<int64_t> people, int writer_count)
    : people_(std::move(people)) {
  for (int i = 0; i < writer_count; ++i) {
    writers_.push_back(std::make_unique<Writer>());
    Writer* writer = writers_.back().get();
    writer->thread = std::thread([this, address, writer, i] { Run(address, writer, i); });
  }
}

void DemoWriters::Run(const std::string& address, Writer* writer, int number) {
  DemoClient client(address);
  const auto pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); };
  for (int64_t n = 0; !stop_; ++n) {
    if (!client.Connect().ok()) {
      pause();
      continue;
    }
    const int64_t note = number * kNumbersPerWriter + n;
    const int64_t person = people_[static_cast<size_t>(note * 7919) % people_.size()];
    const absl::Status status =
        client
            .Run(kStatement, graph::Value::Map({{"person", graph::Value::Integer(person)},
                                                {"number", graph::Value::Integer(note)}}))
            .status();
    if (status.ok()) {
      writer->acknowledged.push_back(note);
      continue;
    }
    if (HasUnknownOutcome(status)) writer->unknown.push_back(note);
    pause();
  }
}

void DemoWriters::Stop() {
  stop_ = true;
  for (const auto& writer : writers_) {
    if (!writer->thread.joinable()) continue;
    writer->thread.join();
    acknowledged_.insert(acknowledged_.end(), writer->acknowledged.begin(),
                         writer->acknowledged.end());
    unknown_.insert(unknown_.end(), writer->unknown.begin(), writer->unknown.end());
  }
}

}  // namespace tidemark::tools
