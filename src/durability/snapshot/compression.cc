// SPDX-License-Identifier: Apache-2.0
#include "durability/snapshot/compression.h"

#include <zstd.h>

#include "base/check.h"
#include "durability/snapshot/snapshot_format.h"

namespace tidemark::durability {

Compressor::Compressor() : context_(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
  CHECK(context_ != nullptr) << "no memory to compress a snapshot";
}
Compressor::~Compressor() = default;

std::string_view Compressor::Compress(std::string_view bytes) {
  out_.resize(ZSTD_compressBound(bytes.size()));
  const size_t size = ZSTD_compressCCtx(context_.get(), out_.data(), out_.size(), bytes.data(),
                                        bytes.size(), kZstdLevel);
  if (ZSTD_isError(size) != 0 || size >= bytes.size() - bytes.size() / 8) return {};
  return std::string_view(out_).substr(0, size);
}

Decompressor::Decompressor() : context_(nullptr, &ZSTD_freeDCtx) {}
Decompressor::~Decompressor() = default;

absl::StatusOr<std::string_view> Decompressor::Decompress(std::string_view packed,
                                                          size_t raw_size) {
  if (context_ == nullptr) {  // 160 KB, which nobody needs who only looks at a footer
    context_.reset(ZSTD_createDCtx());
    CHECK(context_ != nullptr) << "no memory to read a snapshot";
  }
  out_.resize(raw_size);
  const size_t size =
      ZSTD_decompressDCtx(context_.get(), out_.data(), out_.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0 || size != raw_size) {
    return absl::DataLossError("the chunk does not decompress");
  }
  return std::string_view(out_);
}

}  // namespace tidemark::durability
