// SPDX-License-Identifier: Apache-2.0
#include "sim/trace.h"

#include "base/checksum.h"
#include "base/coding.h"

namespace tidemark::sim {

void Trace::Fold(uint32_t node, std::string_view what, uint64_t a, uint64_t b) {
  char buffer[32];
  StoreFixed64(buffer, static_cast<uint64_t>(now_micros_));
  StoreFixed64(buffer + 8, node);
  StoreFixed64(buffer + 16, a);
  StoreFixed64(buffer + 24, b);
  hash_ = Checksum64(what, hash_);
  hash_ = Checksum64(std::string_view(buffer, sizeof buffer), hash_);
  ++entry_count_;
}

void Trace::Add(uint32_t node, std::string_view what, uint64_t a, uint64_t b) {
  Fold(node, what, a, b);
  if (sink_ != nullptr) {
    *sink_ << now_micros_ << " n" << node << ' ' << what << ' ' << a << ' ' << b << '\n';
  }
}

void Trace::AddText(uint32_t node, std::string_view what, std::string_view bytes) {
  Fold(node, what, bytes.size(), Checksum64(bytes));
  if (sink_ != nullptr) {
    *sink_ << now_micros_ << " n" << node << ' ' << what << ' ' << bytes << '\n';
  }
}

void Trace::AddBytes(uint32_t node, std::string_view what, std::string_view bytes) {
  Fold(node, what, bytes.size(), Checksum64(bytes));
  if (sink_ != nullptr) {
    *sink_ << now_micros_ << " n" << node << ' ' << what << ' ' << bytes.size() << " bytes\n";
  }
}

}  // namespace tidemark::sim
