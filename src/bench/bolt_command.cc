// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_command.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "bench/bolt_graph.h"
#include "bench/bolt_load.h"
#include "bench/bolt_report.h"
#include "bench/bolt_server_cpu.h"
#include "bolt_client/failure.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "env/posix_file_system.h"

namespace tidemark::bench {
namespace {

constexpr size_t kMaxPasswordBytes = 4 << 10;
constexpr int64_t kMaxConnections = 1'000;
constexpr int64_t kMaxSeconds = 300;  // the latency of every operation is kept
constexpr BoltGraphShape kSmallShape = {.vertices = 10'000, .edges = 121'716};
constexpr BoltGraphShape kMediumShape = {.vertices = 100'000, .edges = 1'768'515};

struct BoltBenchOptions {
  std::string address = "bolt://127.0.0.1:7687";
  std::string password_file;
  std::string graph = "small";
  std::string suites;
  std::string connection_counts = "1,8,64";
  std::vector<std::string> server_pids;
  int64_t seconds = 5;
  int64_t warmup_seconds = 1;
  int64_t runs = 3;
  int64_t seed = 1;
  bool json = false;
  BoltGraphShape shape;
  BoltLoadOptions load;
};

std::string NamesOfBoltSuites() {
  std::vector<std::string> names;
  for (const BoltSuite& suite : BoltSuites()) names.emplace_back(suite.name);
  return absl::StrJoin(names, ",");
}

absl::StatusOr<std::vector<const BoltSuite*>> ChosenBoltSuites(const std::string& wanted) {
  std::vector<const BoltSuite*> chosen;
  for (const absl::string_view name : absl::StrSplit(wanted, ',')) {
    const auto suites = BoltSuites();
    const auto found = std::find_if(suites.begin(), suites.end(), [name](const BoltSuite& suite) {
      return ToAbsl(suite.name) == name;
    });
    if (found == suites.end()) {
      return absl::InvalidArgumentError(absl::StrCat("--suites: there is no suite \"", name,
                                                     "\"; there are: ", NamesOfBoltSuites()));
    }
    chosen.push_back(&*found);
  }
  return chosen;
}

absl::StatusOr<std::vector<int64_t>> NumbersOf(const std::string& text, std::string_view flag,
                                               int64_t max) {
  std::vector<int64_t> numbers;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(part, &number) || number < 1 || number > max) {
      return absl::InvalidArgumentError(
          absl::StrCat(ToAbsl(flag), ": \"", part, "\" is not a number from 1 to ", max));
    }
    numbers.push_back(number);
  }
  return numbers;
}

void AddBoltFlags(cli::FlagSet* flags, BoltBenchOptions* options) {
  bolt_client::ConnectionOptions* const connection = &options->load.connection;
  flags->AddString("address", &options->address,
                   "of the server: HOST:PORT, or bolt://, bolt+s:// (TLS), bolt+ssc:// (TLS with "
                   "any certificate), neo4j:// before it");
  flags->AddString("user", &connection->user, "who logs in; empty: nobody");
  flags->AddString("password-file", &options->password_file, "its first line is the password");
  flags->AddString("database", &connection->database, "empty: the server's own");
  flags->AddString("tls-ca", &connection->ca_file,
                   "PEM file of the authorities to be trusted; empty: those of the machine");
  flags->AddChoice("graph", &options->graph, {"small", "medium"},
                   "10,000 vertices and 121,716 edges, or 100,000 and 1,768,515");
  flags->AddString("suites", &options->suites, "which, with commas between");
  flags->AddString("connections", &options->connection_counts, "how many, one after the other");
  flags->AddInt("seconds", &options->seconds, 1, kMaxSeconds, "of each run");
  flags->AddInt("warmup-seconds", &options->warmup_seconds, 0, kMaxSeconds,
                "before the first run of a row, not counted");
  flags->AddInt("runs", &options->runs, 1, 100, "of each row, of which the median counts");
  flags->AddInt("seed", &options->seed, 1, 1'000'000'000, "of the graph and of the operations");
  flags->AddList("server-pid", &options->server_pids,
                 "processes of the server on this machine, with commas between, whose processor "
                 "time counts");
  flags->AddBool("json", &options->json, "one JSON document on stdout instead of text");
}

// Says how to log in when that is what failed.
absl::StatusOr<std::unique_ptr<bolt_client::Connection>> OpenConnection(
    const bolt_client::ConnectionOptions& options) {
  auto connection = bolt_client::Connection::Open(options);
  const std::string code = bolt_client::ServerCode(connection.status());
  if (code.empty()) return connection;
  const char* const advice = code.starts_with("Neo.ClientError.Security.")
                                 ? "; log in with --user and --password-file"
                                 : "";
  return absl::Status(
      connection.status().code(),
      absl::StrCat(options.address.ToString(), ": ", MessageWithCode(connection.status()), advice));
}

absl::Status FillPassword(const std::string& file, bolt_client::ConnectionOptions* connection) {
  if (connection->user.empty() != file.empty()) {
    return absl::InvalidArgumentError(
        "--user and --password-file belong together; give both or none");
  }
  if (file.empty()) return absl::OkStatus();
  env::PosixFileSystem files;
  ASSIGN_OR_RETURN(connection->password, env::ReadWholeFile(&files, file, kMaxPasswordBytes));
  std::string& password = connection->password;
  password.erase(std::min(password.find_first_of("\r\n"), password.size()));
  return absl::OkStatus();
}

absl::Status FillBoltOptions(BoltBenchOptions* options) {
  bolt_client::ConnectionOptions* const connection = &options->load.connection;
  ASSIGN_OR_RETURN(connection->address, bolt_client::ParseAddress(options->address));
  connection->user_agent = "tidemark-bench";
  RETURN_IF_ERROR(FillPassword(options->password_file, connection));
  if (!options->server_pids.empty()) {
    ASSIGN_OR_RETURN(options->load.server_pids, NumbersOf(absl::StrJoin(options->server_pids, ","),
                                                          "--server-pid", INT32_MAX));
    RETURN_IF_ERROR(CpuSecondsOf(options->load.server_pids).status());
  }
  options->shape = options->graph == "small" ? kSmallShape : kMediumShape;
  options->shape.seed = static_cast<uint64_t>(options->seed);
  options->load.vertices = options->shape.vertices;
  return absl::OkStatus();
}

absl::StatusOr<BoltLoadResult> RunOnce(const BoltBenchOptions& options, const BoltSuite& suite,
                                       int64_t connections, int64_t run_number) {
  BoltLoadOptions load = options.load;
  load.connections = connections;
  load.duration_ms = 1'000 * (run_number == 0 ? options.warmup_seconds : options.seconds);
  load.seed = static_cast<uint64_t>(options.seed * 1'000'000 + run_number * kMaxConnections);
  ASSIGN_OR_RETURN(BoltLoadResult result, RunBoltLoad(load, suite));
  if (result.operations > 0) return result;
  return absl::Status(
      result.first_error.code(),
      absl::StrCat("suite ", ToAbsl(suite.name), " over ", connections,
                   " connections: nothing succeeded: ", MessageWithCode(result.first_error)));
}

absl::StatusOr<BoltRow> MeasureRow(const BoltBenchOptions& options, const BoltSuite& suite,
                                   int64_t connections) {
  BoltRow row{.suite = std::string(suite.name), .connections = connections};
  // The one with number 0 warms up.
  for (int64_t i = options.warmup_seconds > 0 ? 0 : 1; i <= options.runs; ++i) {
    ASSIGN_OR_RETURN(const BoltLoadResult result, RunOnce(options, suite, connections, i));
    if (i > 0) row.Add(result, !options.load.server_pids.empty());
  }
  return row;
}

void WriteHead(const BoltBenchOptions& options, const bolt_client::Connection& connection,
               cli::JsonWriter* json) {
  json->Key("address").String(options.load.connection.address.ToString());
  json->Key("server").String(connection.server());
  json->Key("graph").String(options.graph);
  json->Key("vertices").Number(options.shape.vertices);
  json->Key("edges").Number(options.shape.edges);
  json->Key("seed").Number(options.seed);
  json->Key("seconds").Number(options.seconds);
  json->Key("cores").Number(static_cast<int64_t>(sysconf(_SC_NPROCESSORS_ONLN)));
}

absl::Status MeasureAll(const BoltBenchOptions& options) {
  ASSIGN_OR_RETURN(const auto suites, ChosenBoltSuites(options.suites));
  ASSIGN_OR_RETURN(const auto counts,
                   NumbersOf(options.connection_counts, "--connections", kMaxConnections));
  ASSIGN_OR_RETURN(const auto connection, OpenConnection(options.load.connection));
  const absl::Status status = PrepareBoltGraph(options.shape, connection.get());
  if (!status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat("the graph cannot be loaded: ", MessageWithCode(status)));
  }
  cli::JsonWriter json;
  json.BeginObject();
  WriteHead(options, *connection, &json);
  json.Key("rows").BeginArray();
  if (!options.json) std::printf("%s\n", BoltTableHead().c_str());
  for (const BoltSuite* suite : suites) {
    for (const int64_t count : counts) {
      std::fflush(stdout);
      ASSIGN_OR_RETURN(const BoltRow row, MeasureRow(options, *suite, count));
      if (!options.json) std::printf("%s\n", BoltTableLine(row).c_str());
      WriteBoltRow(row, &json);
      if (!suite->leaves_temporary) continue;
      // So that every row works on the same graph.
      RETURN_IF_ERROR(RemoveTemporary(options.shape.vertices, connection.get()));
    }
  }
  json.EndArray();
  json.EndObject();
  if (options.json) std::printf("%s\n", json.text().c_str());
  return absl::OkStatus();
}

}  // namespace

int RunBoltBench(const std::vector<std::string>& args) {
  BoltBenchOptions options;
  options.suites = NamesOfBoltSuites();
  cli::FlagSet flags(
      "bench bolt", "[--address=ADDRESS] [flags]",
      "Measures any server that speaks Bolt: loads a graph of the shape of a social\n"
      "network by plain Cypher, unless it is there, and runs each suite over each\n"
      "number of connections. Operations that fail for a moment are tried again, as\n"
      "drivers do it; their time counts from the first attempt. It writes vertices\n"
      ":BenchUser, :BenchGraph and :BenchTemporary and touches nothing else.");
  AddBoltFlags(&flags, &options);
  if (const std::optional<int> code = cli::ParseCommandLine("bench bolt", args, &flags)) {
    return *code;
  }
  // A connection that breaks is an error of its operation.
  signal(SIGPIPE, SIG_IGN);
  absl::Status status = FillBoltOptions(&options);
  if (status.ok()) status = MeasureAll(options);
  return cli::ReportAndExitCode("bench bolt", status);
}

}  // namespace tidemark::bench
