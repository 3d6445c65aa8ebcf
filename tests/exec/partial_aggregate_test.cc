// SPDX-License-Identifier: Apache-2.0
// An aggregate in two parts gives what it gives as a whole.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/names.h"
#include "exec/query_run.h"
#include "exec/slice_pace.h"
#include "graph/value_text.h"
#include "query/functions/registry.h"
#include "tests/exec/fragment_workers.h"

namespace tidemark::exec {
namespace {

using query::plan::AggregatePhase;

constexpr std::string_view kFunctions[] = {"count", "sum", "avg", "min", "max", "stDev", "stDevP"};

// Adds an aggregate of `value` by `key`; of the last part the states are in the slots behind `key`.
void AddAggregate(AggregatePhase phase, uint32_t key, uint32_t value, query::plan::Plan* plan) {
  auto node = std::make_unique<query::plan::Aggregate>();
  node->phase = phase;
  node->keys = {key};
  for (const std::string_view name : kFunctions) {
    const auto function = query::FindFunction(name, 1, {});
    CHECK(function.ok()) << function.status();
    node->calls.push_back({*function, false, {value}, 0});
    if (phase == AggregatePhase::kFinal) ++value;
  }
  node->number = plan->home.operator_count++;
  node->inputs.push_back(std::move(plan->home.root));
  plan->home.root = std::move(node);
}

std::vector<std::string> RowsOf(const query::plan::Plan& plan) {
  query::SlabPool pool;
  Unlimited memory;
  const catalog::NameTable names;
  const QueryInput input;
  QueryRun run(plan, input, {&pool, &memory, 1 << 30, &names}, {});
  std::vector<std::string> rows;
  while (true) {
    int64_t units = kSliceUnits;
    query::BatchRef batch;
    const auto pulled = run.Pull(&units, &batch);
    CHECK(pulled.ok()) << pulled.status();
    if (*pulled == Pulled::kEnd) return rows;
    if (*pulled != Pulled::kBatch) continue;
    for (size_t i = 0; i < batch->selected_count(); ++i) {
      std::string row;
      for (uint32_t slot = 0; slot <= std::size(kFunctions); ++slot) {
        absl::StrAppend(&row, graph::ToText(batch->ValueAt(slot, batch->RowAt(i))), " ");
      }
      rows.push_back(row);
    }
  }
}

TEST(PartialAggregate, GivesTheSameAsTheWhole) {
  const std::string text =
      "UNWIND range(1, 3000) AS x "
      "RETURN x % 7 AS k, CASE x % 5 WHEN 0 THEN null WHEN 1 THEN x / 3.0 ELSE x END AS v";
  query::plan::Plan whole = PlanOf(text, 1);
  AddAggregate(AggregatePhase::kWhole, whole.columns[0], whole.columns[1], &whole);
  query::plan::Plan parts = PlanOf(text, 1);
  AddAggregate(AggregatePhase::kPartial, parts.columns[0], parts.columns[1], &parts);
  AddAggregate(AggregatePhase::kFinal, 0, 1, &parts);
  const std::vector<std::string> rows = RowsOf(whole);
  EXPECT_EQ(rows.size(), 7u);
  EXPECT_EQ(RowsOf(parts), rows);
}

}  // namespace
}  // namespace tidemark::exec
