// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <vector>

#include "graph/value_order.h"
#include "graph/value_text.h"
#include "query/batch/row_compare.h"
#include "query/batch/row_hash.h"
#include "tests/query/batch/random_batch.h"

namespace tidemark::query {
namespace {

using graph::Value;

int OrderSign(int order) { return (order > 0) - (order < 0); }

struct AnyCell {
  const Batch* batch;
  size_t slot;
  uint16_t row;

  Cell cell() const { return batch->CellAt(slot, row); }
  Value value() const { return batch->ValueAt(slot, row); }
};

AnyCell PickCell(graph::RandomValues* random, const Batch& batch) {
  const auto row = static_cast<uint16_t>(random->Below(batch.row_count()));
  return {&batch, random->Below(batch.slot_count()), row};
}

// Cells of any two kinds compare, hash and equal as their values do.
TEST(RowOrderTest, CellsAreOrderedAsTheirValues) {
  SlabPool pool;
  RandomBatches random(11, &pool);
  int equivalent_count = 0;
  for (int round = 0; round < 100; ++round) {
    const BatchRef batch = random.OfEveryKind(kMaxBatchRows);
    for (int i = 0; i < 1000; ++i) {
      const AnyCell a = PickCell(random.values(), *batch);
      const AnyCell b = PickCell(random.values(), *batch);
      const int order = graph::Compare(a.value(), b.value());
      ASSERT_EQ(OrderSign(CompareCells(a.cell(), b.cell())), OrderSign(order))
          << graph::ToText(a.value()) << " " << graph::ToText(b.value());
      ASSERT_EQ(HashCell(a.cell()), graph::HashValue(a.value()));
      ASSERT_EQ(EquivalentCells(a.cell(), b.cell()), order == 0);
      if (order == 0) {
        ++equivalent_count;
        ASSERT_EQ(HashCell(a.cell()), HashCell(b.cell()));
      }
    }
  }
  EXPECT_GT(equivalent_count, 1000);
}

TEST(RowOrderTest, RowsCompareKeyByKey) {
  SlabPool pool;
  const BatchRef batch = Batch::Make(&pool);
  Column* const first = batch->AddColumn(ColumnKind::kTagged);
  Column* const second = batch->AddColumn(ColumnKind::kInteger);
  for (int i = 0; i < 3; ++i) {
    const uint16_t row = batch->AddRow();
    first->SetValue(row, i == 2 ? Value() : Value::Float(1));
    second->SetWord(row, static_cast<uint64_t>(i));
  }
  const auto compare = [&](uint16_t a, uint16_t b, std::vector<SortKey> keys) {
    return OrderSign(CompareRows({batch.get(), a}, {batch.get(), b}, keys));
  };
  EXPECT_EQ(compare(0, 1, {{0}}), 0);
  EXPECT_EQ(compare(0, 1, {{0}, {1}}), -1);
  EXPECT_EQ(compare(0, 1, {{0}, {1, true}}), 1);
  EXPECT_EQ(compare(0, 2, {{0}}), -1);       // null last
  EXPECT_EQ(compare(0, 2, {{0, true}}), 1);  // descending: null first
  EXPECT_EQ(compare(2, 2, {{0}, {1}}), 0);
}

// NaN is one group, 1 and 1.0 are one, 2^53 + 1 and 2^53 as a float are two; null is a group.
TEST(RowOrderTest, GroupsFollowEquivalence) {
  SlabPool pool;
  const BatchRef batch = Batch::Make(&pool, 3);
  Column* const a = batch->AddColumn(ColumnKind::kTagged);
  Column* const b = batch->AddColumn(ColumnKind::kFloat);
  const std::vector<std::pair<Value, double>> same = {
      {Value::Integer(1), 1.0},
      {Value::Float(-0.0), 0.0},
      {Value::Float(__builtin_nan("")), -__builtin_nan("")}};
  for (size_t row = 0; row < 3; ++row) {
    batch->AddRow();
    a->SetValue(row, same[row].first);
    b->SetValue(row, Value::Float(same[row].second));
    EXPECT_TRUE(EquivalentCells(a->CellAt(row), b->CellAt(row))) << row;
    EXPECT_EQ(HashCell(a->CellAt(row)), HashCell(b->CellAt(row))) << row;
  }
  a->SetValue(0, Value::Integer((int64_t{1} << 53) + 1));
  b->SetValue(0, Value::Float(9007199254740992.0));
  EXPECT_FALSE(EquivalentCells(a->CellAt(0), b->CellAt(0)));
  a->SetNull(1);
  b->SetNull(1);
  EXPECT_TRUE(EquivalentCells(a->CellAt(1), b->CellAt(1)));
  EXPECT_EQ(HashCell(a->CellAt(1)), HashCell(b->CellAt(1)));
}

TEST(RowOrderTest, ColumnsGiveTheHashesOfRows) {
  SlabPool pool;
  RandomBatches random(12, &pool);
  for (int round = 0; round < 500; ++round) {
    const BatchRef batch = random.Any();
    std::vector<uint32_t> slots;
    for (uint32_t slot = 0; slot < batch->slot_count(); ++slot) slots.push_back(slot);
    std::vector<uint64_t> hashes(batch->selected_count());
    for (const uint32_t slot : slots) HashColumn(*batch, slot, absl::MakeSpan(hashes));
    for (size_t i = 0; i < hashes.size(); ++i) {
      const RowRef row{batch.get(), batch->RowAt(i)};
      ASSERT_EQ(hashes[i], HashRow(row, slots));
      ASSERT_TRUE(EquivalentRows(row, row, slots));
    }
  }
}

}  // namespace
}  // namespace tidemark::query
