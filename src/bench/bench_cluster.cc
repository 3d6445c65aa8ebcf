// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_cluster.h"

#include <atomic>
#include <thread>
#include <utility>

#include "base/status.h"
#include "base/time_units.h"

namespace tidemark::bench {
namespace {

constexpr int64_t kOpenTimeoutMs = 600'000;

}  // namespace

absl::StatusOr<std::unique_ptr<host::LocalCluster>> StartCluster(const BenchContext& context,
                                                                 const std::string& kind,
                                                                 const std::string& directory,
                                                                 std::vector<std::string> flags) {
  return host::LocalCluster::Start({kind, directory, context.directory + "/" + kind + ".log",
                                    context.options.workers, context.options.grpc_port,
                                    std::move(flags), kOpenTimeoutMs});
}

void AddCreate(uint64_t number, api::Run* run) {
  api::CreateVertex* create = run->add_operations()->mutable_create_vertex();
  create->add_labels("Note");
  api::Property* property = create->add_properties();
  property->set_key("number");
  property->mutable_value()->set_integer(static_cast<int64_t>(number));
}

absl::Status CreateOne(client::ClientSession* session, uint64_t number) {
  api::Run run;
  AddCreate(number, &run);
  return session->Run(run).status();
}

absl::StatusOr<Samples> RunClients(
    const BenchContext& context, client::Client* client, int64_t threads, int64_t duration_ms,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work) {
  std::atomic<uint64_t> next{0};
  std::vector<Samples> micros(static_cast<size_t>(threads));
  std::vector<absl::Status> ends(static_cast<size_t>(threads));
  const int64_t until = context.clock->NowMicros() + duration_ms * kMicrosPerMs;
  std::vector<std::thread> running;
  for (size_t i = 0; i < static_cast<size_t>(threads); ++i) {
    running.emplace_back([&, i] {
      const auto session = client->OpenSession();
      for (int64_t now = context.clock->NowMicros(); now < until && ends[i].ok();) {
        ends[i] = work(session.get(), next++);
        const int64_t end = context.clock->NowMicros();
        micros[i].Add(static_cast<double>(end - now));
        now = end;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  Samples all;
  for (size_t i = 0; i < running.size(); ++i) {
    RETURN_IF_ERROR(ends[i]);
    all.values.insert(all.values.end(), micros[i].values.begin(), micros[i].values.end());
  }
  return all;
}

absl::StatusOr<Samples> TimeOneClient(
    const BenchContext& context, client::Client* client, int count,
    const std::function<absl::Status(client::ClientSession*, uint64_t number)>& work) {
  const auto session = client->OpenSession();
  Samples micros;
  for (int i = -count / 10; i < count; ++i) {
    const int64_t begin = context.clock->NowMicros();
    RETURN_IF_ERROR(work(session.get(), static_cast<uint64_t>(i < 0 ? 0 : i)));
    if (i >= 0) micros.Add(static_cast<double>(context.clock->NowMicros() - begin));
  }
  return micros;
}

}  // namespace tidemark::bench
