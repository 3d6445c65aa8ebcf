// SPDX-License-Identifier: Apache-2.0
// Binds statements for tests, and writes what comes out as text.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/binder/binder.h"
#include "query/text/error.h"

namespace tidemark::query {

// Procedures that are made from text: "db.labels() :: (label :: STRING)".
class TextProcedures : public ProcedureCatalog {
 public:
  void Add(std::string_view text);
  const ProcedureSignature* Find(std::string_view name) const override;
  absl::Span<const std::string_view> Names() const override { return names_; }

 private:
  struct Procedure {
    std::string name;
    std::deque<std::string> texts;
    std::vector<ProcedureInput> inputs;
    std::vector<ProcedureOutput> outputs;
    ProcedureSignature signature;
  };
  std::deque<Procedure> procedures_;
  std::vector<std::string_view> names_;
};

// A statement with everything that it needs to live.
struct BoundText {
  std::string text;
  std::unique_ptr<Arena> arena = std::make_unique<Arena>();
  absl::Status status;
  const bound::Statement* statement = nullptr;
};

// The catalog knows the labels A and B, the types T and U and the keys id, x and y.
BoundText BindText(std::string_view text, const ProcedureCatalog* procedures = nullptr);

// "" when the statement is bound, else "UndefinedVariable at 7" with the byte of the text.
std::string FaultOf(std::string_view text, const ProcedureCatalog* procedures = nullptr);

// Everything of a statement, a clause in a line.
std::string ToText(const bound::Statement& statement);

}  // namespace tidemark::query
