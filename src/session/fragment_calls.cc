// SPDX-License-Identifier: Apache-2.0
#include "session/fragment_calls.h"

#include <iterator>
#include <utility>

namespace tidemark::session {

void FragmentCalls::Start(NodeId worker, const query::plan::Remote& remote,
                          const query::BatchRef& input, OnRows on_rows) {
  absl::StatusOr<std::unique_ptr<exec::RemoteRun>> run = workers_.Open(worker, remote, {input, {}});
  if (!run.ok()) return on_rows(run.status());
  runs_.push_back(*std::move(run));
  Ask(std::prev(runs_.end()), std::move(on_rows));
}

void FragmentCalls::Ask(Place run, OnRows on_rows) {
  (*run)->Next([this, run, on_rows = std::move(on_rows),
                alive = std::weak_ptr<bool>(alive_)](absl::StatusOr<exec::FragmentRows> rows) {
    if (rows.ok()) {
      const absl::Status unpacked = exec::Unpack(slabs_.get(), &*rows);
      if (!unpacked.ok()) rows = unpacked;
    }
    const bool is_end = !rows.ok() || rows->is_end;
    // First: nothing of the run may be left when the calls are destroyed.
    if (is_end) runs_.erase(run);
    on_rows(rows);
    if (!is_end && !alive.expired()) Ask(run, on_rows);
  });
}

}  // namespace tidemark::session
