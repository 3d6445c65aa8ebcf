// SPDX-License-Identifier: Apache-2.0
#include "tests/query/binder/bind_fixture.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "query/parser/parser.h"

namespace tidemark::query {
namespace {

CypherType TypeNamed(std::string_view name) {
  if (name.substr(0, 7) == "INTEGER") return kIntegerType.OrNull();
  if (name.substr(0, 5) == "FLOAT") return kFloatType.OrNull();
  if (name.substr(0, 6) == "NUMBER") return kNumberType.OrNull();
  if (name.substr(0, 6) == "STRING") return kStringType.OrNull();
  return kAnyType.OrNull();
}

// "(a :: INTEGER?, b :: STRING)" to pairs.
std::vector<std::pair<std::string, std::string>> Fields(absl::string_view list) {
  std::vector<std::pair<std::string, std::string>> fields;
  const size_t open = list.find('(');
  const absl::string_view inner = list.substr(open + 1, list.rfind(')') - open - 1);
  for (const absl::string_view field : absl::StrSplit(inner, ',', absl::SkipWhitespace())) {
    const std::vector<std::string> parts = absl::StrSplit(field, "::");
    fields.emplace_back(absl::StripAsciiWhitespace(parts[0]), absl::StripAsciiWhitespace(parts[1]));
  }
  return fields;
}

catalog::NameTable Names() {
  catalog::NameTable names;
  const auto add = [&names](graph::NameKind kind, std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) {
      const auto id = names.Add(kind, text);
      CHECK(id.ok()) << id.status();
    }
  };
  add(graph::NameKind::kLabel, {"A", "B"});
  add(graph::NameKind::kType, {"T", "U"});
  add(graph::NameKind::kKey, {"id", "x", "y"});
  return names;
}

}  // namespace

void TextProcedures::Add(std::string_view text) {
  Procedure& procedure = procedures_.emplace_back();
  const absl::string_view all = ToAbsl(text);
  const size_t open = all.find('(');
  const size_t middle = all.find(") ::");
  procedure.name = std::string(all.substr(0, open));
  for (const auto& [name, type] : Fields(all.substr(open, middle - open + 1))) {
    procedure.inputs.push_back({procedure.texts.emplace_back(name), TypeNamed(type), {}});
  }
  for (const auto& [name, type] : Fields(all.substr(middle + 4))) {
    procedure.outputs.push_back({procedure.texts.emplace_back(name), TypeNamed(type)});
  }
  procedure.signature = {procedure.name, procedure.inputs, procedure.outputs, false};
  names_.push_back(procedure.name);
}

const ProcedureSignature* TextProcedures::Find(std::string_view name) const {
  for (const Procedure& procedure : procedures_) {
    if (procedure.name == name) return &procedure.signature;
  }
  return nullptr;
}

BoundText BindText(std::string_view text, const ProcedureCatalog* procedures) {
  static const catalog::NameTable names = Names();
  static const TextProcedures* const standard = [] {
    auto* made = new TextProcedures;
    made->Add("db.labels() :: (label :: STRING)");
    made->Add("db.ping() :: (success :: BOOLEAN)");
    made->Add("test.add(a :: INTEGER, b :: FLOAT) :: (sum :: FLOAT)");
    made->Add("test.nothing() :: ()");
    return made;
  }();
  BoundText bound;
  bound.text = std::string(text);
  const auto tree = Parse(bound.text, bound.arena.get());
  if (!tree.ok()) {
    bound.status = tree.status();
    return bound;
  }
  const BindContext context{&names, procedures == nullptr ? standard : procedures};
  const auto statement = Bind(**tree, context, bound.arena.get());
  bound.status = statement.status();
  if (statement.ok()) bound.statement = *statement;
  return bound;
}

std::string FaultOf(std::string_view text, const ProcedureCatalog* procedures) {
  const BoundText bound = BindText(text, procedures);
  if (bound.status.ok()) return "";
  const auto error = ErrorOf(bound.status);
  if (!error.has_value()) return bound.status.ToString();
  std::string fault(error->detail);
  if (error->position.has_value()) absl::StrAppend(&fault, " at ", error->position->offset);
  return fault;
}

}  // namespace tidemark::query
