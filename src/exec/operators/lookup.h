// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "exec/element_table.h"
#include "exec/operators/operator.h"
#include "graph/value_walk.h"

namespace tidemark::exec {

// Asks the owners of elements what they have, and puts it into RunContext::elements.
// Owner: an operator. Threads: the loop of home. Errors: those of the workers.
class ElementFetch {
 public:
  // For `asked_by`. Both outlive it.
  ElementFetch(const query::plan::Operator& asked_by, RunContext* context)
      : asked_by_(asked_by), context_(context) {}

  // Elements that the table knows are not asked for.
  void Start(ElementSet elements);
  // kEnd: all is in the table.
  absl::StatusOr<Pulled> Continue();

 private:
  // The operator that asks for the next ids that are not known; null when those looked at are.
  std::unique_ptr<Operator> NextRequest();
  absl::Status Take(const query::Batch& answer);

  const query::plan::Operator& asked_by_;
  RunContext* const context_;
  std::vector<VertexId> vertices_;
  std::vector<EdgeId> edges_;
  bool asks_edges_ = false;
  std::unique_ptr<Operator> request_;
};

// Rows of which elements are taken at a time: those of a batch together would hold up others.
inline constexpr size_t kTakenRowCount = 64;
// Puts what kTakenRowCount rows from number `first` on of those that count, or fewer, know of
// elements into the table.
absl::Status TakeWhole(const query::Batch& batch, size_t first,
                       const std::vector<query::plan::WholeElement>& whole, ElementTable* table);

// Looks for the elements in some slots of a batch, in slices: one list may have millions.
// Owner: an operator. Threads: the loop of home.
class ElementSearch {
 public:
  // In the rows that count. The slots outlive the search.
  void Start(const std::vector<uint32_t>* slots, bool takes_ends);
  // False: the slice is used up.
  bool Continue(const query::Batch& batch, RunContext* context);
  // Those that were found.
  ElementSet Take() { return std::move(elements_); }

 private:
  const std::vector<uint32_t>* slots_ = nullptr;
  size_t slot_ = 0;  // of them, that is looked through
  size_t row_ = 0;   // that is next
  graph::ValueWalk walk_;
  ElementSet elements_;
};

// Makes known what the elements in some slots have.
// Owner, threads, errors: as of every Operator, at home alone.
class Lookup final : public Operator {
 public:
  Lookup(const query::plan::Operator& plan, RunContext* context)
      : Operator(plan, context), fetch_(plan, context) {}

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  query::BatchRef batch_;
  size_t taken_count_ = 0;  // rows of it
  enum class Stage : uint8_t { kTaking, kSearching, kFetching };
  Stage stage_ = Stage::kTaking;
  ElementSearch search_;
  ElementFetch fetch_;
};

}  // namespace tidemark::exec
