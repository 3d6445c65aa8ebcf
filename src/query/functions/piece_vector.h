// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace tidemark::query {

// A vector that is only added to. Millions of elements grow by pieces: to move what is there would
// be a long step of the loop. A few take no more than they do in a vector, and none no memory.
// Owner: an operator or an aggregate. Threads: one.
template <typename T>
class PieceVector {
 public:
  void Append(const T& value, size_t times = 1) {
    while (times > 0) {
      if (last_.size() == kPieceCount) StartPiece();
      const size_t count = std::min(times, kPieceCount - last_.size());
      if (last_.size() + 2 * count > kPieceCount) last_.reserve(kPieceCount);
      last_.insert(last_.end(), count, value);
      times -= count;
    }
  }
  size_t size() const { return full_.size() * kPieceCount + last_.size(); }
  bool empty() const { return size() == 0; }
  const T& operator[](size_t i) const { return PieceOf(i)[i % kPieceCount]; }
  T& operator[](size_t i) { return const_cast<std::vector<T>&>(PieceOf(i))[i % kPieceCount]; }
  std::vector<T> ToVector() const {
    std::vector<T> all;
    all.reserve(size());
    for (const std::vector<T>& piece : full_) all.insert(all.end(), piece.begin(), piece.end());
    all.insert(all.end(), last_.begin(), last_.end());
    return all;
  }
  // Without what elements hold elsewhere.
  size_t memory_bytes() const { return full_.size() * kPieceBytes + last_.capacity() * sizeof(T); }

 private:
  static constexpr size_t kPieceCount = 1024;
  static constexpr size_t kPieceBytes = kPieceCount * sizeof(T) + sizeof(std::vector<T>);

  const std::vector<T>& PieceOf(size_t i) const {
    return i / kPieceCount < full_.size() ? full_[i / kPieceCount] : last_;
  }
  void StartPiece() {
    full_.push_back(std::exchange(last_, {}));
    last_.reserve(kPieceCount);
  }

  std::vector<std::vector<T>> full_;  // kPieceCount in each
  std::vector<T> last_;
};

}  // namespace tidemark::query
