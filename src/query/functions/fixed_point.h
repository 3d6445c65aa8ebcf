// SPDX-License-Identifier: Apache-2.0
// Numbers wide enough to add floats without rounding.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/coding.h"

namespace tidemark::query {

// fraction * 2^exponent: 0, or a fraction of 0.5 to 1 (without 1) of either sign. Holds what is
// beyond the largest float, too.
struct ScaledFloat {
  double fraction = 0;
  int exponent = 0;

  double value() const { return std::ldexp(fraction, exponent); }
};

// A whole number of 64 * kLimbs bits in two's complement that counts units of 2^kLowBit.
// Threads: a value type.
template <int kLowBit, size_t kLimbs>
class FixedPoint {
 public:
  static constexpr int kLow = kLowBit;

  bool is_negative() const { return (limbs_[kLimbs - 1] >> 63) != 0; }
  const std::array<uint64_t, kLimbs>& limbs() const { return limbs_; }

  // Adds magnitude * 2^exponent, or subtracts it. REQUIRES: exponent >= kLowBit, and room above.
  void Add(unsigned __int128 magnitude, int exponent, bool subtract) {
    const int place = exponent - kLowBit;
    const int shift = place % 64;
    const auto low = static_cast<uint64_t>(magnitude);
    const auto high = static_cast<uint64_t>(magnitude >> 64);
    const uint64_t parts[3] = {low << shift,
                               shift == 0 ? high : high << shift | low >> (64 - shift),
                               shift == 0 ? 0 : high >> (64 - shift)};
    AddParts(parts, 3, static_cast<size_t>(place / 64), subtract);
  }
  // Adds a finite float `times` times.
  void AddFloat(double value, uint64_t times) {
    int exponent = 0;
    const double fraction = std::frexp(std::abs(value), &exponent);
    if (fraction == 0) return;
    auto magnitude = static_cast<uint64_t>(std::ldexp(fraction, 53));
    exponent -= 53;
    // The mantissa of a small float ends in zeros below the lowest bit.
    if (exponent < kLowBit) {
      magnitude >>= kLowBit - exponent;
      exponent = kLowBit;
    }
    Add(static_cast<unsigned __int128>(magnitude) * times, exponent, value < 0);
  }
  void AddAll(const FixedPoint& other) { AddParts(other.limbs_.data(), kLimbs, 0, false); }
  void SubtractAll(const FixedPoint& other) { AddParts(other.limbs_.data(), kLimbs, 0, true); }

  // REQUIRES: not negative.
  void MultiplyBy(uint64_t factor) {
    unsigned __int128 carry = 0;
    for (uint64_t& limb : limbs_) {
      carry += static_cast<unsigned __int128>(limb) * factor;
      limb = static_cast<uint64_t>(carry);
      carry >>= 64;
    }
  }

  FixedPoint Magnitude() const {
    if (!is_negative()) return *this;
    FixedPoint positive;
    positive.SubtractAll(*this);
    return positive;
  }

  // The nearest float, a tie to the even one.
  ScaledFloat Round() const {
    const FixedPoint magnitude = Magnitude();
    size_t top = kLimbs;
    while (top > 0 && magnitude.limbs_[top - 1] == 0) --top;
    if (top == 0) return {};
    const int width = 64 - std::countl_zero(magnitude.limbs_[top - 1]);
    const int bits = static_cast<int>(top - 1) * 64 + width;
    uint64_t mantissa = magnitude.BitsFrom(bits - 54);  // 53 bits and the one behind them
    const bool round_bit = (mantissa & 1) != 0;
    mantissa >>= 1;
    if (round_bit && (magnitude.HasBitsBelow(bits - 54) || (mantissa & 1) != 0)) ++mantissa;
    const double fraction = std::ldexp(static_cast<double>(mantissa), -53);
    ScaledFloat rounded{is_negative() ? -fraction : fraction, bits + kLowBit};
    if (mantissa == uint64_t{1} << 53) {
      rounded.fraction /= 2;
      ++rounded.exponent;
    }
    return rounded;
  }

  // The limbs from the first that is not zero to the last that is not the sign repeated.
  void AppendTo(std::string* out) const {
    const uint64_t sign = is_negative() ? ~uint64_t{0} : 0;
    size_t first = 0;
    while (first < kLimbs && limbs_[first] == 0) ++first;
    size_t last = kLimbs;
    while (last > first && limbs_[last - 1] == sign) --last;
    AppendFixed8(out, static_cast<uint8_t>(sign & 1));
    AppendFixed8(out, static_cast<uint8_t>(first));
    AppendFixed8(out, static_cast<uint8_t>(last));
    for (size_t i = first; i < last; ++i) AppendFixed64(out, limbs_[i]);
  }
  // Fails the reader when malformed.
  void ReadFrom(ByteReader* reader) {
    const bool negative = reader->Fixed8() != 0;
    const size_t first = reader->Fixed8();
    const size_t last = reader->Fixed8();
    if (first > last || last > kLimbs) {
      reader->Fail();
      return;
    }
    for (size_t i = 0; i < kLimbs; ++i) {
      limbs_[i] = i < first ? 0 : i < last ? reader->Fixed64() : negative ? ~uint64_t{0} : 0;
    }
  }

 private:
  void AddParts(const uint64_t* parts, size_t count, size_t at, bool subtract) {
    uint64_t carry = 0;
    for (size_t i = 0; at + i < kLimbs && (i < count || carry != 0); ++i) {
      uint64_t& limb = limbs_[at + i];
      const uint64_t part = i < count ? parts[i] : 0;
      uint64_t result = 0;
      const bool first = subtract ? __builtin_sub_overflow(limb, part, &result)
                                  : __builtin_add_overflow(limb, part, &result);
      const bool second = subtract ? __builtin_sub_overflow(result, carry, &result)
                                   : __builtin_add_overflow(result, carry, &result);
      limb = result;
      carry = first || second ? 1 : 0;
    }
  }

  // 64 bits from bit number `bit` up; below bit 0 there are zeros.
  uint64_t BitsFrom(int bit) const {
    if (bit < 0) return limbs_[0] << -bit;
    const auto limb = static_cast<size_t>(bit / 64);
    const int shift = bit % 64;
    uint64_t bits = limbs_[limb] >> shift;
    if (shift != 0 && limb + 1 < kLimbs) bits |= limbs_[limb + 1] << (64 - shift);
    return bits;
  }
  bool HasBitsBelow(int bit) const {
    for (int i = 0; i + 64 <= bit; i += 64) {
      if (limbs_[static_cast<size_t>(i / 64)] != 0) return true;
    }
    const int rest = bit > 0 ? bit % 64 : 0;
    return rest != 0 && limbs_[static_cast<size_t>(bit / 64)] << (64 - rest) != 0;
  }

  std::array<uint64_t, kLimbs> limbs_ = {};
};

// Sums of floats: 2^64 of the largest fit.
using WideSum = FixedPoint<-1074, 35>;
// Sums of their squares, and squares of such sums.
using WideSquareSum = FixedPoint<-2148, 70>;

// REQUIRES: a sum of at most 2^64 floats.
WideSquareSum SquareOf(const WideSum& sum);

}  // namespace tidemark::query
