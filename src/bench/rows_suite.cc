// SPDX-License-Identifier: Apache-2.0
// The rows of queries: no network, no disk, one thread. A figure is nanoseconds for one row, the
// median of many short runs, beside the plainest loop over the same memory.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "bench/suites.h"
#include "query/batch/batch.h"
#include "query/batch/batch_coding.h"
#include "query/batch/row_compare.h"
#include "query/batch/row_hash.h"
#include "query/functions/aggregate.h"
#include "query/functions/exact_sum.h"

namespace tidemark::bench {
namespace {

constexpr size_t kRowsPerRun = 256 * query::kMaxBatchRows;
constexpr int kRunsPerFigure = 31;
constexpr double kNanosPerMicro = 1000;

// Whatever a loop computes ends here, so that the loop stays.
volatile uint64_t sink = 0;

// Nanoseconds per row of `work`, which does kMaxBatchRows rows.
template <typename Work>
double NanosPerRow(env::Clock* clock, Work work) {
  Samples samples;
  for (int run = 0; run < kRunsPerFigure; ++run) {
    const int64_t begin = clock->NowMicros();
    for (size_t row = 0; row < kRowsPerRun; row += query::kMaxBatchRows) sink = sink + work();
    samples.Add(static_cast<double>(clock->NowMicros() - begin) * kNanosPerMicro /
                static_cast<double>(kRowsPerRun));
  }
  return samples.Median();
}

// One batch with a column of each kind that matters, in no order.
query::BatchRef MakeRows(query::SlabPool* pool) {
  query::BatchRef batch = query::Batch::Make(pool);
  batch->set_row_count(query::kMaxBatchRows);
  query::Column* const integers = batch->AddColumn(query::ColumnKind::kInteger);
  query::Column* const floats = batch->AddColumn(query::ColumnKind::kFloat);
  query::Column* const tagged = batch->AddColumn(query::ColumnKind::kTagged);
  query::Column* const strings = batch->AddColumn(query::ColumnKind::kString);
  uint64_t random = 1;
  for (size_t row = 0; row < query::kMaxBatchRows; ++row) {
    random = random * 6364136223846793005 + 1442695040888963407;
    integers->SetWord(row, random >> 40);
    floats->SetValue(row, graph::Value::Float(static_cast<double>(random >> 40) / 1000));
    tagged->SetValue(row, graph::Value::Integer(static_cast<int64_t>(random >> 40)));
    strings->SetText(row, "name of vertex " + std::to_string(random >> 44));
  }
  return batch;
}

constexpr uint32_t kIntegers = 0;
constexpr uint32_t kFloats = 1;
constexpr uint32_t kTagged = 2;
constexpr uint32_t kStrings = 3;

void AddRow(const BenchContext& context, const std::string& name, double nanos, double limit) {
  BenchRow row{"rows", name, "ns/row", {}, "adding 8-byte words", limit, {}};
  row.figure.Add(nanos);
  context.report->Add(std::move(row));
}

double HashNanos(const BenchContext& context, const query::Batch& batch, uint32_t slot) {
  std::vector<uint64_t> hashes(query::kMaxBatchRows);
  return NanosPerRow(context.clock, [&] {
    std::fill(hashes.begin(), hashes.end(), 0);
    query::HashColumn(batch, slot, absl::MakeSpan(hashes));
    return hashes[0];
  });
}

double CompareNanos(const BenchContext& context, const query::Batch& batch, uint32_t slot) {
  const query::SortKey key{slot, false};
  return NanosPerRow(context.clock, [&] {
    uint64_t less = 0;
    for (uint16_t row = 0; row < query::kMaxBatchRows; ++row) {
      const auto other = static_cast<uint16_t>((row * 7u + 1) % query::kMaxBatchRows);
      less += query::CompareRows({&batch, row}, {&batch, other}, {&key, 1}) < 0 ? 1 : 0;
    }
    return less;
  });
}

double AggregateNanos(const BenchContext& context, const query::Batch& batch,
                      query::AggregateKind kind, uint32_t slot) {
  const std::unique_ptr<query::Aggregate> aggregate = query::MakeAggregate(kind, false);
  return NanosPerRow(context.clock, [&] {
    for (uint16_t row = 0; row < query::kMaxBatchRows; ++row) {
      const graph::Value value = batch.ValueAt(slot, row);
      CHECK(aggregate->Add({&value, 1}, 1).ok());
    }
    return uint64_t{1};
  });
}

void MeasureSums(const BenchContext& context, const query::Batch& batch, double limit) {
  const query::Column& floats = *batch.column(kFloats);
  query::ExactSum sum;
  AddRow(context, "exact sum of floats",
         NanosPerRow(context.clock,
                     [&] {
                       for (size_t row = 0; row < query::kMaxBatchRows; ++row) {
                         sum.Add(floats.CellAt(row).real());
                       }
                       return uint64_t{1};
                     }),
         limit);
  AddRow(context, "sum() of integers, generic",
         AggregateNanos(context, batch, query::AggregateKind::kSum, kTagged), limit);
  AddRow(context, "stDev() of floats, generic",
         AggregateNanos(context, batch, query::AggregateKind::kStDev, kFloats), limit);
}

void MeasureBytes(const BenchContext& context, query::SlabPool* pool, const query::Batch& batch,
                  double limit) {
  std::string bytes;
  AddRow(context, "encode 3 numbers and a string",
         NanosPerRow(context.clock,
                     [&] {
                       bytes.clear();
                       CHECK(query::AppendBatch(batch, &bytes).ok());
                       return static_cast<uint64_t>(bytes.size());
                     }),
         limit);
  AddRow(context, "decode them",
         NanosPerRow(context.clock,
                     [&] {
                       const absl::StatusOr<query::BatchRef> decoded =
                           query::DecodeBatch(pool, bytes);
                       CHECK(decoded.ok());
                       return static_cast<uint64_t>((*decoded)->row_count());
                     }),
         limit);
  const query::BatchRef half = query::Gather(pool, batch);
  half->Filter([](uint16_t row) { return row % 2 == 0; });
  AddRow(context, "gather every second row, per row kept",
         2 * NanosPerRow(
                 context.clock,
                 [&] { return static_cast<uint64_t>(query::Gather(pool, *half)->row_count()); }),
         limit);
}

}  // namespace

absl::Status RunRowsSuite(const BenchContext& context) {
  query::SlabPool pool;
  const query::BatchRef batch = MakeRows(&pool);
  const uint64_t* const words = batch->column(kIntegers)->words();
  const double limit = NanosPerRow(context.clock, [words] {
    uint64_t sum = 0;
    for (size_t row = 0; row < query::kMaxBatchRows; ++row) sum += words[row];
    return sum;
  });
  AddRow(context, "hash of integers", HashNanos(context, *batch, kIntegers), limit);
  AddRow(context, "hash of strings", HashNanos(context, *batch, kStrings), limit);
  AddRow(context, "compare integers", CompareNanos(context, *batch, kIntegers), limit);
  AddRow(context, "compare strings", CompareNanos(context, *batch, kStrings), limit);
  MeasureSums(context, *batch, limit);
  MeasureBytes(context, &pool, *batch, limit);
  return absl::OkStatus();
}

}  // namespace tidemark::bench
