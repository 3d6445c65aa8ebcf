// SPDX-License-Identifier: Apache-2.0
#include "tools/demo/demo_writers.h"

#include <chrono>

#include "base/status.h"

namespace tidemark::tools {
namespace {

// Note numbers of one writer begin here.
constexpr int64_t kNumbersPerWriter = 1'000'000'000;

api::Run MakeNote(int64_t number, uint64_t person) {
  api::Run run;
  api::CreateVertex* note = run.add_operations()->mutable_create_vertex();
  note->add_labels("Note");
  api::Property* property = note->add_properties();
  property->set_key("number");
  property->mutable_value()->set_integer(number);
  api::CreateEdge* about = run.add_operations()->mutable_create_edge();
  about->mutable_source()->set_created_by(0);
  about->mutable_target()->set_id(person);
  about->set_type("ABOUT");
  return run;
}

}  // namespace

DemoWriters::DemoWriters(client::Client* client, std::vector<uint64_t> people, int writer_count)
    : people_(std::move(people)) {
  for (int i = 0; i < writer_count; ++i) {
    writers_.push_back(std::make_unique<Writer>());
    Writer* writer = writers_.back().get();
    writer->thread = std::thread([this, client, writer, i] { Run(client, writer, i); });
  }
}

void DemoWriters::Run(client::Client* client, Writer* writer, int number) {
  const std::unique_ptr<client::ClientSession> session = client->OpenSession();
  for (int64_t n = 0; !stop_; ++n) {
    const int64_t note = number * kNumbersPerWriter + n;
    const uint64_t person = people_[static_cast<size_t>(note * 7919) % people_.size()];
    const absl::StatusOr<api::RunResult> result = session->Run(MakeNote(note, person));
    if (result.ok()) {
      writer->acknowledged.push_back(note);
    } else if (result.status().code() == absl::StatusCode::kUnknown) {
      writer->unknown.push_back(note);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
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
