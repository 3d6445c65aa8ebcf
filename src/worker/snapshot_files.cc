// SPDX-License-Identifier: Apache-2.0
#include "worker/snapshot_files.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::worker {

void SnapshotFiles::Retain(std::vector<durability::EpochCsn> keep, Csn through,
                           std::function<void()> done) {
  for (const durability::EpochCsn& snapshot : keep) CHECK(snapshot.csn <= through);
  Run([files = env_.files, path = path_, keep = std::move(keep),
       through] { return durability::RetainSnapshots(files, path, keep, through); },
      [done = std::move(done)](const absl::Status& status) {
        if (status.ok()) return done();
        LOG(WARNING) << "old snapshots stay for now: " << MessageOf(status);
      });
}

void SnapshotFiles::RemoveAbove(Csn csn, std::function<void()> done) {
  Run([files = env_.files, path = path_,
       csn] { return durability::RemoveSnapshotsAbove(files, path, csn); },
      [executor = env_.executor, done = std::move(done)](const absl::Status& status) {
        if (!status.ok()) return executor->Fail(status);
        done();
      });
}

void SnapshotFiles::Run(std::function<absl::Status()> job,
                        std::function<void(const absl::Status&)> done) {
  const auto status = std::make_shared<absl::Status>();
  env_.executor->Submit(
      env::JobQueue::kSnapshot, [job = std::move(job), status] { *status = job(); },
      [done = std::move(done), status, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) done(*status);
      });
}

}  // namespace tidemark::worker
