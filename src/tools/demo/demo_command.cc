// SPDX-License-Identifier: Apache-2.0
#include "tools/demo/demo_command.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/time_units.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "env/posix_clock.h"
#include "env/posix_file_system.h"
#include "host/local_cluster.h"
#include "host/stop_signal.h"
#include "import/generate/generate_command.h"
#include "import/import_command.h"
#include "rpc/listen_address.h"
#include "tools/demo/demo_client.h"
#include "tools/demo/demo_writers.h"

namespace tidemark::tools {
namespace {

constexpr int kWorkers = 3;
constexpr int kWriters = 4;
constexpr int kOpenTimeoutMs = 60'000;
constexpr int64_t kWriteMs = 2000;
constexpr int kPortTries = 50;

// What the demo reads. It shows each of them.
constexpr char kFollows[] =
    "MATCH (p:Person)-[:FOLLOWS]->() RETURN id(p) AS id, count(*) AS follows "
    "ORDER BY follows DESC, id LIMIT 1";
constexpr char kReaches[] =
    "MATCH (p)-[:FOLLOWS]->()-[:FOLLOWS]->(q) WHERE id(p) = $id RETURN count(DISTINCT q) AS "
    "reached";
constexpr char kPeople[] = "MATCH (p:Person) RETURN id(p) AS id LIMIT 200";
constexpr char kNotes[] = "MATCH (n:Note)-[:ABOUT]->(:Person) RETURN n.number AS number";

struct DemoOptions {
  std::string data_dir;
  int64_t vertices = 20'000;
  int64_t edges = 200'000;
};

// The steps of the demo, in order; each prints what it saw.
class Demo {
 public:
  Demo(DemoOptions options, host::StopSignal* signal)
      : options_(std::move(options)), signal_(signal) {}

  absl::Status Run() {
    RETURN_IF_ERROR(Load());
    RETURN_IF_ERROR(StartCluster());
    RETURN_IF_ERROR(Read());
    RETURN_IF_ERROR(KillWorker());
    RETURN_IF_ERROR(WriteAndKillEverything());
    RETURN_IF_ERROR(StartCluster());
    return Compare();
  }

  // True when everything acknowledged came back.
  bool is_well() const { return well_; }

  // On a terminal: leaves the cluster up until Ctrl-C.
  void StayUp() {
    const std::string address = bolt_address();
    std::printf(
        "\nThe cluster stays up. In another terminal:\n"
        "  tidemark shell --address=%s\n"
        "  tidemark status --address=127.0.0.1:%d\n"
        "Drivers of Neo4j connect to it too, such as those of JavaScript and Python:\n"
        "  const driver = neo4j.driver('bolt://%s')\n"
        "  driver = GraphDatabase.driver('bolt://%s')\n"
        "Kill any process you like and look again. Ctrl-C stops it; the data stays in\n  %s\n"
        "and `tidemark cluster --data-dir=%s --workers=%d` starts it again.\n",
        address.c_str(), client_port_, address.c_str(), address.c_str(), data().c_str(),
        data().c_str(), kWorkers);
    std::fflush(stdout);
    while (signal_->Wait(-1) != host::StopSignal::Event::kStop) {
    }
  }

 private:
  std::string data() const { return options_.data_dir + "/data"; }
  client::Client* client() const { return cluster_->client(); }
  std::string bolt_address() const { return absl::StrCat("127.0.0.1:", bolt_port_); }

  absl::Status Load() {
    const std::string csv = options_.data_dir + "/csv";
    std::printf("1. A social graph, generated and imported into %d workers\n", kWorkers);
    std::fflush(stdout);
    if (csv_import::RunGenerate({"--output=" + csv, absl::StrCat("--vertices=", options_.vertices),
                                 absl::StrCat("--edges=", options_.edges)}) != kExitOk ||
        csv_import::RunImport({"--data-dir=" + data(), absl::StrCat("--workers=", kWorkers),
                               "--nodes=Person=" + csv + "/nodes.csv",
                               "--relationships=FOLLOWS=" + csv + "/relationships.csv"}) !=
            kExitOk) {
      return absl::InternalError("the graph could not be loaded");
    }
    return absl::OkStatus();
  }

  static bool IsFree(int port) {
    return rpc::ProbeListenAddress(absl::StrCat("127.0.0.1:", port)).ok();
  }

  absl::Status ChoosePorts() {
    for (int i = 0; i < kPortTries; ++i) {
      client_port_ = 7690 + i * 10;
      bolt_port_ = client_port_ - 3;
      if (IsFree(client_port_) && IsFree(bolt_port_)) return absl::OkStatus();
    }
    return absl::UnavailableError("no free ports from 7687 on");
  }

  absl::Status StartCluster() {
    if (client_port_ == 0) RETURN_IF_ERROR(ChoosePorts());
    const int64_t begin = clock_.NowMicros();
    host::LocalClusterOptions cluster;
    cluster.data_dir = data();
    cluster.log_path = options_.data_dir + "/cluster.log";
    cluster.workers = kWorkers;
    cluster.client_port = client_port_;
    cluster.bolt_port = bolt_port_;
    cluster.flags = {"--synchronous-commit"};
    cluster.open_timeout_ms = kOpenTimeoutMs;
    ASSIGN_OR_RETURN(cluster_, host::LocalCluster::Start(cluster));
    ASSIGN_OR_RETURN(const api::StatusResponse status, client()->Status());
    std::printf("\n%d. Cluster open after %lld ms: epoch %llu, watermark csn %llu\n", step_++,
                static_cast<long long>((clock_.NowMicros() - begin) / kMicrosPerMs),
                static_cast<unsigned long long>(status.epoch()),
                static_cast<unsigned long long>(status.watermark()));
    std::printf("   Cypher is spoken at bolt://%s\n", bolt_address().c_str());
    std::fflush(stdout);
    cypher_ = std::make_unique<DemoClient>(bolt_address());
    return absl::OkStatus();
  }

  // Somebody, and how many others he can reach over one and two edges.
  absl::Status Read() {
    const auto number = [](const bolt_client::Result& result, size_t column) {
      return result.rows.empty() ? -1 : result.rows[0][column].integer_or(-1);
    };
    ASSIGN_OR_RETURN(const bolt_client::Result first, cypher_->Show(kFollows));
    const int64_t person = number(first, 0);
    if (person < 0) return absl::InternalError("the imported people are not there");
    ASSIGN_OR_RETURN(
        const bolt_client::Result second,
        cypher_->Show(kReaches, graph::Value::Map({{"id", graph::Value::Integer(person)}})));
    reach_ = number(second, 0);
    std::printf("   vertex %lld follows %lld people; over two edges it reaches %lld\n",
                static_cast<long long>(person), static_cast<long long>(number(first, 1)),
                static_cast<long long>(reach_));
    std::fflush(stdout);
    return absl::OkStatus();
  }

  absl::Status KillWorker() {
    absl::StatusOr<api::StatusResponse> status = client()->Status();
    RETURN_IF_ERROR(status.status());
    const auto killed = static_cast<pid_t>(status->workers(1).pid());
    std::printf("\n%d. kill -9 worker 2 (pid %d)\n", step_++, killed);
    std::fflush(stdout);
    const int64_t begin = clock_.NowMicros();
    kill(killed, SIGKILL);
    status = client()->Status();
    while (!status.ok() || status->state() != "open" ||
           status->workers(1).pid() == static_cast<uint64_t>(killed)) {
      if (clock_.NowMicros() - begin > kOpenTimeoutMs * kMicrosPerMs) {
        return absl::UnavailableError("the cluster did not open again");
      }
      usleep(5000);
      status = client()->Status();
    }
    std::printf("   open again after %lld ms; the other processes were not touched\n",
                static_cast<long long>((clock_.NowMicros() - begin) / kMicrosPerMs));
    const int64_t reach = reach_;
    RETURN_IF_ERROR(Read());
    well_ = well_ && reach == reach_;
    return absl::OkStatus();
  }

  absl::Status WriteAndKillEverything() {
    std::printf("\n%d. %d clients write with synchronous commit; then kill -9 everything\n",
                step_++, kWriters);
    std::fflush(stdout);
    ASSIGN_OR_RETURN(const bolt_client::Result people, cypher_->Show(kPeople));
    std::printf("   > %s\n", DemoWriters::kStatement);
    std::fflush(stdout);
    writers_ = std::make_unique<DemoWriters>(bolt_address(), Integers(people), kWriters);
    usleep(static_cast<useconds_t>(kWriteMs * kMicrosPerMs));
    RETURN_IF_ERROR(cluster_->KillEverything());
    writers_->Stop();
    std::printf("   acknowledged: %zu transactions; without an answer: %zu\n",
                writers_->acknowledged().size(), writers_->unknown().size());
    std::fflush(stdout);
    return absl::OkStatus();
  }

  // The integers in the first column.
  static std::vector<int64_t> Integers(const bolt_client::Result& result) {
    std::vector<int64_t> found;
    for (const bolt_client::Row& row : result.rows) found.push_back(row[0].integer_or(-1));
    return found;
  }

  absl::Status Compare() {
    ASSIGN_OR_RETURN(const api::StatusResponse status, client()->Status());
    ASSIGN_OR_RETURN(const bolt_client::Result notes, cypher_->Show(kNotes));
    const std::vector<int64_t> numbers = Integers(notes);
    const std::set<int64_t> found(numbers.begin(), numbers.end());
    size_t lost = 0;
    for (const int64_t note : writers_->acknowledged()) lost += found.count(note) == 0;
    size_t unknown_found = 0;
    for (const int64_t note : writers_->unknown()) unknown_found += found.count(note);
    const int64_t reach = reach_;
    RETURN_IF_ERROR(Read());
    std::printf(
        "\n   acknowledged before the kill   %8zu\n"
        "   came back                      %8zu\n"
        "   acknowledged and lost          %8zu\n"
        "   without an answer              %8zu, of which %zu are there: whole or not at all\n"
        "   undone above the watermark     %8llu\n",
        writers_->acknowledged().size(), found.size(), lost, writers_->unknown().size(),
        unknown_found, static_cast<unsigned long long>(status.undone_count()));
    const size_t expected = writers_->acknowledged().size() + unknown_found;
    well_ = well_ && lost == 0 && found.size() == expected && reach == reach_;
    std::printf("\n%s\n", well_ ? "Everything that was promised came back."
                                : "SOMETHING THAT WAS PROMISED IS MISSING.");
    std::fflush(stdout);
    return absl::OkStatus();
  }

  const DemoOptions options_;
  host::StopSignal* const signal_;
  env::PosixClock clock_;
  int client_port_ = 0;
  int bolt_port_ = 0;
  int step_ = 2;
  std::unique_ptr<host::LocalCluster> cluster_;
  std::unique_ptr<DemoClient> cypher_;
  std::unique_ptr<DemoWriters> writers_;
  int64_t reach_ = 0;
  bool well_ = true;
};

}  // namespace

int RunDemo(const std::vector<std::string>& args) {
  DemoOptions options;
  options.data_dir = absl::StrCat("tidemark-demo-", getpid());
  cli::FlagSet flags(
      "demo", "[flags]",
      "Starts a cluster of one master and three workers, loads a social graph, kills one\n"
      "worker, kills everything in the middle of writing, starts again and compares what\n"
      "was acknowledged with what came back. On a terminal the cluster then stays up.");
  flags.AddString("data-dir", &options.data_dir, "folder for the demo; must not exist");
  flags.AddInt("vertices", &options.vertices, 100, 10'000'000, "people of the social graph");
  flags.AddInt("edges", &options.edges, 0, 100'000'000, "edges of the social graph");
  if (const std::optional<int> code = cli::ParseCommandLine("demo", args, &flags)) return *code;
  env::PosixFileSystem files;
  if (files.Exists(options.data_dir)) {
    return cli::ReportAndExitCode(
        "demo", absl::AlreadyExistsError(
                    absl::StrCat(options.data_dir, " is there already; name another")));
  }
  host::StopSignal signal;
  Demo demo(options, &signal);
  const absl::Status status = demo.Run();
  if (!status.ok()) {
    cli::ReportAndExitCode("demo", status);
    return kExitFoundProblems;
  }
  if (isatty(STDOUT_FILENO) && isatty(STDIN_FILENO)) demo.StayUp();
  return demo.is_well() ? kExitOk : kExitFoundProblems;
}

}  // namespace tidemark::tools
