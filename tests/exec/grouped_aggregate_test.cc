// SPDX-License-Identifier: Apache-2.0
// Groups by one key, of which integers have a way of their own, against groups by the same key and
// a second one that is always the same, which take each row by itself.
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/names.h"
#include "exec/operators/integer_groups.h"
#include "exec/query_run.h"
#include "exec/slice_pace.h"
#include "graph/value_text.h"
#include "query/functions/registry.h"
#include "tests/exec/fragment_workers.h"

namespace tidemark::exec {
namespace {

using graph::Value;
using query::Batch;
using query::BatchRef;
using query::Column;
using query::ColumnKind;
using query::plan::AggregatePhase;

struct CallShape {
  std::string_view function;
  bool is_distinct = false;
};

struct Slots {
  uint32_t key = 0;
  uint32_t value = 1;
  uint32_t constant = 2;
};

std::unique_ptr<query::plan::Aggregate> AggregateOf(const std::vector<CallShape>& calls,
                                                    const Slots& slots, bool has_two_keys) {
  auto node = std::make_unique<query::plan::Aggregate>();
  node->keys = {slots.key};
  if (has_two_keys) node->keys.push_back(slots.constant);
  for (const CallShape& call : calls) {
    const bool counts_rows = call.function == "count(*)";
    const auto function = query::FindFunction(counts_rows ? "count" : call.function, 1, {});
    CHECK(function.ok()) << function.status();
    query::plan::AggregateCall planned{*function, call.is_distinct, {slots.value}, 0};
    if (counts_rows) planned.arguments.clear();
    node->calls.push_back(std::move(planned));
  }
  return node;
}

// The key and the results of each group.
std::string TextOf(const Batch& batch, uint16_t row, size_t key_count, size_t call_count) {
  std::string text = graph::ToText(batch.ValueAt(0, row));
  for (size_t call = 0; call < call_count; ++call) {
    absl::StrAppend(&text, " ", graph::ToText(batch.ValueAt(key_count + call, row)));
  }
  return text;
}

// What is pulled in small slices; the error, when there is one.
template <typename Pull>
std::vector<std::string> PulledRows(const query::plan::Aggregate& plan, Pull pull) {
  std::vector<std::string> rows;
  while (true) {
    int64_t units = 500;
    BatchRef batch;
    const absl::StatusOr<Pulled> pulled = pull(&units, &batch);
    if (!pulled.ok()) return {std::string(pulled.status().message())};
    if (*pulled == Pulled::kEnd) return rows;
    if (*pulled != Pulled::kBatch) continue;
    batch->ForEachRow([&](uint16_t row) {
      rows.push_back(TextOf(*batch, row, plan.keys.size(), plan.calls.size()));
    });
  }
}

class GroupedRows {
 public:
  explicit GroupedRows(uint64_t seed) : random_(seed) {}

  std::vector<CallShape> AnyCalls() {
    std::vector<CallShape> calls;
    for (uint64_t i = Below(4); i > 0; --i) {
      constexpr std::string_view kFast[] = {"count(*)", "count", "sum", "avg", "min", "max"};
      constexpr std::string_view kSlow[] = {"collect", "stDev"};
      calls.push_back({Below(8) == 0 ? kSlow[Below(2)] : kFast[Below(6)]});
      calls.back().is_distinct = calls.back().function != "count(*)" && Below(8) == 0;
    }
    return calls;
  }
  // The key is in the batch or in its parent.
  BatchRef AnyBatch() {
    const bool has_parent = Below(3) == 0;
    BatchRef batch = Batch::Make(&pool, query::kMaxBatchRows);
    batch->set_row_count(1 + Below(query::kMaxBatchRows));
    FillKeys(batch.get());
    Narrow(batch.get());
    if (has_parent && batch->selected_count() > 0) {
      const BatchRef parent = std::move(batch);
      batch = Batch::MakeChild(&pool, parent, query::kMaxBatchRows);
      batch->set_row_count(1 + Below(query::kMaxBatchRows));
      for (size_t row = 0; row < batch->row_count(); ++row) {
        batch->parent_rows()[row] = parent->RowAt(Below(parent->selected_count()));
      }
    }
    FillValues(batch.get());
    *batch->AddColumn(ColumnKind::kConstant)->values() = Value::Integer(7);
    if (has_parent) Narrow(batch.get());
    return batch;
  }
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  query::SlabPool pool;

 private:
  Value AnyKey(uint64_t shape, uint64_t spread) {
    const auto integer = static_cast<int64_t>(Below(spread)) - 2;
    if (shape == 0 || Below(shape * 8) != 0) return Value::Integer(integer);
    switch (Below(4)) {
      case 0:
        return Value::Float(static_cast<double>(integer));
      case 1:
        return Value::String(absl::StrCat(integer));
      case 2:
        return Value::Boolean(integer > 0);
      default:
        return Value::Integer(std::numeric_limits<int64_t>::min() + integer + 2);
    }
  }
  void FillKeys(Batch* batch) {
    const uint64_t shape = Below(3);
    const uint64_t spread = Below(2) == 0 ? 5 : 1000;
    constexpr ColumnKind kKinds[] = {ColumnKind::kTagged, ColumnKind::kValue, ColumnKind::kInteger};
    const ColumnKind kind = kKinds[Below(shape == 0 ? 3 : 2)];
    Column* const column = batch->AddColumn(kind);
    for (size_t row = 0; row < batch->row_count(); ++row) {
      if (Below(8) == 0) {
        column->SetNull(row);
      } else {
        column->SetValue(row, AnyKey(shape, spread));
      }
    }
  }
  // Integers, or floats as well, or anything as well.
  void FillValues(Batch* batch) {
    const uint64_t shape = Below(4);
    Column* const column = batch->AddColumn(ColumnKind::kTagged);
    for (size_t row = 0; row < batch->row_count(); ++row) {
      if (Below(8) == 0) continue;  // null
      Value value = Value::Integer(static_cast<int64_t>(random_()) >> Below(64));
      if (shape >= 2 && Below(3) == 0)
        value = Value::Float(1.0 / static_cast<double>(1 + Below(9)));
      if (shape == 3 && Below(200) == 0) value = Value::String("text");
      column->SetValue(row, value);
    }
  }
  void Narrow(Batch* batch) {
    if (Below(3) == 0) batch->Filter([&](uint16_t) { return Below(3) > 0; });
    if (Below(4) != 0) return;
    batch->MakeMultiplicity();
    batch->ForEachRow([&](uint16_t row) { batch->multiplicity()[row] = Below(4); });
  }

  std::mt19937_64 random_;
};

// A batch of the same rows that may have more columns: a copy, or a child.
BatchRef Again(const BatchRef& rows, bool as_child, query::SlabPool* pool) {
  if (!as_child) return query::Gather(pool, *rows);
  BatchRef child = Batch::MakeChild(pool, rows, query::kMaxBatchRows);
  child->set_row_count(rows->row_count());
  for (size_t row = 0; row < rows->row_count(); ++row) {
    child->parent_rows()[row] = static_cast<uint16_t>(row);
  }
  std::vector<bool> counts(rows->row_count());
  rows->ForEachRow([&](uint16_t row) { counts[row] = true; });
  child->Filter([&](uint16_t row) { return counts[row]; });
  return child;
}

std::vector<std::string> Grouped(const query::plan::Aggregate& plan, BatchRef rows,
                                 query::SlabPool* pool) {
  Unlimited memory;
  std::vector<std::string> texts;
  {
    MemoryAccount account(&memory, 1 << 30);
    RunContext context;
    context.pool = pool;
    context.account = &account;
    const std::unique_ptr<Operator> root = MakeFragment(plan, std::move(rows), &context);
    texts = PulledRows(plan, [&](int64_t* units, BatchRef* batch) {
      context.units = *units;
      return root->Pull(batch);
    });
  }
  EXPECT_EQ(memory.used_bytes, 0u);
  return texts;
}

TEST(GroupedAggregate, OneKeyGivesTheSameAsTwo) {
  GroupedRows random(3);
  size_t group_count = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::vector<CallShape> calls = random.AnyCalls();
    const BatchRef rows = random.AnyBatch();
    const auto phase = random.Below(2) == 0 ? AggregatePhase::kWhole : AggregatePhase::kPartial;
    const bool as_child = random.Below(2) == 0;
    std::vector<std::string> texts[2];
    for (const bool has_two_keys : {false, true}) {
      const auto plan = AggregateOf(calls, {}, has_two_keys);
      plan->phase = phase;
      auto input = std::make_unique<query::plan::Input>();
      input->slot_count = static_cast<uint32_t>(rows->slot_count());
      plan->inputs.push_back(std::move(input));
      texts[has_two_keys] = Grouped(*plan, Again(rows, as_child, &random.pool), &random.pool);
    }
    ASSERT_EQ(texts[0], texts[1]) << "round " << round;
    group_count += texts[0].size();
  }
  EXPECT_GT(group_count, 10'000u);
}

// Many batches, and more integers than are remembered.
TEST(GroupedAggregate, ManyBatchesGiveTheSame) {
  const std::string text =
      "UNWIND range(1, 60000) AS x "
      "RETURN CASE x % 13 WHEN 0 THEN null WHEN 1 THEN toFloat(x % 9) ELSE x % 10007 END AS k, "
      "CASE x % 5 WHEN 0 THEN null ELSE x END AS v, 7 AS c";
  const std::vector<CallShape> calls = {{"count(*)"}, {"count"}, {"sum"}, {"max"}};
  std::vector<std::string> texts[2];
  for (const bool has_two_keys : {false, true}) {
    query::plan::Plan plan = PlanOf(text, 1);
    auto node =
        AggregateOf(calls, {plan.columns[0], plan.columns[1], plan.columns[2]}, has_two_keys);
    const query::plan::Aggregate& aggregate = *node;
    node->number = plan.home.operator_count++;
    node->inputs.push_back(std::move(plan.home.root));
    plan.home.root = std::move(node);
    query::SlabPool pool;
    Unlimited memory;
    const catalog::NameTable names;
    const QueryInput input;
    QueryRun run(plan, input, {&pool, &memory, 1 << 30, &names}, {});
    texts[has_two_keys] = PulledRows(
        aggregate, [&](int64_t* units, BatchRef* batch) { return run.Pull(units, batch); });
  }
  EXPECT_GT(texts[0].size(), IntegerGroups::kMaxKeys);
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(IntegerGroups, FindsWhatItRemembersAndNothingElse) {
  std::mt19937_64 random(11);
  for (const uint64_t spread : {50, 5'000, 1'000'000}) {
    IntegerGroups groups;
    std::unordered_map<int64_t, uint32_t> wanted;
    EXPECT_EQ(groups.Find(0), IntegerGroups::kUnknown);
    for (uint32_t i = 0; i < 30'000; ++i) {
      const int64_t key =
          static_cast<int64_t>(random() % spread) * (random() % 2 == 0 ? 1 : int64_t{1} << 40);
      const auto known = wanted.find(key);
      ASSERT_EQ(groups.Find(key), known == wanted.end() ? IntegerGroups::kUnknown : known->second);
      if (known != wanted.end() || wanted.size() == IntegerGroups::kMaxKeys) continue;
      groups.Remember(key, i);
      wanted[key] = i;
    }
    const size_t bytes = groups.memory_bytes();
    if (wanted.size() < IntegerGroups::kMaxKeys) continue;
    groups.Remember(-1, 1);
    EXPECT_EQ(groups.Find(-1), IntegerGroups::kUnknown);
    EXPECT_EQ(groups.memory_bytes(), bytes);
  }
}

}  // namespace
}  // namespace tidemark::exec
