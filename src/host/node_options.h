// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/flags.h"
#include "master/master_node.h"
#include "rpc/tls_options.h"
#include "worker/worker_node.h"

namespace tidemark::host {

// The flags of the subcommands that run nodes, as plain values.
struct NodeOptions {
  std::string data_dir;
  int64_t workers = 3;
  int64_t node = 0;
  std::string listen = "127.0.0.1:7600";
  std::string master;
  std::string host = "127.0.0.1";
  int64_t grpc_port = 7690;
  bool bolt = true;
  int64_t bolt_port = 7687;
  std::string bolt_advertised_address;
  std::string auth_user;
  std::string auth_password_file;
  int64_t threads = 0;
  bool exit_with_parent = false;

  bool synchronous_commit = false;
  int64_t wal_flush_interval_ms = 100;
  int64_t snapshot_interval_sec = 300;
  int64_t snapshot_retention = 3;
  bool snapshot_on_exit = true;
  bool wal = true;
  std::string recovery_point = "watermark";
  int64_t wal_segment_mb = 64;
  int64_t memory_limit_mb = 0;
  int64_t client_memory_mb = 0;
  int64_t transaction_timeout_sec = 3600;
  int64_t idle_timeout_sec = 300;

  rpc::TlsOptions tls;
  std::string cluster_secret_file;
  bool insecure_public = false;
};

// The groups of flags that a subcommand has.
struct NodeFlags {
  bool master = false;       // durability, client port
  bool worker = false;       // joins a master
  bool listens = false;      // has a node port
  bool many = false;         // all nodes of a cluster (cluster, server)
  bool one_process = false;  // server
};
void AddNodeFlags(const NodeFlags& which, cli::FlagSet* flags, NodeOptions* options);

// kInvalidArgument for what is missing or contradicts itself.
absl::Status CheckNodeOptions(const NodeFlags& which, const NodeOptions& options);

// The memory that the workers of this machine, or container, may use together, each its share.
uint64_t DefaultMemoryLimitBytes(int64_t worker_count);
// What requests and results of clients may take at a master: an eighth, within bounds.
uint64_t ClientMemoryBytes();
inline constexpr uint64_t kMinClientMemoryBytes = uint64_t{256} << 20;
inline constexpr uint64_t kMaxClientMemoryBytes = uint64_t{16} << 30;

// The secret in --cluster-secret-file without its line end; empty without the flag.
absl::StatusOr<std::string> ReadClusterSecret(const NodeOptions& options);

// The password of --auth-user; empty without that flag. kInvalidArgument when the two are not
// given together, or the file is of no use.
absl::StatusOr<std::string> ReadPassword(const NodeOptions& options);

master::MasterOptions MakeMasterOptions(const NodeOptions& options, const std::string& secret);
worker::WorkerOptions MakeWorkerOptions(const NodeOptions& options, const std::string& secret);

// "0.1.0": what this binary says of itself.
std::string BuildName();

}  // namespace tidemark::host
