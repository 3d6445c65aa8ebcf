// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "query/parser/ast_text.h"
#include "query/parser/parser.h"
#include "query/text/error.h"
#include "session/statement.h"
#include "tests/fuzz/target.h"

namespace tidemark::fuzz {
namespace {

// A statement is refused with a place in it.
void CheckRefusal(const absl::Status& status, std::string_view text) {
  const auto error = query::ErrorOf(status);
  CHECK(error.has_value()) << status;
  CHECK(!error->position.has_value() || error->position->offset <= text.size()) << status;
}

// What is read is read again from its own text.
void RunParser(std::string_view text) {
  query::Arena arena;
  const auto tree = query::Parse(text, &arena);
  if (!tree.ok()) return CheckRefusal(tree.status(), text);
  const std::string printed = query::ToText(**tree);
  query::Arena other_arena;
  const auto again = query::Parse(printed, &other_arena);
  CHECK(again.ok()) << printed << ": " << again.status();
  CHECK(query::ToText(**again) == printed) << printed;
}

// The names of a small graph.
const catalog::NameTable& Names() {
  static const auto* const names = [] {
    auto* const made = new catalog::NameTable();
    for (const graph::NameKind kind : graph::kNameKinds) {
      for (const char* text : {"A", "B", "Person", "KNOWS", "T", "x", "name", "age"}) {
        CHECK(made->Add(kind, text).ok());
      }
    }
    return made;
  }();
  return *names;
}

void RunPlanner(std::string_view text) {
  static const catalog::SchemaTable schema;
  for (const uint32_t worker_count : {1, 3}) {
    session::StatementContext context{&Names(), &schema, worker_count, Csn(1)};
    const auto prepared = session::Prepare(graph::Value::String(text), context);
    if (!prepared.ok()) {
      CheckRefusal(prepared.status(), text);
    } else {
      CHECK(*prepared != nullptr);
    }
  }
}

}  // namespace

const Target kParser = {"parser", RunParser, StatementTexts};
const Target kPlanner = {"planner", RunPlanner, StatementTexts};

}  // namespace tidemark::fuzz
