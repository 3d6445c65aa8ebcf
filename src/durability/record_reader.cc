// SPDX-License-Identifier: Apache-2.0
#include "durability/record_reader.h"

#include <algorithm>

#include "base/checksum.h"
#include "base/coding.h"
#include "base/status.h"

namespace tidemark::durability {
namespace {

uint8_t MaxKindOf(FileKind kind) {
  switch (kind) {
    case FileKind::kWal:
      return kMaxWalRecordKind;
    case FileKind::kSnapshot:
      return kMaxSnapshotRecordKind;
    case FileKind::kMasterLog:
      return kMaxMasterLogRecordKind;
  }
  return 0;
}

// The fields of a head, checksum aside.
struct RawHead {
  uint64_t checksum = 0;
  uint32_t body_bytes = 0;
  bool reserved_zero = false;
  RecordHead head;
};

RawHead LoadHead(const char* p) {
  RawHead raw;
  raw.checksum = LoadFixed64(p);
  raw.body_bytes = LoadFixed32(p + 8);
  raw.head.kind = static_cast<uint8_t>(p[12]);
  raw.reserved_zero = p[13] == 0 && p[14] == 0 && p[15] == 0;
  raw.head.epoch = Epoch(LoadFixed64(p + 16));
  raw.head.csn = LoadFixed64(p + 24);
  raw.head.sequence = LoadFixed64(p + 32);
  return raw;
}

}  // namespace

absl::StatusOr<RecordReader> RecordReader::Open(env::FileSystem* files, const std::string& path,
                                                FileKind kind, const FileIdentity& identity) {
  ASSIGN_OR_RETURN(RecordReader reader, OpenAny(files, path, kind));
  RETURN_IF_ERROR(CheckIdentity(reader.header_.identity, identity, path));
  RETURN_IF_ERROR(reader.CheckSize());
  return reader;
}

absl::Status RecordReader::CheckSize() const {
  if (size_ >= header_.made_bytes) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path_, ", offset ", size_,
                                          ": the file is cut short, it was made with ",
                                          header_.made_bytes, " bytes. Restore it from a copy"));
}

absl::StatusOr<RecordReader> RecordReader::OpenAny(env::FileSystem* files, const std::string& path,
                                                   FileKind kind) {
  RecordReader reader;
  reader.path_ = path;
  reader.max_kind_ = MaxKindOf(kind);
  ASSIGN_OR_RETURN(reader.file_, files->Open(path, env::OpenMode::kRead));
  ASSIGN_OR_RETURN(reader.size_, reader.file_->Size());
  ASSIGN_OR_RETURN(const std::string_view bytes, reader.Bytes(0, kFileHeaderBytes));
  ASSIGN_OR_RETURN(reader.header_, DecodeFileHeader(bytes, kind, path));
  reader.seed_ = RecordSeed(reader.header_);
  return reader;
}

absl::StatusOr<std::string_view> RecordReader::Bytes(uint64_t offset, size_t size) {
  if (offset >= size_) return std::string_view();
  size = std::min<uint64_t>(size, size_ - offset);
  if (offset < buffer_offset_ || offset + size > buffer_offset_ + buffer_.size()) {
    const size_t want = std::min<uint64_t>(std::max(size, kReadBlockBytes), size_ - offset);
    buffer_.resize(want);
    buffer_offset_ = offset;
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(offset, buffer_.data(), want));
    buffer_.resize(got);
    size = std::min(size, got);
  }
  return std::string_view(buffer_).substr(offset - buffer_offset_, size);
}

absl::StatusOr<bool> RecordReader::ReadAt(uint64_t offset, Record* record) {
  ASSIGN_OR_RETURN(std::string_view bytes, Bytes(offset, kRecordHeadBytes));
  if (bytes.size() < kRecordHeadBytes) return false;
  const RawHead raw = LoadHead(bytes.data());
  const uint64_t left = size_ - offset - kRecordHeadBytes;
  if (raw.head.kind == 0 || raw.head.kind > max_kind_ || !raw.reserved_zero ||
      raw.head.sequence == 0 || raw.body_bytes > kMaxRecordBodyBytes || raw.body_bytes > left) {
    return false;
  }
  const size_t size = kRecordHeadBytes + raw.body_bytes;
  ASSIGN_OR_RETURN(bytes, Bytes(offset, size));
  if (bytes.size() < size || Checksum64(bytes.substr(8), seed_) != raw.checksum) return false;
  record->head = raw.head;
  record->body = bytes.substr(kRecordHeadBytes);
  record->offset = offset;
  record->end = offset + size;
  return true;
}

absl::StatusOr<bool> RecordReader::FindFrom(uint64_t offset, uint64_t above_sequence,
                                            Record* record) {
  // A plausible record is read in whole, which moves the buffer: the loop asks for its bytes anew.
  while (offset + kRecordHeadBytes <= size_) {
    ASSIGN_OR_RETURN(const std::string_view bytes, Bytes(offset, kReadBlockBytes));
    if (bytes.size() < kRecordHeadBytes) return false;
    size_t i = 0;
    bool plausible = false;
    for (; i + kRecordHeadBytes <= bytes.size(); ++i) {
      // Zeroes, of which a preallocated file is full, hold no kind.
      while (i + kRecordHeadBytes + 8 <= bytes.size() && LoadFixed64(&bytes[i + 12]) == 0) i += 8;
      const auto kind = static_cast<uint8_t>(bytes[i + 12]);
      if (kind == 0 || kind > max_kind_) continue;
      const RawHead raw = LoadHead(bytes.data() + i);
      plausible = raw.reserved_zero && raw.body_bytes <= kMaxRecordBodyBytes &&
                  raw.head.sequence > above_sequence;
      if (plausible) break;
    }
    offset += i;
    if (!plausible) continue;
    ASSIGN_OR_RETURN(const bool valid, ReadAt(offset, record));
    if (valid) return true;
    ++offset;
  }
  return false;
}

absl::StatusOr<uint64_t> RecordReader::EndOfNonZero(uint64_t offset,
                                                    const std::function<void()>& progressed) {
  uint64_t end = offset;
  while (offset < size_) {
    ASSIGN_OR_RETURN(const std::string_view bytes, Bytes(offset, kReadBlockBytes));
    if (progressed != nullptr) progressed();
    if (bytes.empty()) break;
    size_t size = bytes.size();
    while (size >= 8 && LoadFixed64(&bytes[size - 8]) == 0) size -= 8;
    while (size > 0 && bytes[size - 1] == '\0') --size;
    if (size > 0) end = offset + size;
    offset += bytes.size();
  }
  return end;
}

}  // namespace tidemark::durability
