// SPDX-License-Identifier: Apache-2.0
// What the home of a query asks of a worker: to open a run of a fragment, to go on with it, to
// close it; and the answer. docs/formats/fragment.md has the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "graph/value.h"
#include "query/batch/batch.h"
#include "query/plan/operator.h"

namespace tidemark::exec {

// An answer is cut off behind the batch that brings it here.
#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxFragmentAnswerBytes = 512;
inline constexpr size_t kMaxFragmentPartBytes = 1024;
#else
inline constexpr size_t kMaxFragmentAnswerBytes = size_t{256} << 10;
// A batch that takes more is sent in parts: to encode or to decode one is a step of a loop.
inline constexpr size_t kMaxFragmentPartBytes = size_t{16} << 10;
#endif
// A frame must hold at least one row.
inline constexpr size_t kMaxFragmentRowBytes = size_t{48} << 20;

// A call takes no more.
inline constexpr size_t kMaxFragmentCallBytes = size_t{32} << 20;

enum class FragmentStepKind : uint8_t { kOpen = 1, kNext = 2, kClose = 3 };

// A step of a run of this transaction; its home gives every run a number of its own.
struct FragmentStep {
  FragmentStepKind kind = FragmentStepKind::kNext;
  uint64_t run = 0;
  std::string bytes;  // of kOpen: an encoded FragmentCall
};

// All that a fragment needs beside the graph. The fragment itself is encoded once for many calls.
struct FragmentCall {
  std::string_view fragment;  // encoded (query/plan/plan_coding.h)
  std::vector<uint32_t> returned;
  std::string_view statement;
  std::vector<graph::Value> parameters;
  int64_t transaction_micros = 0;
  int64_t statement_micros = 0;
  uint64_t seed = 0;
  // For a fragment that looks at elements in ways that no column answers; nullptr: it does not.
  std::shared_ptr<const catalog::NameTable> names;
  query::BatchRef input;
  bool is_profiled = false;  // the answers say what the operators have done
  // What the fragment's seek finds, for each row of the input; empty: it looks itself.
  std::vector<VertexId> found;
};
absl::StatusOr<std::string> EncodeCall(const FragmentCall& call);
// The views point into `bytes`. kDataLoss when malformed.
absl::StatusOr<FragmentCall> DecodeCall(query::SlabPool* pool, std::string_view bytes);

// A vertex that a seek has found for a row of the input, and that another worker owns.
struct FoundVertex {
  uint16_t row = 0;
  VertexId vertex;
};

// What an operator has done.
struct OperatorFigures {
  int64_t rows = 0;
  int64_t units = 0;
  int64_t micros = 0;
};

// What stands before the rows of an answer.
struct FragmentHead {
  bool is_end = false;
  std::vector<FoundVertex> found_elsewhere;
  // Of a run that is profiled: what each operator has done since the last answer (ForEachOperator).
  std::vector<OperatorFigures> figures;
};

// Of an answer so much is decoded at once.
inline constexpr size_t kMaxDecodedAtOnceBytes = kMaxFragmentPartBytes;

// What a step gave.
struct FragmentRows : FragmentHead {
  std::vector<query::BatchRef> batches;
  // Behind these, encoded: whoever takes them decodes one at a time.
  std::vector<std::string> packed;
  // What the step and its answer took on their way.
  size_t sent_bytes = 0;
  size_t received_bytes = 0;
};
// An answer is what this gives, then the batches, each as bytes.
std::string EncodeHead(const FragmentHead& head);
absl::StatusOr<FragmentRows> DecodeRows(query::SlabPool* pool, std::string_view bytes);
// Decodes those that are packed too.
absl::Status Unpack(query::SlabPool* pool, FragmentRows* rows);

}  // namespace tidemark::exec
