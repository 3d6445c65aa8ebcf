// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace tidemark::query {

// Memory for the nodes of one syntax tree: grows in blocks and is freed at once. Its objects have
// no destructor that matters. Owner: whoever keeps the tree. Threads: one. Bounded by the parser's
// limit on the statement's length.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <typename T, typename... Arguments>
  T* New(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate(sizeof(T), alignof(T))) T{std::forward<Arguments>(arguments)...};
  }
  template <typename T>
  absl::Span<T> Copy(absl::Span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (items.empty()) return {};
    void* copy = Allocate(items.size() * sizeof(T), alignof(T));
    std::memcpy(copy, items.data(), items.size() * sizeof(T));
    return {static_cast<T*>(copy), items.size()};
  }
  std::string_view Copy(std::string_view text) {
    const auto copy = Copy(absl::Span<const char>(text.data(), text.size()));
    return {copy.data(), copy.size()};
  }

  // What the blocks take.
  size_t size_bytes() const { return size_bytes_; }

 private:
  void* Allocate(size_t bytes, size_t alignment) {
    const size_t at = (next_ + alignment - 1) & ~(alignment - 1);
    if (at + bytes > end_) return AllocateInNewBlock(bytes, alignment);
    next_ = at + bytes;
    return reinterpret_cast<void*>(at);
  }
  void* AllocateInNewBlock(size_t bytes, size_t alignment);

  uintptr_t next_ = 0;  // free from here
  uintptr_t end_ = 0;   // to here
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  size_t size_bytes_ = 0;
};

}  // namespace tidemark::query
