// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "query/batch/batch.h"

// Sanitizers count allocations by themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
int64_t allocation_count = 0;
}  // namespace

[[gnu::noinline]] void* operator new(size_t size) {
  ++allocation_count;
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace tidemark::query {
namespace {

// A scan's batch and its expansion: 12 columns, filtered, with text.
void RunOnce(SlabPool* pool) {
  const BatchRef scanned = Batch::Make(pool);
  for (int kind = 1; kind <= 7; ++kind) scanned->AddColumn(static_cast<ColumnKind>(kind));
  for (size_t row = 0; row < kMaxBatchRows; ++row) {
    scanned->AddRow();
    scanned->column(2)->SetWord(row, row);
    scanned->column(5)->SetText(row, "some text of a property");
    scanned->column(6)->SetText(row, "some more");
  }
  scanned->Filter([](uint16_t row) { return row % 3 != 0; });
  const BatchRef expanded = Batch::MakeChild(pool, scanned);
  Column* const neighbours = expanded->AddColumn(ColumnKind::kVertex);
  for (size_t row = 0; row < kMaxBatchRows; ++row) {
    expanded->parent_rows()[expanded->AddRow()] = scanned->RowAt(row % scanned->selected_count());
    neighbours->SetWord(row, row + 1);
  }
  GatherColumn(expanded.get(), 2);
  GatherColumn(expanded.get(), 5);
}

TEST(BatchAllocationTest, AWarmBatchAllocatesNothing) {
  SlabPool pool;
  RunOnce(&pool);
  const int64_t before = allocation_count;
  for (int i = 0; i < 10; ++i) RunOnce(&pool);
  EXPECT_EQ(allocation_count, before);
  EXPECT_EQ(pool.used_count(), 0u);
}

}  // namespace
}  // namespace tidemark::query

#endif
