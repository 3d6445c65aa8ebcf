// SPDX-License-Identifier: Apache-2.0
// The compression of snapshot chunks. The contexts are kept from chunk to chunk: making one asks
// the processor what it can do, which in a virtual machine costs more than compressing a small
// chunk.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace tidemark::durability {

// Compresses one chunk after the other. Owner: a writer. Threads: one at a time.
class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // What `bytes` become, until the next call; empty when they would not become smaller by an
  // eighth.
  std::string_view Compress(std::string_view bytes);

 private:
  std::unique_ptr<ZSTD_CCtx_s, size_t (*)(ZSTD_CCtx_s*)> context_;
  std::string out_;
};

// The way back. Owner: a reader. Threads: one at a time.
class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // The `raw_size` bytes that became `packed`, until the next call; kDataLoss when they did not.
  absl::StatusOr<std::string_view> Decompress(std::string_view packed, size_t raw_size);

 private:
  std::unique_ptr<ZSTD_DCtx_s, size_t (*)(ZSTD_DCtx_s*)> context_;
  std::string out_;
};

}  // namespace tidemark::durability
