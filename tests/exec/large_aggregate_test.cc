// SPDX-License-Identifier: Apache-2.0
// Results of large states are made elsewhere: what they are, and what they take.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "catalog/names.h"
#include "exec/query_run.h"
#include "graph/value_text.h"
#include "tests/exec/fragment_workers.h"
#include "tests/query/eval/held_jobs.h"

namespace tidemark::exec {
namespace {

using query::BatchRef;

constexpr char kText[] =
    "UNWIND range(1, 150000) AS x WITH x, x * 7919 % 100003 AS y "
    "WITH x % 2 AS k, collect(y) AS a, collect(DISTINCT y) AS b, percentileCont(y, 0.3) AS c, "
    "percentileDisc(y, 0.7) AS d, percentileCont(DISTINCT y, 1) AS e, count(DISTINCT y) AS f, "
    "min(y) AS g "
    "RETURN k, size(a), a[100], a[-1], size(b), b[777], b[-1], c, d, e, f, g";
// Those of a group that keep its values.
constexpr int kLargeStates = 6;

class LargeAggregate {
 public:
  explicit LargeAggregate(query::eval::Background* background) : plan_(PlanOf(kText, 1)) {
    run_.emplace(plan_, input_, QueryHost{&pool_, &memory_, 1 << 30, &names_, nullptr, background},
                 QueryPorts{});
  }
  // Until the next slice's end; false when there is nothing more.
  bool Continue() {
    int64_t units = 1'000'000;
    BatchRef batch;
    const absl::StatusOr<Pulled> pulled = run_->Pull(&units, &batch);
    CHECK(pulled.ok()) << pulled.status();
    if (*pulled == Pulled::kBatch) {
      batch->ForEachRow([&](uint16_t row) {
        for (const uint32_t slot : plan_.columns) {
          texts_.push_back(graph::ToText(batch->ValueAt(slot, row)));
        }
      });
    }
    return *pulled != Pulled::kEnd;
  }
  bool waits() const { return run_->waits_for_call(); }
  void Drop() { run_.reset(); }
  const std::vector<std::string>& texts() const { return texts_; }
  uint64_t used_bytes() const { return memory_.used_bytes; }

 private:
  const query::plan::Plan plan_;
  query::SlabPool pool_;
  Unlimited memory_;
  const catalog::NameTable names_;
  const QueryInput input_;
  std::optional<QueryRun> run_;
  std::vector<std::string> texts_;
};

TEST(LargeAggregateTest, GivesTheSameInTheBackground) {
  LargeAggregate at_once(nullptr);
  while (at_once.Continue()) {
  }
  query::eval::HeldJobs jobs;
  LargeAggregate in_jobs(&jobs);
  while (in_jobs.Continue()) {
    EXPECT_EQ(in_jobs.waits(), jobs.waiting() > 0);
    EXPECT_LE(jobs.waiting(), 1u);
    jobs.RunAll();
  }
  EXPECT_EQ(jobs.count(), 2 * kLargeStates);
  EXPECT_EQ(at_once.texts().size(), 24u);
  EXPECT_EQ(in_jobs.texts(), at_once.texts());
}

TEST(LargeAggregateTest, AJobOutlivesItsQuery) {
  query::eval::HeldJobs jobs;
  LargeAggregate aggregate(&jobs);
  while (jobs.waiting() == 0) ASSERT_TRUE(aggregate.Continue());
  EXPECT_TRUE(aggregate.Continue());
  EXPECT_TRUE(aggregate.waits()) << "nobody has done the job";
  EXPECT_GT(aggregate.used_bytes(), uint64_t{1} << 20);
  aggregate.Drop();
  EXPECT_EQ(aggregate.used_bytes(), 0u);
  jobs.RunAll();
}

}  // namespace
}  // namespace tidemark::exec
