// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bolt/pack_reader.h"
#include "bolt/structures.h"
#include "bolt_client/value.h"

namespace tidemark::bolt_client {

// Values of a server out of PackStream, with the elements that bolt::ValueReader refuses.
// Owner: the reader of a message. Threads: one. Limits: kMaxDepth.
//
// Errors: kDataLoss for bytes that are no values of Bolt.
class ValueDecoder {
 public:
  // Containers inside one another: a plan has two for each operator.
  static constexpr int kMaxDepth = 2'000;

  ValueDecoder(std::string_view bytes, bolt::ValueForms forms)
      : bytes_(bytes), reader_(bytes), forms_(forms) {}

  absl::StatusOr<Value> Read() { return ReadValue(0); }
  // The head of a structure whose fields are read next.
  absl::Status ReadHead(bolt::PackItem* item) { return reader_.Next(item); }

 private:
  absl::StatusOr<Value> ReadValue(int depth);
  absl::StatusOr<Value> ReadScalar(size_t start);
  absl::StatusOr<std::vector<Value>> ReadItems(uint32_t count, int depth);
  absl::StatusOr<Entries> ReadEntries(uint32_t count, int depth);
  absl::StatusOr<Value> ReadElement(const bolt::PackItem& head, int depth);
  absl::StatusOr<Value> ReadPath(const bolt::PackItem& head, int depth);

  const std::string_view bytes_;
  bolt::PackReader reader_;
  const bolt::ValueForms forms_;
};

// A message of a server: its tag and its one field, if it has one.
struct Message {
  uint8_t tag = 0;
  Value field;
};
absl::StatusOr<Message> DecodeMessage(std::string_view bytes, bolt::ValueForms forms);

}  // namespace tidemark::bolt_client
