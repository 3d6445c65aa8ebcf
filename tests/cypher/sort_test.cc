// SPDX-License-Identifier: Apache-2.0
// ORDER BY against std::stable_sort: many runs, equivalent rows, SKIP and LIMIT of all sizes.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/value_order.h"
#include "tests/cypher/test_node.h"

namespace tidemark::cypher_test {
namespace {

using graph::Value;

struct SortedRow {
  Value first;
  Value second;
  int64_t number = 0;
};

class RandomRows {
 public:
  explicit RandomRows(uint32_t seed) : random_(seed) {}

  std::vector<SortedRow> Make(size_t count) {
    const size_t spread = 1 + Below(2 * count + 2);
    std::vector<SortedRow> rows;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back(
          {Any(spread), Value::Integer(static_cast<int64_t>(Below(5))), static_cast<int64_t>(i)});
    }
    return rows;
  }
  size_t Below(size_t bound) { return random_() % bound; }

 private:
  Value Any(size_t spread) {
    const auto number = static_cast<int64_t>(Below(spread));
    switch (Below(8)) {
      case 0:
        return Value();
      case 1:
        return Value::Float(static_cast<double>(number) / 2);
      case 2:
        return Value::String(absl::StrCat("text ", number));
      case 3:
        return Value::List({Value::Integer(1), Value::Integer(number % 7)});
      default:
        return Value::Integer(number);
    }
  }

  std::minstd_rand random_;
};

std::vector<std::string> Ordered(std::vector<SortedRow> rows, size_t skip, size_t limit) {
  std::stable_sort(rows.begin(), rows.end(), [](const SortedRow& a, const SortedRow& b) {
    const int order = graph::Compare(a.first, b.first);
    return order != 0 ? order < 0 : graph::Compare(a.second, b.second) > 0;
  });
  std::vector<std::string> numbers;
  for (size_t i = skip; i < std::min(rows.size(), skip + limit); ++i) {
    numbers.push_back(absl::StrCat(rows[i].number));
  }
  return numbers;
}

std::vector<std::string> Answered(const std::vector<SortedRow>& rows, const std::string& behind) {
  std::vector<Value> lists;
  for (const SortedRow& row : rows) {
    lists.push_back(Value::List({row.first, row.second, Value::Integer(row.number)}));
  }
  TestNode node(uint64_t{256} << 20);
  TextAnswers answers;
  const auto session = node.front()->NewSession("", &answers);
  session->Run(
      {Value::String(
           "UNWIND $rows AS r WITH r[0] AS a, r[1] AS b, r[2] AS n RETURN n ORDER BY a, b DESC" +
           behind),
       Value::Map({{"rows", Value::List(std::move(lists))}})},
      {});
  node.RunTurns();
  session->Pull(session::FrontSession::kLatestQuery, session::FrontSession::kAllRows);
  node.RunTurns();
  EXPECT_FALSE(answers.failure().has_value()) << answers.failure()->message;
  return answers.rows();
}

TEST(SortTest, GivesTheOrderOfAStableSort) {
  constexpr size_t kCounts[] = {0, 1, 2, 15, 16, 17, 33, 1'000, 1'024, 1'025, 5'000, 20'000};
  for (uint32_t seed = 1; seed <= 24; ++seed) {
    RandomRows random(seed);
    const std::vector<SortedRow> rows = random.Make(kCounts[seed % std::size(kCounts)]);
    SCOPED_TRACE(absl::StrCat("seed ", seed, ", ", rows.size(), " rows"));
    EXPECT_EQ(Answered(rows, ""), Ordered(rows, 0, rows.size()));
    for (const size_t limit : {size_t{0}, size_t{1}, size_t{10}, size_t{700}, size_t{1'024},
                               size_t{1'025}, random.Below(20'000)}) {
      const size_t skip = random.Below(3) == 0 ? random.Below(1'500) : 0;
      const std::string behind = absl::StrCat(" SKIP ", skip, " LIMIT ", limit);
      EXPECT_EQ(Answered(rows, behind), Ordered(rows, skip, limit)) << behind;
    }
  }
}

}  // namespace
}  // namespace tidemark::cypher_test
