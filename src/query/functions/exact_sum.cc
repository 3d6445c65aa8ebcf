// SPDX-License-Identifier: Apache-2.0
#include "query/functions/exact_sum.h"

#include <cmath>
#include <limits>

#include "base/check.h"

namespace tidemark::query {
namespace {

// Parts below this cannot overflow while they are added.
constexpr double kLargestPart = 0x1p1000;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

enum StateFlag : uint8_t { kHasNan = 1, kHasPlus = 2, kHasMinus = 4, kIsWide = 8 };

void AppendFloats(const absl::InlinedVector<double, 2>& values, std::string* out) {
  AppendFixed8(out, static_cast<uint8_t>(values.size()));
  for (const double value : values) AppendFixed64(out, std::bit_cast<uint64_t>(value));
}

// Finite ones, at most `max_count`.
void ReadFloats(ByteReader* reader, size_t max_count, absl::InlinedVector<double, 2>* values) {
  const size_t count = reader->Fixed8();
  if (count > max_count) {
    reader->Fail();
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    values->push_back(std::bit_cast<double>(reader->Fixed64()));
    if (!std::isfinite(values->back())) reader->Fail();
  }
}

}  // namespace

WideSquareSum SquareOf(const WideSum& sum) {
  const WideSum magnitude = sum.Magnitude();
  WideSquareSum square;
  const auto& limbs = magnitude.limbs();
  for (size_t i = 0; i < limbs.size(); ++i) {
    if (limbs[i] == 0) continue;
    for (size_t j = 0; j < limbs.size(); ++j) {
      if (limbs[j] == 0) continue;
      const int place = static_cast<int>((i + j) * 64);
      square.Add(static_cast<unsigned __int128>(limbs[i]) * limbs[j], WideSquareSum::kLow + place,
                 false);
    }
  }
  return square;
}

void ExactSum::AddSpecial(double value) {
  has_nan_ |= std::isnan(value);
  has_plus_infinity_ |= value == kInfinity;
  has_minus_infinity_ |= value == -kInfinity;
}

double ExactSum::Special() const {
  if (has_nan_ || (has_plus_infinity_ && has_minus_infinity_)) return kNotANumber;
  return has_plus_infinity_ ? kInfinity : -kInfinity;
}

void ExactSum::Add(double value, uint64_t times) {
  if (times == 0) return;
  if (!std::isfinite(value)) return AddSpecial(value);
  if (wide_ == nullptr && times == 1 && std::abs(value) < kLargestPart) return AddPart(value);
  Widen()->AddFloat(value, times);
}

// Each step of the loop replaces two numbers by their rounded sum and what rounding lost.
void ExactSum::AddPart(double value) {
  size_t kept = 0;
  for (const double part : parts_) {
    const double sum = value + part;
    const double virtual_part = sum - value;
    const double lost = (value - (sum - virtual_part)) + (part - virtual_part);
    if (lost != 0) parts_[kept++] = lost;
    value = sum;
  }
  parts_.resize(kept);
  if (value != 0) parts_.push_back(value);
  if (parts_.size() > kMaxParts || std::abs(value) >= kLargestPart) Widen();
}

void ExactSum::AddInteger(__int128 value) {
  const bool is_negative = value < 0;
  const auto bits = static_cast<unsigned __int128>(value);
  Widen()->Add(is_negative ? -bits : bits, 0, is_negative);
}

WideSum* ExactSum::Widen() {
  if (wide_ == nullptr) {
    wide_ = std::make_unique<WideSum>(Total());
    parts_.clear();
  }
  return wide_.get();
}

WideSum ExactSum::Total() const {
  if (wide_ != nullptr) return *wide_;
  WideSum total;
  for (const double part : parts_) total.AddFloat(part, 1);
  return total;
}

void ExactSum::Merge(const ExactSum& other) {
  CHECK(&other != this);
  has_nan_ |= other.has_nan_;
  has_plus_infinity_ |= other.has_plus_infinity_;
  has_minus_infinity_ |= other.has_minus_infinity_;
  if (other.wide_ != nullptr) Widen()->AddAll(*other.wide_);
  for (const double part : other.parts_) Add(part);
}

double ExactSum::Sum() const {
  if (has_special()) return Special();
  if (wide_ == nullptr && parts_.size() <= 1) return parts_.empty() ? 0.0 : parts_[0];
  return Total().Round().value();
}

double ExactSum::Mean(uint64_t count) const {
  if (has_special()) return Special();
  const ScaledFloat total = Total().Round();
  return std::ldexp(total.fraction / static_cast<double>(count), total.exponent);
}

void ExactSum::AppendTo(std::string* out) const {
  AppendFixed8(out, (has_nan_ ? kHasNan : 0) | (has_plus_infinity_ ? kHasPlus : 0) |
                        (has_minus_infinity_ ? kHasMinus : 0) | (wide_ != nullptr ? kIsWide : 0));
  if (wide_ != nullptr) return wide_->AppendTo(out);
  AppendFloats(parts_, out);
}

void ExactSum::ReadFrom(ByteReader* reader) {
  const uint8_t flags = reader->Fixed8();
  has_nan_ = (flags & kHasNan) != 0;
  has_plus_infinity_ = (flags & kHasPlus) != 0;
  has_minus_infinity_ = (flags & kHasMinus) != 0;
  if ((flags & kIsWide) != 0) {
    wide_ = std::make_unique<WideSum>();
    return wide_->ReadFrom(reader);
  }
  absl::InlinedVector<double, 2> parts;
  ReadFloats(reader, kMaxParts, &parts);
  // Parts of an honest sender do not overlap; to add them makes that true of any.
  for (const double part : parts) Add(part);
}

size_t ExactSum::memory_bytes() const {
  const size_t parts = parts_.capacity() > 2 ? parts_.capacity() * sizeof(double) : 0;
  return sizeof(*this) + parts + (wide_ != nullptr ? sizeof(WideSum) : 0);
}

void ExactMoments::Wide::Add(double value, uint64_t times) {
  sum.AddFloat(value, times);
  int exponent = 0;
  const double fraction = std::frexp(std::abs(value), &exponent);
  auto mantissa = static_cast<uint64_t>(std::ldexp(fraction, 53));
  exponent -= 53;
  if (exponent < WideSum::kLow) {
    mantissa >>= WideSum::kLow - exponent;
    exponent = WideSum::kLow;
  }
  // A square has up to 106 bits: times a count it no longer fits 128, so in two halves.
  const unsigned __int128 square = static_cast<unsigned __int128>(mantissa) * mantissa;
  squares.Add(static_cast<unsigned __int128>(static_cast<uint64_t>(square)) * times, 2 * exponent,
              false);
  squares.Add(static_cast<unsigned __int128>(static_cast<uint64_t>(square >> 64)) * times,
              2 * exponent + 64, false);
}

void ExactMoments::Add(double value, uint64_t times) {
  if (times == 0) return;
  if (__builtin_add_overflow(count_, times, &count_)) count_ = UINT64_MAX;
  if (!std::isfinite(value)) {
    has_special_ = true;
  } else if (wide_ == nullptr && times == 1 && few_.size() < kFewValues) {
    few_.push_back(value);
  } else {
    Widen()->Add(value, times);
  }
}

ExactMoments::Wide* ExactMoments::Widen() {
  if (wide_ == nullptr) {
    wide_ = std::make_unique<Wide>(Total());
    few_.clear();
  }
  return wide_.get();
}

ExactMoments::Wide ExactMoments::Total() const {
  if (wide_ != nullptr) return *wide_;
  Wide total;
  for (const double value : few_) total.Add(value, 1);
  return total;
}

void ExactMoments::Merge(const ExactMoments& other) {
  CHECK(&other != this);
  has_special_ |= other.has_special_;
  if (other.wide_ != nullptr) {
    Wide* const wide = Widen();
    wide->sum.AddAll(other.wide_->sum);
    wide->squares.AddAll(other.wide_->squares);
  }
  const uint64_t count = count_;
  for (const double value : other.few_) Add(value);
  if (__builtin_add_overflow(count, other.count_, &count_)) count_ = UINT64_MAX;
}

// The variance is (n * sum of squares - square of the sum) / (n * (n - 1)), exact up to the
// division.
double ExactMoments::Deviation(bool of_population) const {
  if (count_ < 2) return 0.0;
  if (has_special_) return kNotANumber;
  const Wide total = Total();
  WideSquareSum difference = total.squares;
  difference.MultiplyBy(count_);
  difference.SubtractAll(SquareOf(total.sum));
  ScaledFloat scaled = difference.Round();
  if (scaled.exponent % 2 != 0) {
    scaled.fraction *= 2;
    scaled.exponent -= 1;
  }
  const auto count = static_cast<double>(count_);
  const double divisor = count * (of_population ? count : count - 1);
  return std::ldexp(std::sqrt(scaled.fraction / divisor), scaled.exponent / 2);
}

void ExactMoments::AppendTo(std::string* out) const {
  AppendFixed8(out, (has_special_ ? kHasNan : 0) | (wide_ != nullptr ? kIsWide : 0));
  AppendVarint(out, count_);
  if (wide_ != nullptr) {
    wide_->sum.AppendTo(out);
    return wide_->squares.AppendTo(out);
  }
  AppendFloats(few_, out);
}

void ExactMoments::ReadFrom(ByteReader* reader) {
  const uint8_t flags = reader->Fixed8();
  has_special_ = (flags & kHasNan) != 0;
  count_ = reader->Varint();
  if ((flags & kIsWide) != 0) {
    wide_ = std::make_unique<Wide>();
    wide_->sum.ReadFrom(reader);
    return wide_->squares.ReadFrom(reader);
  }
  ReadFloats(reader, kFewValues, &few_);
}

size_t ExactMoments::memory_bytes() const {
  const size_t few = few_.capacity() > 2 ? few_.capacity() * sizeof(double) : 0;
  return sizeof(*this) + few + (wide_ != nullptr ? sizeof(Wide) : 0);
}

}  // namespace tidemark::query
