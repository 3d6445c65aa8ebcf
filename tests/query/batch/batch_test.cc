// SPDX-License-Identifier: Apache-2.0
#include "query/batch/batch.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "graph/value_coding.h"
#include "tests/query/batch/random_batch.h"

namespace tidemark::query {
namespace {

using graph::Value;

TEST(BatchTest, RowsAreWhatWasSet) {
  SlabPool pool;
  RandomBatches random(1, &pool);
  for (int round = 0; round < 200; ++round) {
    graph::RandomValues same(static_cast<uint64_t>(round));
    const BatchRef batch = Batch::Make(&pool);
    Column* const tagged = batch->AddColumn(ColumnKind::kTagged);
    Column* const any = batch->AddColumn(ColumnKind::kValue);
    std::vector<ModelRow> model;
    while (!batch->full()) {
      const uint16_t row = batch->AddRow();
      model.push_back({same.Property(), same.Any(2)});
      tagged->SetValue(row, model.back()[0]);
      any->SetValue(row, model.back()[1]);
    }
    EXPECT_TRUE(SameRows(RowsOf(*batch), model));
  }
}

TEST(BatchTest, AFilterCopiesNothingAndKeepsTheOrder) {
  SlabPool pool;
  const BatchRef batch = Batch::Make(&pool);
  Column* const column = batch->AddColumn(ColumnKind::kInteger);
  batch->set_row_count(kMaxBatchRows);
  for (size_t row = 0; row < kMaxBatchRows; ++row) column->SetWord(row, row);
  const size_t bytes = batch->memory_bytes();
  batch->Filter([](uint16_t row) { return row % 2 == 0; });
  EXPECT_EQ(batch->selected_count(), (kMaxBatchRows + 1) / 2);
  batch->Filter([](uint16_t row) { return row != 0; });
  EXPECT_EQ(batch->RowAt(0), 2);
  batch->Truncate(1);
  EXPECT_EQ(RowsOf(*batch).size(), 1u);
  EXPECT_EQ(batch->memory_bytes(), bytes);
}

TEST(BatchTest, GatherGivesTheSameRowsWithoutParentsAndSelection) {
  SlabPool pool;
  RandomBatches random(2, &pool);
  for (int round = 0; round < 2000; ++round) {
    const BatchRef batch = random.Any();
    const BatchRef gathered = Gather(&pool, *batch);
    EXPECT_FALSE(gathered->parent());
    EXPECT_FALSE(gathered->has_selection());
    ASSERT_TRUE(SameRows(RowsOf(*batch), RowsOf(*gathered)));
    ASSERT_EQ(MultiplicitiesOf(*batch), MultiplicitiesOf(*gathered));
  }
}

TEST(BatchTest, GatherColumnBringsAParentsColumnDown) {
  SlabPool pool;
  RandomBatches random(3, &pool);
  for (int round = 0; round < 2000; ++round) {
    const BatchRef batch = random.Any();
    if (batch->slot_count() == 0) continue;
    const size_t slot = random.values()->Below(batch->slot_count());
    const Column* const own = GatherColumn(batch.get(), slot);
    batch->ForEachRow([&](uint16_t row) {
      ASSERT_EQ(graph::EncodeValue(own->ValueAt(row)),
                graph::EncodeValue(batch->ValueAt(slot, row)));
    });
  }
}

TEST(BatchTest, BorrowedTextIsCopiedForTheRowsThatStay) {
  SlabPool pool;
  const std::string long_text(1000, 'x');
  for (const ColumnKind kind : {ColumnKind::kString, ColumnKind::kTagged}) {
    std::string store = graph::EncodeValue(Value::String(long_text));
    const BatchRef parent = Batch::Make(&pool);
    Column* const column = parent->AddColumn(kind);
    column->BorrowEncoded(parent->AddRow(), store.data());
    const BatchRef child = Batch::MakeChild(&pool, parent);
    child->parent_rows()[child->AddRow()] = 0;
    Column* const shared = GatherColumn(child.get(), 0);
    EXPECT_TRUE(column->is_borrowing());
    EXPECT_TRUE(shared->is_borrowing());
    OwnText(child.get());
    store.assign(store.size(), 'y');
    EXPECT_EQ(child->ValueAt(0, 0).string(), long_text);
    EXPECT_EQ(shared->ValueAt(0).string(), long_text);
    EXPECT_FALSE(shared->is_borrowing());
  }
}

TEST(BatchTest, TextEndsABatchBeforeItsRowsDo) {
  SlabPool pool;
  const BatchRef batch = Batch::Make(&pool);
  Column* const column = batch->AddColumn(ColumnKind::kString);
  column->SetText(batch->AddRow(), std::string(kFullBatchBytes, 'x'));
  EXPECT_TRUE(batch->full());
  EXPECT_EQ(column->CellAt(0).text().size(), kFullBatchBytes);
}

TEST(BatchTest, MultiplicitiesMultiplyAndStopAtTheLargestNumber) {
  SlabPool pool;
  BatchRef batch = Batch::Make(&pool);
  batch->AddRow();
  EXPECT_EQ(batch->MultiplicityAt(0), 1u);
  for (int depth = 2; depth <= kMaxParentDepth; ++depth) {
    batch->MakeMultiplicity();
    batch->multiplicity()[0] = uint64_t{1} << 40;
    batch = Batch::MakeChild(&pool, batch);
    batch->parent_rows()[batch->AddRow()] = 0;
  }
  EXPECT_EQ(batch->MultiplicityAt(0), UINT64_MAX);
  batch->MakeMultiplicity();
  batch->multiplicity()[0] = 0;
  EXPECT_EQ(batch->MultiplicityAt(0), 0u);
}

TEST(BatchTest, MovesToTheNodeThatTakesIt) {
  SlabPool here;
  SlabPool there;
  {
    RandomBatches random(4, &here);
    const BatchRef batch = random.OfEveryKind(kMaxBatchRows);
    const std::vector<ModelRow> rows = RowsOf(*batch);
    const size_t slabs = here.used_count();
    batch->Detach();
    EXPECT_EQ(here.used_count(), 0u);
    batch->Attach(&there);
    EXPECT_EQ(there.used_count(), slabs);
    EXPECT_TRUE(SameRows(RowsOf(*batch), rows));
  }
  EXPECT_EQ(there.used_count(), 0u);
  {
    const BatchRef lost = Batch::Make(&here);
    lost->Detach();  // nobody takes it
  }
  EXPECT_EQ(here.used_count(), 0u);
}

TEST(BatchTest, SlabsAreGivenBackByOtherThreadsToo) {
  constexpr int kRounds = 2'000;
  SlabPool pool;
  std::vector<char*> slabs;
  for (size_t i = 0; i < kMaxIdleSlabs + 10; ++i) slabs.push_back(pool.Take());
  std::thread other([&] {
    for (char* const slab : slabs) pool.Give(slab);
  });
  for (int round = 0; round < kRounds; ++round) {
    char* const first = pool.Take();
    char* const second = pool.Take();
    first[0] = 'a';
    second[kSlabBytes - 1] = 'b';
    EXPECT_NE(first, second);
    pool.Give(second);
    pool.Give(first);
  }
  other.join();
  EXPECT_EQ(pool.used_count(), 0u);
  EXPECT_LE(pool.idle_count(), kMaxIdleSlabs);
}

TEST(BatchTest, ParentsLiveAsLongAsTheirChildren) {
  SlabPool pool;
  RandomBatches random(5, &pool);
  for (int round = 0; round < 500; ++round) {
    std::vector<BatchRef> kept;
    for (int i = 0; i < 5; ++i) kept.push_back(random.Any());
    const BatchRef copy = kept[2];
    kept.clear();
    EXPECT_EQ(RowsOf(*copy).size(), copy->selected_count());
  }
  EXPECT_EQ(pool.used_count(), 0u);
}

}  // namespace
}  // namespace tidemark::query
