// SPDX-License-Identifier: Apache-2.0
#include "durability/master_log/master_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "durability/master_log/master_log_file.h"
#include "durability/wal/group_sync.h"

namespace tidemark::durability {
namespace {

// The end of a generation is for what must be logged on a full disk.
constexpr uint64_t kMaxReserveBytes = 1 << 20;
// How often a full disk is looked at.
constexpr int64_t kMasterRoomRetryMicros = 1'000'000;

}  // namespace

using FilePtr = std::shared_ptr<env::File>;

class MasterLog::Impl : public std::enable_shared_from_this<MasterLog::Impl> {
 public:
  Impl(env::FileSystem* files, env::Executor* executor, const MasterLogOptions& options,
       MasterLogContents contents, FilePtr file)
      : files_(files),
        executor_(executor),
        options_(options),
        contents_(std::move(contents)),
        file_(std::move(file)),
        seed_(RecordSeed(MasterLogHeader(options, contents_.generation))),
        buffer_offset_(contents_.end),
        copies_end_(contents_.end + JoinNewest(contents_).size()) {
    sync_ = std::make_shared<GroupSync>(executor, options.clock, [this] { return WriteOut(); });
    sync_->Resume(contents_.next_sequence - 1);
  }
  ~Impl() { sync_->Stop(); }

  uint64_t Append(const MasterLogRecord& record);
  GroupSync* sync() { return sync_.get(); }
  uint64_t synced() const { return sync_->synced(); }
  const absl::Status& disk_full() const { return disk_full_; }
  const MasterLogContents& contents() const { return contents_; }
  std::string DescribeEnd() const { return durability::DescribeEnd(options_, contents_); }
  void CheckInvariants() const;

 private:
  std::optional<GroupSync::Written> WriteOut();
  bool Write();
  std::string TakeCopies();
  // Has the file of the next generation made in time.
  void WantNextFile();
  void PrepareNextFile();
  void OnNextFile(uint64_t size, const absl::Status& status);
  uint64_t Reserve() const { return std::min(options_.growth_bytes / 2, kMaxReserveBytes); }
  void Rewrite();
  void FinishRewrite(FilePtr file, uint64_t synced);

  env::FileSystem* const files_;
  env::Executor* const executor_;
  const MasterLogOptions options_;
  MasterLogContents contents_;  // of the newest generation, with all that was appended
  FilePtr file_;
  uint64_t seed_;
  uint64_t buffer_offset_;
  std::string buffer_;
  uint64_t copies_end_ = 0;  // of the newest write
  bool rewriting_ = false;   // appended records wait in buffer_ for the next generation
  bool failed_ = false;
  uint64_t next_file_bytes_ = 0;  // of the file that is ready for the next generation; 0 = none
  bool preparing_ = false;
  absl::Status disk_full_;  // of the newest attempt to make that file
  std::shared_ptr<GroupSync> sync_;
};

uint64_t MasterLog::Impl::Append(const MasterLogRecord& record) {
  const absl::Status status = contents_.state.Apply(record);
  CHECK(status.ok()) << status;
  const size_t before = buffer_.size();
  AppendMasterLogFrame(record,
                       {.kind = KindOf(record),
                        .epoch = contents_.state.epoch(),
                        .csn = sync_->synced(),
                        .sequence = contents_.next_sequence},
                       seed_, &buffer_);
  contents_.end += buffer_.size() - before;
  NoteNewest(contents_.next_sequence, buffer_.substr(before), sync_->synced(), &contents_);
  sync_->WriteAtTurnEnd();
  return contents_.next_sequence++;
}

// What goes behind the records of the buffer: copies of the newest, and zeroes over the rest of
// those before.
std::string MasterLog::Impl::TakeCopies() {
  std::string copies = JoinNewest(contents_);
  const uint64_t end = buffer_offset_ + buffer_.size() + copies.size();
  if (copies_end_ > end) copies.append(copies_end_ - end, '\0');
  copies_end_ = end;
  return copies;
}

bool MasterLog::Impl::Write() {
  if (buffer_.empty()) return true;
  const std::string copies = TakeCopies();
  if (const absl::Status status = file_->WriteAt(buffer_offset_, buffer_ + copies); !status.ok()) {
    failed_ = true;
    executor_->Fail(status);
    return false;
  }
  buffer_offset_ += buffer_.size();
  buffer_.clear();
  return true;
}

std::optional<GroupSync::Written> MasterLog::Impl::WriteOut() {
  if (failed_ || rewriting_) return std::nullopt;
  if (!Write()) return std::nullopt;
  WantNextFile();
  // Without the file of the next generation this one goes on, into its reserve.
  if (contents_.end + Reserve() >= contents_.file_bytes && next_file_bytes_ > 0) {
    Rewrite();
    return std::nullopt;
  }
  return GroupSync::Written{contents_.next_sequence - 1, {file_}};
}

void MasterLog::Impl::WantNextFile() {
  const uint64_t wanted_at = Reserve() + options_.growth_bytes / 4;
  if (preparing_ || next_file_bytes_ > 0 || !disk_full_.ok()) return;
  if (contents_.end + wanted_at >= contents_.file_bytes) PrepareNextFile();
}

void MasterLog::Impl::PrepareNextFile() {
  preparing_ = true;
  const uint64_t number = contents_.generation + 1;
  // Until it is used the log grows by less than this again.
  const uint64_t size = MakeGeneration(options_, number, contents_.state, 1).file_bytes +
                        options_.growth_bytes / 4 + Reserve();
  auto status = std::make_shared<absl::Status>();
  executor_->Submit(
      env::JobQueue::kLogPrepare,
      [files = files_, executor = executor_, options = options_, number, size, status] {
        *status = PrepareGeneration(files, options, number, size);
        if (!status->ok() && !absl::IsResourceExhausted(*status)) executor->Fail(*status);
      },
      [weak = weak_from_this(), status, size] {
        if (const auto self = weak.lock()) self->OnNextFile(size, *status);
      });
}

void MasterLog::Impl::OnNextFile(uint64_t size, const absl::Status& status) {
  if (!status.ok() && !absl::IsResourceExhausted(status)) return;  // the node has ended
  preparing_ = false;
  if (status.ok()) next_file_bytes_ = size;
  if (status.ok() != disk_full_.ok()) {
    if (status.ok()) {
      LOG(INFO) << "master: there is room for its log again, writes go on";
    } else {
      LOG(WARNING) << "master: " << MessageOf(status) << "; writes are refused, reads go on";
    }
  }
  disk_full_ = status;
  if (disk_full_.ok()) return;
  executor_->RunAfter(kMasterRoomRetryMicros, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->PrepareNextFile();
  });
}

void MasterLog::Impl::Rewrite() {
  rewriting_ = true;
  contents_.newest.clear();
  copies_end_ = 0;
  ++contents_.generation;
  // Records appended from now on follow those of the new generation, in its numbering.
  auto generation = std::make_shared<MasterLogGeneration>(
      MakeGeneration(options_, contents_.generation, contents_.state, contents_.next_sequence,
                     std::exchange(next_file_bytes_, 0)));
  const uint64_t synced = generation->next_sequence - 1;
  contents_.next_sequence = generation->next_sequence;
  contents_.end = generation->bytes.size();
  contents_.file_bytes = generation->file_bytes;
  buffer_offset_ = contents_.end;
  seed_ = RecordSeed(MasterLogHeader(options_, contents_.generation));
  auto result = std::make_shared<absl::StatusOr<FilePtr>>(FilePtr());
  executor_->Submit(
      env::JobQueue::kLogSync,
      [files = files_, executor = executor_, options = options_, generation, result] {
        *result = WriteGeneration(files, options, *generation);
        if (!result->ok()) executor->Fail(result->status());
      },
      [weak = weak_from_this(), result, synced] {
        const auto self = weak.lock();
        if (self != nullptr && result->ok()) self->FinishRewrite(**result, synced);
      });
}

void MasterLog::Impl::FinishRewrite(FilePtr file, uint64_t synced) {
  file_ = std::move(file);
  rewriting_ = false;
  sync_->Resume(synced);
  sync_->WriteAtTurnEnd();
}

void MasterLog::Impl::CheckInvariants() const {
  contents_.state.CheckInvariants();
  sync_->CheckInvariants(contents_.next_sequence - 1);
  CHECK_EQ(buffer_offset_ + buffer_.size(), contents_.end);
}

// --- MasterLog.

absl::StatusOr<std::unique_ptr<MasterLog>> MasterLog::Create(env::FileSystem* files,
                                                             env::Executor* executor,
                                                             const MasterLogOptions& options,
                                                             const ClusterRecord& cluster) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> generations, ListGenerations(files, options));
  if (!generations.empty()) {
    return absl::AlreadyExistsError(
        absl::StrCat(options.directory, "/", MasterLogName(generations.back()), " exists"));
  }
  MasterLogContents contents{.generation = 1,
                             .state = MasterLogState(options.snapshot_retention_count)};
  RETURN_IF_ERROR(contents.state.Apply(cluster));
  const MasterLogGeneration generation = MakeGeneration(options, 1, contents.state, 1);
  ASSIGN_OR_RETURN(FilePtr file, WriteGeneration(files, options, generation));
  contents.next_sequence = generation.next_sequence;
  contents.end = generation.bytes.size();
  contents.file_bytes = generation.file_bytes;
  return std::unique_ptr<MasterLog>(new MasterLog(
      std::make_shared<Impl>(files, executor, options, std::move(contents), std::move(file))));
}

absl::StatusOr<std::unique_ptr<MasterLog>> MasterLog::Open(env::FileSystem* files,
                                                           env::Executor* executor,
                                                           const MasterLogOptions& options) {
  ASSIGN_OR_RETURN(MasterLogContents contents, ReadMasterLog(files, options));
  ASSIGN_OR_RETURN(FilePtr file, OpenGeneration(files, options, contents));
  contents.torn_bytes = 0;
  contents.repaired.clear();
  return std::unique_ptr<MasterLog>(new MasterLog(
      std::make_shared<Impl>(files, executor, options, std::move(contents), std::move(file))));
}

MasterLog::MasterLog(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
MasterLog::~MasterLog() = default;
uint64_t MasterLog::Append(const MasterLogRecord& record) { return impl_->Append(record); }
void MasterLog::SyncThrough(uint64_t position, std::function<void()> done) {
  CHECK_LE(position, last_position());
  impl_->sync()->SyncThrough(position, std::move(done));
}
const absl::Status& MasterLog::disk_full() const { return impl_->disk_full(); }
uint64_t MasterLog::synced() const { return impl_->synced(); }
uint64_t MasterLog::sync_count() const { return impl_->sync()->sync_count(); }
int64_t MasterLog::last_sync_micros() const { return impl_->sync()->last_sync_micros(); }
uint64_t MasterLog::last_position() const { return impl_->contents().next_sequence - 1; }
const MasterLogState& MasterLog::state() const { return impl_->contents().state; }
uint64_t MasterLog::generation() const { return impl_->contents().generation; }
std::string MasterLog::DescribeEnd() const { return impl_->DescribeEnd(); }
const std::vector<std::string>& MasterLog::remarks() const { return impl_->contents().remarks; }
void MasterLog::CheckInvariants() const { impl_->CheckInvariants(); }

}  // namespace tidemark::durability
