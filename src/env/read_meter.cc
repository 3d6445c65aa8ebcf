// SPDX-License-Identifier: Apache-2.0
#include "env/read_meter.h"

#include <utility>

#include "base/status.h"

namespace tidemark::env {
namespace {

// A file whose reads are counted. Owner: whoever opened it. Threads: as File.
class MeteredFile : public File {
 public:
  MeteredFile(std::unique_ptr<File> file, std::string path, ReadMeter* meter)
      : file_(std::move(file)), path_(std::move(path)), meter_(meter) {}

  absl::Status WriteAt(uint64_t offset, std::string_view bytes) override {
    return file_->WriteAt(offset, bytes);
  }
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) override {
    if (meter_->cancelled) {
      return absl::CancelledError(absl::StrCat(path_, ": reading was ended early"));
    }
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(offset, buffer, size));
    meter_->read_bytes += got;
    return got;
  }
  absl::Status Sync() override { return file_->Sync(); }
  absl::Status Truncate(uint64_t size) override { return file_->Truncate(size); }
  absl::Status Preallocate(uint64_t size) override { return file_->Preallocate(size); }
  absl::StatusOr<uint64_t> Size() override { return file_->Size(); }

 private:
  const std::unique_ptr<File> file_;
  const std::string path_;
  ReadMeter* const meter_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<File>> MeteredFiles::Open(const std::string& path, OpenMode mode) {
  ASSIGN_OR_RETURN(std::unique_ptr<File> file, files_->Open(path, mode));
  return std::make_unique<MeteredFile>(std::move(file), path, meter_);
}

}  // namespace tidemark::env
