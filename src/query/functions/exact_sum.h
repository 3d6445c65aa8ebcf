// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/inlined_vector.h"
#include "base/coding.h"
#include "query/functions/fixed_point.h"

namespace tidemark::query {

// The exact sum of floats, rounded once when it is asked for: neither the order nor the way in
// which it was cut into partial sums shows. A few parts that do not overlap are enough for most
// sums; others go into a wide number.
// Owner: an aggregate. Threads: one.
class ExactSum {
 public:
  void Add(double value, uint64_t times = 1);
  void AddInteger(__int128 value);
  // REQUIRES: not itself.
  void Merge(const ExactSum& other);

  double Sum() const;
  // REQUIRES: count > 0. Finite also when the sum is beyond the largest float.
  double Mean(uint64_t count) const;

  void AppendTo(std::string* out) const;
  // Fails the reader when malformed.
  void ReadFrom(ByteReader* reader);
  size_t memory_bytes() const;

 private:
  static constexpr size_t kMaxParts = 4;

  void AddPart(double value);
  WideSum* Widen();
  WideSum Total() const;
  bool has_special() const { return has_nan_ || has_plus_infinity_ || has_minus_infinity_; }
  double Special() const;
  void AddSpecial(double value);

  absl::InlinedVector<double, 2> parts_;  // from small to large
  std::unique_ptr<WideSum> wide_;
  bool has_nan_ = false;
  bool has_plus_infinity_ = false;
  bool has_minus_infinity_ = false;
};

// Count, sum and sum of squares, exactly: the deviation of floats, whatever their order.
// Owner: an aggregate. Threads: one.
class ExactMoments {
 public:
  void Add(double value, uint64_t times = 1);
  // REQUIRES: not itself.
  void Merge(const ExactMoments& other);

  uint64_t count() const { return count_; }
  // The standard deviation, of a sample or of the whole population; 0 for fewer than two values.
  double Deviation(bool of_population) const;

  void AppendTo(std::string* out) const;
  void ReadFrom(ByteReader* reader);
  size_t memory_bytes() const;

 private:
  struct Wide {
    WideSum sum;
    WideSquareSum squares;

    void Add(double value, uint64_t times);
  };
  static constexpr size_t kFewValues = 16;

  Wide* Widen();
  Wide Total() const;

  uint64_t count_ = 0;
  bool has_special_ = false;            // NaN or an infinity
  absl::InlinedVector<double, 2> few_;  // until there are more
  std::unique_ptr<Wide> wide_;
};

}  // namespace tidemark::query
