// SPDX-License-Identifier: Apache-2.0
#include "host/node_options.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_units.h"
#include "durability/file_format.h"
#include "env/posix_file_system.h"
#include "env/process_limits.h"
#include "rpc/listen_address.h"

namespace tidemark::host {
namespace {

constexpr size_t kMaxSecretBytes = 4096;

void AddDurabilityFlags(cli::FlagSet* flags, NodeOptions* o) {
  flags->AddBool("synchronous-commit", &o->synchronous_commit,
                 "the end of a transaction waits until it is on disk on every worker it wrote to");
  flags->AddInt("wal-flush-interval-ms", &o->wal_flush_interval_ms, 1, 60'000,
                "longest time between two flush broadcasts while there is something to flush");
  flags->AddInt("snapshot-interval-sec", &o->snapshot_interval_sec, 0, 86'400 * 30,
                "time between synchronized snapshots; 0 = only on request");
  flags->AddInt("snapshot-retention", &o->snapshot_retention, 1, 1000,
                "complete snapshots kept, with the WAL back to the oldest of them");
  flags->AddBool("snapshot-on-exit", &o->snapshot_on_exit,
                 "a clean stop takes a snapshot, so that the next start has nothing to replay");
  flags->AddBool("wal", &o->wal, "log every change; off: recovery from snapshots only");
  flags->AddChoice("recovery-point", &o->recovery_point, {"watermark", "longest"},
                   "longest: after a loss of all processes also keep what lies above the watermark "
                   "if every participant still has it");
  flags->AddInt("wal-segment-mb", &o->wal_segment_mb, 1, 4096, "size of a WAL segment");
  flags->AddInt("memory-limit-mb", &o->memory_limit_mb, 0, int64_t{1} << 30,
                "memory of each worker's graph; beyond it writes are refused; 0 = a share of five "
                "eighths of the machine's or container's");
  flags->AddInt(
      "client-memory-mb", &o->client_memory_mb, 0, int64_t{1} << 20,
      "memory of requests, results and queries at the master, at least 256; 0 = an eighth "
      "of the machine's or container's");
  flags->AddInt("transaction-timeout-sec", &o->transaction_timeout_sec, 1, 86'400,
                "a transaction that is open longer is rolled back");
  flags->AddInt("idle-timeout-sec", &o->idle_timeout_sec, 1, 86'400,
                "a transaction without any operation for this long is rolled back");
}

// A cluster starts its master again at the same port, so it cannot be any.
void AddPort(const NodeFlags& which, const std::string& name, const std::string& what,
             int64_t* port, cli::FlagSet* flags) {
  flags->AddInt(name, port, which.many ? 1 : 0, 65535, which.many ? what : what + "; 0 = any");
}

void AddBoltFlags(const NodeFlags& which, cli::FlagSet* flags, NodeOptions* o) {
  flags->AddBool("bolt", &o->bolt, "serve Cypher to Neo4j drivers");
  AddPort(which, "bolt-port", "port of Bolt", &o->bolt_port, flags);
  flags->AddString("bolt-advertised-address", &o->bolt_advertised_address,
                   "host:port that drivers with neo4j:// are told; default: as they came");
  flags->AddString("auth-user", &o->auth_user,
                   "the user that Bolt clients log in as; default: nobody has to log in");
  flags->AddString("auth-password-file", &o->auth_password_file,
                   "file with the password of --auth-user");
}

void AddSecurityFlags(const NodeFlags& which, cli::FlagSet* flags, NodeOptions* o) {
  flags->AddString("tls-ca", &o->tls.ca_file, "PEM file of the authority that signs every peer");
  flags->AddString("tls-cert", &o->tls.cert_file, "PEM file of this node's certificate");
  flags->AddString("tls-key", &o->tls.key_file, "PEM file of this node's key");
  flags->AddString("cluster-secret-file", &o->cluster_secret_file,
                   "file with the secret that every node of the cluster must know");
  if (which.listens || which.master) {
    flags->AddBool("insecure-public", &o->insecure_public,
                   "allow to listen on an address that other machines can reach without TLS");
  }
}

}  // namespace

void AddNodeFlags(const NodeFlags& which, cli::FlagSet* flags, NodeOptions* o) {
  flags->AddString("data-dir", &o->data_dir, "folder of the data; made when it is not there");
  if (which.master) {
    flags->AddInt("workers", &o->workers, 1, kMaxWorkerCount,
                  "number of workers; fixed when the data directory is made");
  }
  if (which.listens) {
    if (which.many) o->listen.clear();
    flags->AddString("listen", &o->listen,
                     which.many ? "host:port or unix:PATH where the nodes meet; default: a socket "
                                  "in the data directory"
                                : "host:port or unix:PATH for the other nodes");
  }
  if (which.worker) {
    flags->AddString("master", &o->master, "host:port of the master's node port");
    flags->AddInt("node", &o->node, 0, kMaxWorkerCount,
                  "number that an empty data directory asks for; 0 = any");
  }
  if (which.master) {
    flags->AddString("host", &o->host, "address for clients");
    AddPort(which, "grpc-port", "port of the typed client API", &o->grpc_port, flags);
    AddBoltFlags(which, flags, o);
  }
  if (which.one_process) {
    flags->AddInt(
        "threads", &o->threads, 0, kMaxWorkerCount + 1,
        "threads that share the nodes' loops; 0 = one for two cores, at most one a worker");
  }
  if (!which.many && !which.one_process) {
    flags->AddBool("exit-with-parent", &o->exit_with_parent,
                   "stop when the parent process is gone");
  }
  if (which.master) AddDurabilityFlags(flags, o);
  AddSecurityFlags(which, flags, o);
}

absl::Status CheckBoltOptions(const NodeOptions& o) {
  if (o.auth_user.empty() != o.auth_password_file.empty()) {
    return absl::InvalidArgumentError(
        "--auth-user and --auth-password-file belong together; give both or none");
  }
  if (o.bolt_advertised_address.empty()) return absl::OkStatus();
  const absl::Status form = rpc::CheckAddressForm(o.bolt_advertised_address);
  return form.ok() ? form : Annotate(form, "--bolt-advertised-address");
}

absl::Status CheckNodeOptions(const NodeFlags& which, const NodeOptions& o) {
  if (o.data_dir.empty()) {
    return absl::InvalidArgumentError("--data-dir is missing; name a folder for the data");
  }
  if (which.worker && o.master.empty()) {
    return absl::InvalidArgumentError("--master is missing; give the master's host:port");
  }
  if (which.worker) {
    const absl::Status form = rpc::CheckAddressForm(o.master);
    if (!form.ok()) return Annotate(form, "--master");
  }
  if (o.synchronous_commit && !o.wal) {
    return absl::InvalidArgumentError(
        "--synchronous-commit needs the WAL, but --no-wal is given; drop one of the two");
  }
  if (o.recovery_point == "longest" && !o.wal) {
    return absl::InvalidArgumentError(
        "--recovery-point=longest needs the WAL, but --no-wal is given; drop one of the two");
  }
  constexpr int64_t kMinClientMemoryMb = kMinClientMemoryBytes >> 20;
  if (o.client_memory_mb > 0 && o.client_memory_mb < kMinClientMemoryMb) {
    return absl::InvalidArgumentError(absl::StrCat("--client-memory-mb=", o.client_memory_mb,
                                                   " is too small; give at least ",
                                                   kMinClientMemoryMb, ", or 0"));
  }
  RETURN_IF_ERROR(CheckBoltOptions(o));
  const bool all = !o.tls.ca_file.empty() && !o.tls.cert_file.empty() && !o.tls.key_file.empty();
  if (o.tls.enabled() && !all) {
    return absl::InvalidArgumentError(
        "--tls-ca, --tls-cert and --tls-key belong together; give all three or none");
  }
  return absl::OkStatus();
}

uint64_t DefaultMemoryLimitBytes(int64_t worker_count) {
  env::PosixFileSystem files;
  return env::UsableMemoryBytes(&files) / 8 * 5 /
         static_cast<uint64_t>(std::max<int64_t>(worker_count, 1));
}

uint64_t ClientMemoryBytes() {
  env::PosixFileSystem files;
  return std::clamp(env::UsableMemoryBytes(&files) / 8, kMinClientMemoryBytes,
                    kMaxClientMemoryBytes);
}

// The secret in a file, without its line end; empty without a file.
absl::StatusOr<std::string> ReadSecret(const char* flag, const std::string& file) {
  if (file.empty()) return std::string();
  env::PosixFileSystem files;
  absl::StatusOr<std::string> text = env::ReadWholeFile(&files, file, kMaxSecretBytes);
  if (!text.ok()) return Annotate(text.status(), flag);
  absl::StripTrailingAsciiWhitespace(&*text);
  if (text->empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": ", file, " is empty; write a secret to it"));
  }
  return text;
}

absl::StatusOr<std::string> ReadClusterSecret(const NodeOptions& options) {
  return ReadSecret("--cluster-secret-file", options.cluster_secret_file);
}

absl::StatusOr<std::string> ReadPassword(const NodeOptions& options) {
  RETURN_IF_ERROR(CheckBoltOptions(options));
  return ReadSecret("--auth-password-file", options.auth_password_file);
}

master::MasterOptions MakeMasterOptions(const NodeOptions& o, const std::string& secret) {
  master::MasterOptions options;
  options.data_directory = o.data_dir;
  options.worker_count = static_cast<uint32_t>(o.workers);
  options.snapshot_on_exit = o.snapshot_on_exit;
  options.client_memory_bytes = o.client_memory_mb > 0
                                    ? static_cast<uint64_t>(o.client_memory_mb) << 20
                                    : ClientMemoryBytes();
  options.pid = static_cast<uint64_t>(getpid());
  options.address = o.listen;
  txn::CoordinatorOptions& c = options.coordinator;
  c.synchronous_commit = o.synchronous_commit;
  c.wal = o.wal;
  c.recovery_point =
      o.recovery_point == "longest" ? txn::RecoveryPoint::kLongest : txn::RecoveryPoint::kWatermark;
  c.wal_flush_interval_micros = o.wal_flush_interval_ms * kMicrosPerMs;
  c.snapshot_interval_micros = o.snapshot_interval_sec * kMicrosPerSecond;
  c.snapshot_retention_count = static_cast<uint32_t>(o.snapshot_retention);
  c.transaction_limit_micros = o.transaction_timeout_sec * kMicrosPerSecond;
  c.idle_limit_micros = o.idle_timeout_sec * kMicrosPerSecond;
  c.wal_segment_bytes = static_cast<uint64_t>(o.wal_segment_mb) << 20;
  c.memory_limit_bytes = static_cast<uint64_t>(o.memory_limit_mb) << 20;
  c.credential = secret;
  c.build = BuildName();
  return options;
}

// "host:/absolute/path": a worker has no port of its own, its directory says where it is.
std::string PlaceOf(const std::string& directory) {
  char host[HOST_NAME_MAX + 1] = {};
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(directory, error);
  return absl::StrCat(host, ":", error ? directory : path.lexically_normal().string());
}

worker::WorkerOptions MakeWorkerOptions(const NodeOptions& o, const std::string& secret) {
  worker::WorkerOptions options;
  options.data_directory = o.data_dir;
  options.address = PlaceOf(o.data_dir);
  options.wanted_node = NodeId(static_cast<uint32_t>(o.node));
  options.credential = secret;
  options.pid = static_cast<uint64_t>(getpid());
  options.build = BuildName();
  options.default_memory_limit_bytes = DefaultMemoryLimitBytes(1);
  return options;
}

std::string BuildName() { return TIDEMARK_VERSION; }

}  // namespace tidemark::host
