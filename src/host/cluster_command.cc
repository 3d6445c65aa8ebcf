// SPDX-License-Identifier: Apache-2.0
#include "host/cluster_command.h"

#include <optional>

#include "base/status.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "host/bolt_door.h"
#include "host/node_options.h"
#include "host/supervisor.h"
#include "rpc/listen_address.h"

namespace tidemark::host {
namespace {

// Where the nodes of this machine meet when nobody says: on a unix socket, which costs a third less
// per message than TCP. TLS checks host names, and a long path does not fit a socket's address.
std::string DefaultListenAddress(const NodeOptions& options) {
  constexpr size_t kMaxPathBytes = 100;
  const std::string path = options.data_dir + "/nodes.sock";
  if (options.tls.enabled() || path.size() > kMaxPathBytes) return NodeOptions().listen;
  return "unix:" + path;
}

// What would make every start of a child fail is said once, here.
absl::Status CheckBeforeStart(const NodeOptions& options) {
  const std::string clients = rpc::JoinHostPort(options.host, options.grpc_port);
  for (const std::string& address : {options.listen, clients}) {
    const absl::Status status =
        rpc::CheckListenAddress(address, options.tls.enabled(), options.insecure_public);
    if (!status.ok()) return status;
    const absl::Status free = rpc::ProbeListenAddress(address);
    if (!free.ok()) return free;
  }
  if (options.bolt) {
    RETURN_IF_ERROR(CheckBoltAddress(options));
    RETURN_IF_ERROR(ReadPassword(options).status());
    RETURN_IF_ERROR(rpc::ProbeListenAddress(rpc::JoinHostPort(options.host, options.bolt_port)));
  }
  return ReadClusterSecret(options).status();
}

}  // namespace

int RunCluster(const std::vector<std::string>& args) {
  NodeOptions options;
  cli::FlagSet flags(
      "cluster", "--data-dir=D [--workers=3] [flags]",
      "Starts one master and N workers as processes of this machine, starts again what\n"
      "dies or hangs, and stops all of them cleanly on SIGTERM or Ctrl-C.");
  NodeFlags which;
  which.master = which.listens = which.many = true;
  AddNodeFlags(which, &flags, &options);
  if (const std::optional<int> code = cli::ParseCommandLine("cluster", args, &flags)) return *code;
  if (options.listen.empty()) options.listen = DefaultListenAddress(options);
  absl::Status status = CheckNodeOptions(which, options);
  if (status.ok()) status = CheckBeforeStart(options);
  if (!status.ok()) return cli::ReportAndExitCode("cluster", status);
  StopSignal signal;
  Supervisor supervisor(options, &signal);
  status = supervisor.Start();
  if (!status.ok()) return cli::ReportAndExitCode("cluster", status);
  return supervisor.Run();
}

}  // namespace tidemark::host
