// SPDX-License-Identifier: Apache-2.0
#include "graph/value_walk.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "graph/value_text.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

// What a walk gives, by recursion.
void Expect(const std::string* key, const Value& value, std::vector<std::string>* lines) {
  lines->push_back(absl::StrCat(key == nullptr ? "" : *key + ": ", ToText(value)));
  if (value.type() == ValueType::kList) {
    for (const Value& element : value.list()) Expect(nullptr, element, lines);
  } else if (value.type() == ValueType::kMap) {
    for (const auto& [name, entry] : value.map()) Expect(&name, entry, lines);
  }
}

std::vector<std::string> Walk(ValueWalk* walk, const Value& value) {
  std::vector<std::string> lines;
  for (walk->Begin(value); !walk->is_done();) {
    const ValueWalk::Item item = walk->Next();
    lines.push_back(absl::StrCat(item.key == nullptr ? "" : *item.key + ": ", ToText(*item.value)));
  }
  return lines;
}

TEST(ValueWalkTest, ComesToEverythingInItsOrder) {
  RandomValues random(3);
  ValueWalk walk;
  size_t longest = 0;
  for (int i = 0; i < 5'000; ++i) {
    const Value value = random.Any(5);
    std::vector<std::string> expected;
    Expect(nullptr, value, &expected);
    ASSERT_EQ(Walk(&walk, value), expected) << ToText(value);
    longest = std::max(longest, expected.size());
  }
  EXPECT_GT(longest, 20u);
}

TEST(ValueWalkTest, PassesThroughWhatIsEmpty) {
  ValueWalk walk;
  EXPECT_TRUE(walk.is_done());
  const Value empty =
      Value::List({Value::List({}), Value::Map({}), Value::List({Value::List({})})});
  EXPECT_EQ(Walk(&walk, empty),
            std::vector<std::string>({"[[], {}, [[]]]", "[]", "{}", "[[]]", "[]"}));
}

}  // namespace
}  // namespace tidemark::graph
