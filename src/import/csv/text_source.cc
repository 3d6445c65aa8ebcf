// SPDX-License-Identifier: Apache-2.0
#include "import/csv/text_source.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::csv_import {
namespace {

#ifdef TIDEMARK_TINY_LIMITS
constexpr size_t kPackedBlockBytes = 16;
#else
constexpr size_t kPackedBlockBytes = 256 << 10;
#endif

// 15 is zlib's largest window; 16 more asks for gzip's header and trailer.
constexpr int kGzipWindowBits = 15 + 16;

struct Packing {
  std::string_view first_bytes;
  std::string_view name;
};
constexpr Packing kForeignPackings[] = {
    {"\x28\xb5\x2f\xfd", "zstd"},
    {"BZh", "bzip2"},
    {"\xfd"
     "7zXZ",
     "xz"},
    {"PK\x03\x04", "zip"},
};
constexpr std::string_view kGzipFirstBytes = "\x1f\x8b";

}  // namespace

// zlib's state of one packed file. Owner: the source. Threads: one.
struct TextSource::Unpacker {
  Unpacker() { CHECK_EQ(inflateInit2(&stream, kGzipWindowBits), Z_OK); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker() { inflateEnd(&stream); }

  z_stream stream = {};
  bool between_members = false;  // a packed file may be several, one behind the other
  bool done = false;
};

std::string PathOfInput(const std::string& path) { return path == "-" ? "/dev/stdin" : path; }

TextSource::TextSource(std::string path, std::unique_ptr<env::Input> input)
    : path_(std::move(path)), input_(std::move(input)) {}

TextSource::~TextSource() = default;

absl::StatusOr<std::unique_ptr<TextSource>> TextSource::Open(env::FileSystem* files,
                                                             const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<env::Input> input, files->OpenInput(PathOfInput(path)));
  std::unique_ptr<TextSource> source(new TextSource(path, std::move(input)));
  RETURN_IF_ERROR(source->ReadBlock());
  RETURN_IF_ERROR(source->BeginUnpacking());
  return source;
}

absl::Status TextSource::ReadBlock() {
  block_.resize(kPackedBlockBytes);
  ASSIGN_OR_RETURN(const size_t got, input_->Read(block_.data(), block_.size()));
  block_.resize(got);
  block_at_ = 0;
  position_bytes_ += got;
  return absl::OkStatus();
}

absl::Status TextSource::BeginUnpacking() {
  for (const Packing& packing : kForeignPackings) {
    if (block_.starts_with(packing.first_bytes)) {
      return absl::InvalidArgumentError(absl::StrCat(path_, ": is packed with ",
                                                     ToAbsl(packing.name),
                                                     "; unpack it first, or pack it with gzip"));
    }
  }
  if (block_.starts_with(kGzipFirstBytes)) unpacker_ = std::make_unique<Unpacker>();
  return absl::OkStatus();
}

absl::StatusOr<size_t> TextSource::Read(char* buffer, size_t size) {
  if (unpacker_ != nullptr) return Unpack(buffer, size);
  const size_t held = std::min(size, block_.size() - block_at_);
  std::memcpy(buffer, block_.data() + block_at_, held);
  block_at_ += held;
  if (held == size) return size;
  ASSIGN_OR_RETURN(const size_t got, input_->Read(buffer + held, size - held));
  position_bytes_ += got;
  return held + got;
}

absl::StatusOr<size_t> TextSource::Unpack(char* buffer, size_t size) {
  z_stream& stream = unpacker_->stream;
  size_t done = 0;
  while (done < size && !unpacker_->done) {
    // zlib counts in 32 bits.
    const size_t wanted = std::min<size_t>(size - done, size_t{1} << 30);
    stream.next_out = reinterpret_cast<Bytef*>(buffer + done);
    stream.avail_out = static_cast<uInt>(wanted);
    RETURN_IF_ERROR(UnpackSome());
    done += wanted - stream.avail_out;
  }
  return done;
}

// Fills what the stream offers as far as the block at hand allows.
absl::Status TextSource::UnpackSome() {
  z_stream& stream = unpacker_->stream;
  if (block_at_ == block_.size()) RETURN_IF_ERROR(ReadBlock());
  if (block_.empty()) {
    unpacker_->done = true;
    if (unpacker_->between_members) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(path_, ": the packed file ends early, behind ",
                                                   position_bytes_,
                                                   " bytes; was it copied whole?"));
  }
  if (unpacker_->between_members) {
    // Some writers fill up with zeroes behind the last member.
    if (block_[block_at_] == '\0') {
      ++block_at_;
      return absl::OkStatus();
    }
    CHECK_EQ(inflateReset(&stream), Z_OK);
    unpacker_->between_members = false;
  }
  stream.next_in = reinterpret_cast<Bytef*>(block_.data() + block_at_);
  stream.avail_in = static_cast<uInt>(block_.size() - block_at_);
  const int result = inflate(&stream, Z_NO_FLUSH);
  block_at_ = block_.size() - stream.avail_in;
  if (result == Z_STREAM_END) unpacker_->between_members = true;
  if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return absl::OkStatus();
  if (result == Z_MEM_ERROR) return absl::ResourceExhaustedError("no memory for unpacking");
  return absl::InvalidArgumentError(
      absl::StrCat(path_, ": the packed file is damaged near byte ",
                   position_bytes_ - (block_.size() - block_at_), ": ",
                   stream.msg == nullptr ? "it does not follow gzip's format" : stream.msg));
}

}  // namespace tidemark::csv_import
