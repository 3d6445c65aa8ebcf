// SPDX-License-Identifier: Apache-2.0
#include "query/eval/compiler.h"
#include "query/eval/evaluator.h"
#include "query/functions/failures.h"

namespace tidemark::query::eval {

namespace {

// What is not computed within this is left to run time: about 0.1 ms, 64 KiB.
constexpr int64_t kMaxFoldUnits = 8192;
constexpr size_t kMaxFoldBytes = 64 << 10;

// Owner: Fold. Threads: one.
class FoldAccount final : public MemoryAccount {
 public:
  absl::Status Reserve(size_t bytes) override {
    used_bytes_ += bytes;
    if (used_bytes_ <= kMaxFoldBytes) return absl::OkStatus();
    return Failure(ErrorId::kValueTooLarge, {"A constant is too large"});
  }
  void Release(size_t bytes) override { used_bytes_ -= bytes; }
  size_t room_bytes() const override { return 0; }

 private:
  size_t used_bytes_ = 0;
};

}  // namespace

std::optional<graph::Value> Fold(const bound::Expression& expression) {
  const Layout layout;
  absl::StatusOr<Code> code = Compiler(&layout, {}).Translate(expression, /*fold=*/false);
  if (!code.ok()) return std::nullopt;
  Program program;
  program.code = *std::move(code);
  FoldAccount account;
  Environment environment;
  environment.memory = &account;
  const BatchRef batch = Batch::Make(nullptr, 1);
  batch->set_row_count(1);
  Evaluator evaluator(&program, &environment);
  evaluator.Start(batch.get());
  int64_t units = kMaxFoldUnits;
  const absl::StatusOr<bool> is_done = evaluator.Continue(&units);
  if (!is_done.ok() || !*is_done) return std::nullopt;
  return evaluator.ResultAt(0);
}

}  // namespace tidemark::query::eval
