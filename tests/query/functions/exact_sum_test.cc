// SPDX-License-Identifier: Apache-2.0
#include "query/functions/exact_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace tidemark::query {
namespace {

constexpr double kMaxFloat = std::numeric_limits<double>::max();
constexpr double kLeastFloat = std::numeric_limits<double>::denorm_min();

double SumOf(const std::vector<double>& values) {
  ExactSum sum;
  for (const double value : values) sum.Add(value);
  return sum.Sum();
}

// A second way to the exact sum, slow and simple: a decimal-free big number in base 2 with one
// entry per bit, rounded by hand.
double BitwiseSum(const std::vector<double>& values) {
  constexpr int kLowestBit = -1074;
  constexpr size_t kBits = 2300;
  std::vector<int64_t> bits(kBits, 0);  // signed digits, carried at the end
  for (const double value : values) {
    int exponent = 0;
    auto mantissa = static_cast<int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
    const int64_t sign = mantissa < 0 ? -1 : 1;
    mantissa = std::abs(mantissa);
    for (int i = 0; i < 53; ++i) {
      const int place = exponent - 53 + i - kLowestBit;
      if ((mantissa >> i & 1) != 0) bits[static_cast<size_t>(place)] += sign;
    }
  }
  const auto carry = [&bits] {
    int64_t rest = 0;
    for (int64_t& bit : bits) {
      bit += rest;
      rest = bit >> 1;
      bit &= 1;
    }
    return rest;
  };
  bool is_negative = false;
  if (carry() < 0) {
    is_negative = true;
    for (int64_t& bit : bits) bit = 1 - bit;
    bits[0] += 1;
    carry();
  }
  size_t top = kBits;
  while (top > 0 && bits[top - 1] == 0) --top;
  if (top == 0) return 0;
  const size_t low = top > 53 ? top - 53 : 0;
  double mantissa = 0;
  for (size_t i = top; i-- > low;) mantissa = mantissa * 2 + static_cast<double>(bits[i]);
  if (low > 0 && bits[low - 1] == 1) {
    const bool sticky = std::any_of(bits.begin(), bits.begin() + static_cast<ptrdiff_t>(low) - 1,
                                    [](int64_t bit) { return bit != 0; });
    if (sticky || std::fmod(mantissa, 2) == 1) mantissa += 1;
  }
  const double sum = std::ldexp(mantissa, static_cast<int>(low) + kLowestBit);
  return is_negative ? -sum : sum;
}

double AnyFloat(std::mt19937_64* random, int spread) {
  const double fraction = std::ldexp(static_cast<double>((*random)() >> 11), -53) - 0.5;
  const int exponent = static_cast<int>((*random)() % (2 * static_cast<uint64_t>(spread) + 1));
  return std::ldexp(fraction, exponent - spread);
}

TEST(ExactSumTest, RoundsOnce) {
  EXPECT_EQ(SumOf({}), 0.0);
  EXPECT_EQ(SumOf({1e16, 1.0, -1e16}), 1.0);
  EXPECT_EQ(SumOf({1e308, 1e308, -1e308}), 1e308);
  EXPECT_EQ(SumOf({kMaxFloat, kMaxFloat, -kMaxFloat, -kMaxFloat, 1.5}), 1.5);
  EXPECT_EQ(SumOf({kMaxFloat, kMaxFloat}), HUGE_VAL);
  EXPECT_EQ(SumOf({kLeastFloat, kLeastFloat, -kLeastFloat}), kLeastFloat);
  EXPECT_EQ(SumOf({0.1, 0.2, 0.3}), 0.6);
  // Half of the last place: to the even one, unless anything lies below.
  EXPECT_EQ(SumOf({1.0, 0x1p-53}), 1.0);
  EXPECT_EQ(SumOf({1.0, 0x1p-53, 0x1p-200}), 1.0 + 0x1p-52);
  EXPECT_EQ(SumOf({1.0 + 0x1p-52, 0x1p-53}), 1.0 + 0x1p-51);
  EXPECT_EQ(SumOf({2.0, -0x1p-53}), 2.0);
  EXPECT_FALSE(std::signbit(SumOf({-0.0})));
}

TEST(ExactSumTest, NanAndInfinities) {
  EXPECT_TRUE(std::isnan(SumOf({1, std::nan("")})));
  EXPECT_EQ(SumOf({1, HUGE_VAL}), HUGE_VAL);
  EXPECT_EQ(SumOf({1, -HUGE_VAL}), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(SumOf({-HUGE_VAL, HUGE_VAL})));
}

TEST(ExactSumTest, AgreesWithASumBitByBit) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    const int spread = round % 3 == 0 ? 1020 : round % 3 == 1 ? 60 : 3;
    std::vector<double> values;
    for (uint64_t i = random() % 30; i > 0; --i) values.push_back(AnyFloat(&random, spread));
    for (uint64_t i = random() % 3; i > 0 && !values.empty(); --i) {
      values.push_back(-values[random() % values.size()]);
    }
    ASSERT_EQ(SumOf(values), BitwiseSum(values)) << round;
  }
}

// Any order, any split into partial sums that travel as bytes, any multiplicities: the same bits.
TEST(ExactSumTest, OrderAndSplitDoNotShow) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 500; ++round) {
    std::vector<double> values;
    for (int i = 0; i < 40; ++i) values.push_back(AnyFloat(&random, round % 2 == 0 ? 1020 : 30));
    const double expected = SumOf(values);
    ExactMoments all;
    for (const double value : values) all.Add(value);
    std::shuffle(values.begin(), values.end(), random);
    std::vector<ExactSum> sums(1 + random() % 5);
    std::vector<ExactMoments> moments(sums.size());
    for (const double value : values) {
      const size_t at = random() % sums.size();
      sums[at].Add(value);
      moments[at].Add(value);
    }
    ExactSum total;
    ExactMoments total_moments;
    for (size_t i = 0; i < sums.size(); ++i) {
      std::string bytes;
      sums[i].AppendTo(&bytes);
      moments[i].AppendTo(&bytes);
      ByteReader reader(bytes);
      ExactSum sum;
      ExactMoments moment;
      sum.ReadFrom(&reader);
      moment.ReadFrom(&reader);
      ASSERT_TRUE(reader.ok() && reader.done());
      total.Merge(sum);
      total_moments.Merge(moment);
    }
    ASSERT_EQ(total.Sum(), expected);
    ASSERT_EQ(total_moments.count(), values.size());
    ASSERT_EQ(total_moments.Deviation(false), all.Deviation(false));
    ASSERT_EQ(total_moments.Deviation(true), all.Deviation(true));
  }
}

TEST(ExactSumTest, AValueCountsSeveralTimes) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    ExactSum one_by_one;
    ExactSum at_once;
    ExactMoments moments_one_by_one;
    ExactMoments moments_at_once;
    for (int i = 0; i < 5; ++i) {
      const double value = AnyFloat(&random, 500);
      const uint64_t times = random() % 20;
      for (uint64_t j = 0; j < times; ++j) {
        one_by_one.Add(value);
        moments_one_by_one.Add(value);
      }
      at_once.Add(value, times);
      moments_at_once.Add(value, times);
    }
    ASSERT_EQ(one_by_one.Sum(), at_once.Sum());
    ASSERT_EQ(moments_one_by_one.Deviation(true), moments_at_once.Deviation(true));
  }
  ExactSum many;
  many.Add(1.5, uint64_t{1} << 63);
  EXPECT_EQ(many.Sum(), 0x1.8p63);
}

TEST(ExactSumTest, IntegersJoinExactly) {
  ExactSum sum;
  sum.Add(0.5);
  sum.AddInteger(static_cast<__int128>(INT64_MAX) * 1000);
  sum.AddInteger(static_cast<__int128>(INT64_MIN) * 1000);
  EXPECT_EQ(sum.Sum(), -999.5);
}

TEST(ExactSumTest, MeansAreFiniteWhenSumsAreNot) {
  ExactSum sum;
  sum.Add(1.7e308);
  sum.Add(1.7e308);
  EXPECT_EQ(sum.Mean(2), 1.7e308);
  ExactSum small;
  small.Add(kLeastFloat, 3);
  EXPECT_EQ(small.Mean(3), kLeastFloat);
}

// Against the textbook in long double where nothing cancels, and where nearly all does.
TEST(ExactSumTest, Deviations) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> values;
    ExactMoments moments;
    for (uint64_t i = 2 + random() % 40; i > 0; --i) {
      values.push_back(AnyFloat(&random, 5));
      moments.Add(values.back());
    }
    long double mean = 0;
    for (const double value : values) mean += value;
    mean /= static_cast<long double>(values.size());
    long double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const auto count = static_cast<long double>(values.size());
    const auto sample = static_cast<double>(std::sqrt(squares / (count - 1)));
    const auto population = static_cast<double>(std::sqrt(squares / count));
    ASSERT_NEAR(moments.Deviation(false), sample, sample * 1e-14);
    ASSERT_NEAR(moments.Deviation(true), population, population * 1e-14);
  }
  ExactMoments far;
  for (const double value : {1e15, 1e15 + 1, 1e15 + 2}) far.Add(value);
  EXPECT_EQ(far.Deviation(false), 1.0);
  ExactMoments huge;
  for (const double value : {1e300, 3e300}) huge.Add(value);
  EXPECT_DOUBLE_EQ(huge.Deviation(true), 1e300);
  ExactMoments tiny;
  for (const double value : {kLeastFloat, 3 * kLeastFloat}) tiny.Add(value);
  EXPECT_EQ(tiny.Deviation(true), kLeastFloat);
  ExactMoments one;
  one.Add(5);
  EXPECT_EQ(one.Deviation(false), 0.0);
}

TEST(ExactSumTest, AnyBytesAreSafe) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (uint64_t i = random() % 60; i > 0; --i) bytes.push_back(static_cast<char>(random()));
    if (!bytes.empty() && round % 2 == 0) bytes[0] = 8;
    ByteReader reader(bytes);
    ExactSum sum;
    sum.ReadFrom(&reader);
    ExactSum other;
    other.Add(AnyFloat(&random, 1000));
    other.Merge(sum);
    other.Sum();
    ByteReader again(bytes);
    ExactMoments moments;
    moments.ReadFrom(&again);
    ExactMoments total;
    total.Add(AnyFloat(&random, 1000));
    total.Merge(moments);
    total.Deviation(true);
  }
}

}  // namespace
}  // namespace tidemark::query
