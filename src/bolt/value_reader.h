// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "bolt/pack_reader.h"
#include "bolt/structures.h"
#include "graph/value.h"

namespace tidemark::bolt {

// Values out of PackStream. Elements of the graph are none: a client cannot send them.
// Owner: the reader of a message. Threads: one. Limits: graph::kMaxValueDepth, and the bytes that
// the values of one reader take in memory.
//
// Errors: kDataLoss, the bytes are not PackStream; kInvalidArgument, a value that is refused;
// kResourceExhausted, a limit. After an error nothing more can be read.
class ValueReader {
 public:
  ValueReader(std::string_view bytes, ValueForms forms, size_t decoded_bytes)
      : reader_(bytes), forms_(forms), room_bytes_(decoded_bytes), bytes_left_(decoded_bytes) {}

  absl::StatusOr<graph::Value> Read() { return ReadValue(0); }
  // The head of a structure whose fields are to be read next.
  absl::Status ReadHead(PackItem* item) { return reader_.Next(item); }
  size_t encoded_bytes_left() const { return reader_.bytes_left(); }
  // What the values that were read take in memory.
  size_t decoded_bytes() const { return room_bytes_ - bytes_left_; }

 private:
  absl::StatusOr<graph::Value> ReadValue(int depth);
  absl::StatusOr<graph::Value> ReadList(uint32_t count, int depth);
  absl::StatusOr<graph::Value> ReadMap(uint32_t count, int depth);
  absl::StatusOr<graph::Value> ReadStructure(const PackItem& head);
  absl::StatusOr<graph::Value> ReadDateTime(uint8_t tag, absl::Span<const PackItem> fields);
  absl::Status ReadItem(PackItem* item);
  absl::Status Charge(uint64_t bytes);

  PackReader reader_;
  const ValueForms forms_;
  const size_t room_bytes_;
  size_t bytes_left_;
};

// What the values in `bytes` will take in memory, as a ValueReader counts it; with what is no
// PackStream they end. Takes a small part of the time that reading takes, and no memory.
size_t DecodedBytes(std::string_view bytes);

}  // namespace tidemark::bolt
