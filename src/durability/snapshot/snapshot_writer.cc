// SPDX-License-Identifier: Apache-2.0
#include "durability/snapshot/snapshot_writer.h"

#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::durability {

using env::JobQueue;

// `file` and `status` belong to the jobs, which run one after the other; the rest to the loop.
struct SnapshotWriter::Shared {
  env::FileSystem* files = nullptr;
  env::Executor* executor = nullptr;
  SnapshotOptions options;

  std::unique_ptr<SnapshotFile> file;
  absl::Status status;

  int chunks_in_flight = 0;
  bool finishing = false;
  bool abandoned = false;
  std::function<void()> on_ready;
};

SnapshotWriter::SnapshotWriter(env::FileSystem* files, env::Executor* executor,
                               const SnapshotOptions& options)
    : shared_(std::make_shared<Shared>()) {
  shared_->files = files;
  shared_->executor = executor;
  shared_->options = options;
  executor->Submit(
      JobQueue::kSnapshot,
      [shared = shared_] {
        absl::StatusOr<std::unique_ptr<SnapshotFile>> file =
            SnapshotFile::Create(shared->files, shared->options);
        shared->status = file.status();
        if (file.ok()) shared->file = *std::move(file);
      },
      [] {});
}

SnapshotWriter::~SnapshotWriter() {
  shared_->abandoned = true;
  shared_->on_ready = nullptr;
  shared_->executor->Submit(
      JobQueue::kSnapshot, [shared = shared_] { shared->file.reset(); }, [] {});
}

bool SnapshotWriter::Ready() const { return shared_->chunks_in_flight < kMaxChunksInFlight; }

void SnapshotWriter::set_on_ready(std::function<void()> on_ready) {
  shared_->on_ready = std::move(on_ready);
}

void SnapshotWriter::AddChunk(SlotId slot, std::string mutations) {
  CHECK(Ready());
  CHECK(!shared_->finishing);
  ++shared_->chunks_in_flight;
  shared_->executor->Submit(
      JobQueue::kSnapshot,
      [shared = shared_, slot, mutations = std::move(mutations)] {
        if (shared->status.ok()) shared->status = shared->file->AddChunk(slot, mutations);
      },
      [shared = shared_] {
        --shared->chunks_in_flight;
        if (shared->on_ready) shared->on_ready();
      });
}

void SnapshotWriter::Finish(std::function<void(absl::StatusOr<SnapshotInfo>)> done) {
  CHECK(!shared_->finishing);
  shared_->finishing = true;
  auto result = std::make_shared<absl::StatusOr<SnapshotInfo>>(SnapshotInfo());
  shared_->executor->Submit(
      JobQueue::kSnapshot,
      [shared = shared_, result] {
        if (shared->status.ok()) {
          *result = shared->file->Finish();
        } else {
          *result = shared->status;
        }
        shared->file.reset();
      },
      [shared = shared_, result, done = std::move(done)] {
        if (!shared->abandoned) done(std::move(*result));
      });
}

}  // namespace tidemark::durability
