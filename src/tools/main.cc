// SPDX-License-Identifier: Apache-2.0
// tidemark: one binary, with subcommands.
#include <glog/logging.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/planted_bug.h"
#include "bench/bench_command.h"
#include "cli/exit_code.h"
#include "drill/drill_command.h"
#include "host/cluster_command.h"
#include "host/node_commands.h"
#include "host/node_options.h"
#include "import/generate/generate_command.h"
#include "import/import_command.h"
#include "net/tls.h"
#include "shell/shell_command.h"
#include "tools/demo/demo_command.h"
#include "tools/status_command.h"
#include "tools/trace_command.h"
#include "tools/verify/verify_command.h"

// Read by jemalloc before main: memory comes in huge pages where the kernel has them, which
// shortens the way through the page table to a random vertex, and what is free for long goes back
// to the kernel from a thread of its own (docs/decisions/allocator.md).
extern "C" {
const char* malloc_conf = "thp:always,metadata_thp:auto,background_thread:true";
}

namespace tidemark::tools {
namespace {

struct Command {
  const char* name;
  int (*run)(const std::vector<std::string>& args);
  const char* summary;
};

constexpr Command kCommands[] = {
    {"cluster", host::RunCluster, "one master and N workers on this machine, supervised"},
    {"server", host::RunServer, "a master and its workers in one process"},
    {"master", host::RunMaster, "the master of a cluster"},
    {"worker", host::RunWorker, "one worker of a cluster"},
    {"shell", shell::RunShell, "runs Cypher at any server that speaks Bolt"},
    {"status", RunStatus, "the state of a running cluster"},
    {"trace", RunTrace, "where the time of one commit goes: hops, syncs, work"},
    {"demo", RunDemo, "writes, kills and recovers a cluster before your eyes"},
    {"drill", drill::RunDrill,
     "crashes and restarts of a cluster, with a check of what was promised"},
    {"import", csv_import::RunImport, "makes the data directory of a cluster from CSV files"},
    {"generate", csv_import::RunGenerate, "writes a random graph as CSV files"},
    {"inspect", RunInspect, "prints a file of a data directory"},
    {"bench", bench::RunBench, "measures this build on this machine, beside its limits"},
    {"verify", RunVerify, "checks data directories, byte by byte and edge by edge"},
};

void PrintUsage(std::FILE* out) {
  std::fputs("usage: tidemark COMMAND [flags]\n\ncommands:\n", out);
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-10s %s\n", command.name, command.summary);
  }
  std::fputs(
      "\n`tidemark COMMAND --help` lists the flags of a command; `tidemark --version` the "
      "version.\n",
      out);
}

// The nodes of a drill get their bug through the environment.
void SwitchOnPlantedBug() {
#ifdef TIDEMARK_PLANTED_BUGS
  if (const char* name = std::getenv("TIDEMARK_PLANTED_BUG"); name != nullptr) SetPlantedBug(name);
#endif
}

int Main(int argc, char** argv) {
  net::KeepTlsToTheEnd();
  SwitchOnPlantedBug();
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(argv[0]);
  if (argc < 2) {
    PrintUsage(stderr);
    return kExitUsage;
  }
  const std::string_view name = argv[1];
  const std::vector<std::string> args(argv + 2, argv + argc);
  if (name == "help" || name == "--help" || name == "-h") {
    PrintUsage(stdout);
    return kExitOk;
  }
  if (name == "--version" || name == "version") {
    std::printf("tidemark %s\n", host::BuildName().c_str());
    return kExitOk;
  }
  for (const Command& command : kCommands) {
    if (name == command.name) return command.run(args);
  }
  std::fprintf(stderr, "tidemark: there is no command \"%s\"; `tidemark help` lists them\n",
               argv[1]);
  return kExitUsage;
}

}  // namespace
}  // namespace tidemark::tools

int main(int argc, char** argv) { return tidemark::tools::Main(argc, argv); }
