// SPDX-License-Identifier: Apache-2.0
#include "query/batch/batch_coding.h"

#include <gtest/gtest.h>

#include <string>

#include "base/coding.h"
#include "query/batch/row_hash.h"
#include "tests/query/batch/random_batch.h"

namespace tidemark::query {
namespace {

std::string Encode(const Batch& batch) {
  std::string bytes;
  CHECK(AppendBatch(batch, &bytes).ok());
  return bytes;
}

TEST(BatchCodingTest, RoundTrips) {
  SlabPool pool;
  RandomBatches random(21, &pool);
  for (int round = 0; round < 2000; ++round) {
    const BatchRef batch = round % 10 == 0 ? random.OfEveryKind(kMaxBatchRows) : random.Any();
    const std::string bytes = Encode(*batch);
    const absl::StatusOr<BatchRef> decoded = DecodeBatch(&pool, bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    ASSERT_TRUE(SameRows(RowsOf(*batch), RowsOf(**decoded)));
    ASSERT_EQ(MultiplicitiesOf(*batch), MultiplicitiesOf(**decoded));
    ASSERT_EQ(Encode(**decoded), bytes);
  }
}

TEST(BatchCodingTest, EdgesTravelWithoutTheirEnds) {
  SlabPool pool;
  const BatchRef batch = Batch::Make(&pool);
  batch->AddColumn(ColumnKind::kEdge)->SetWord(batch->AddRow(), EdgeId(SlotId(3), 7).value());
  const absl::StatusOr<BatchRef> decoded = DecodeBatch(&pool, Encode(*batch));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ((*decoded)->column(0)->sources(), nullptr);
  EXPECT_EQ((*decoded)->CellAt(0, 0).edge(), EdgeId(SlotId(3), 7));
}

TEST(BatchCodingTest, RowsBeyondALimitAreNotWritten) {
  constexpr size_t kTextBytes = 100'000;
  constexpr size_t kMaxBytes = 10 * kTextBytes;
  SlabPool pool;
  const graph::Value text = graph::Value::String(std::string(kTextBytes, 'x'));
  const BatchRef batch = Batch::Make(&pool);
  Column* const column = batch->AddColumn(ColumnKind::kValue);
  for (int i = 0; i < 500; ++i) column->SetValue(batch->AddRow(), text);
  std::string before = "before";
  for (const size_t count : {1, 9, 10, 11, 500}) {
    std::string bytes = before;
    const absl::StatusOr<bool> fits = AppendRows(*batch, 0, count, kMaxBytes, &bytes);
    ASSERT_TRUE(fits.ok()) << fits.status();
    EXPECT_EQ(*fits, count < 10) << count;
    EXPECT_LE(bytes.size(), before.size() + kMaxBytes);
    if (!*fits) continue;
    const absl::StatusOr<BatchRef> decoded =
        DecodeBatch(&pool, std::string_view(bytes).substr(before.size()));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ((*decoded)->selected_count(), count);
  }
}

// The limit is exact, whatever the columns are.
TEST(BatchCodingTest, RowsFitWhenTheyTakeWhatIsAllowed) {
  SlabPool pool;
  RandomBatches random(22, &pool);
  for (int round = 0; round < 500; ++round) {
    const BatchRef batch = random.Any();
    const size_t size = Encode(*batch).size();
    const size_t count = batch->selected_count();
    for (const size_t max_bytes : {size, size - 1, size / 2, size_t{0}}) {
      std::string bytes;
      const absl::StatusOr<bool> fits = AppendRows(*batch, 0, count, max_bytes, &bytes);
      ASSERT_TRUE(fits.ok()) << fits.status();
      ASSERT_EQ(*fits, max_bytes == size);
    }
  }
}

// Reads every cell of what was decoded, as the operators above do.
void ReadAll(const Batch& batch) {
  for (const ModelRow& row : RowsOf(batch)) EXPECT_EQ(row.size(), batch.slot_count());
  batch.ForEachRow([&](uint16_t row) {
    for (uint32_t slot = 0; slot < batch.slot_count(); ++slot) HashCell(batch.CellAt(slot, row));
  });
}

bool HasEdgesWithoutEnds(const Batch& batch) {
  for (size_t i = 0; i < batch.column_count(); ++i) {
    const Column& column = *batch.column(i);
    if (column.kind() == ColumnKind::kEdge && column.sources() == nullptr) return true;
  }
  return false;
}

TEST(BatchCodingTest, AnyBytesAreSafe) {
  SlabPool pool;
  RandomBatches random(22, &pool);
  int decoded_count = 0;
  for (int round = 0; round < 20'000; ++round) {
    const BatchRef batch = round % 4 == 0 ? random.OfEveryKind(3) : random.Any();
    std::string bytes = random.values()->Damage(Encode(*batch));
    if (round % 3 == 0) bytes.resize(random.values()->Below(bytes.size() + 1));
    const absl::StatusOr<BatchRef> decoded = DecodeBatch(&pool, bytes);
    if (!decoded.ok()) {
      ASSERT_EQ(decoded.status().code(), absl::StatusCode::kDataLoss);
      continue;
    }
    ++decoded_count;
    // A row of a value column is a byte on the wire and 16 in memory.
    EXPECT_LE((*decoded)->memory_bytes(), kSlabBytes + 200 * (bytes.size() + 1));
    if (!HasEdgesWithoutEnds(**decoded)) ReadAll(**decoded);
  }
  EXPECT_GT(decoded_count, 100);
}

TEST(BatchCodingTest, HeadsThatPromiseTooMuchAllocateNothing) {
  SlabPool pool;
  const auto head = [](uint64_t rows, uint64_t columns, std::string_view rest) {
    std::string bytes;
    AppendVarint(&bytes, rows);
    AppendVarint(&bytes, columns);
    AppendFixed8(&bytes, 0);
    return bytes + std::string(rest);
  };
  for (const std::string& bytes :
       {std::string(), head(1 << 20, 0, ""), head(1, UINT64_MAX, "xx"), head(1, 1, ""),
        head(kMaxBatchRows, 1, std::string("\x03\x00", 2)),
        head(kMaxBatchRows, 1, std::string("\x08\x00\x00", 3)), head(0, 0, "x"),
        head(1, 1, std::string("\x0a\x00\x00", 3)), head(1, 1, std::string("\x03\x04\x00", 3))}) {
    EXPECT_EQ(DecodeBatch(&pool, bytes).status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(pool.used_count(), 0u);
  }
}

}  // namespace
}  // namespace tidemark::query
