// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "base/status.h"
#include "bench/probes.h"
#include "bench/suites.h"

namespace tidemark::bench {
namespace {

void Add(const BenchContext& context, const std::string& name, const Samples& micros) {
  BenchRow median{"limits", name, "us", {}, "", 0, {}};
  median.figure.Add(micros.Median());
  context.report->Add(std::move(median));
  BenchRow tail{"limits", name + ", p99", "us", {}, "", 0, {}};
  tail.figure.Add(micros.Quantile(0.99));
  context.report->Add(std::move(tail));
}

}  // namespace

absl::Status RunLimitsSuite(const BenchContext& context) {
  for (const bool preallocated : {true, false}) {
    ASSIGN_OR_RETURN(const Samples micros,
                     MeasureSync(context.files, context.clock, context.directory, preallocated));
    Add(context, preallocated ? "fdatasync, preallocated file" : "fdatasync, growing file", micros);
  }
  ASSIGN_OR_RETURN(const Samples tcp, MeasureHop(context.clock, "127.0.0.1:0"));
  Add(context, "message hop, TCP", tcp);
  ASSIGN_OR_RETURN(const Samples local,
                   MeasureHop(context.clock, "unix:" + context.directory + "/hop.sock"));
  Add(context, "message hop, unix socket", local);
  return absl::OkStatus();
}

}  // namespace tidemark::bench
