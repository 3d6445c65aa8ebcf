// SPDX-License-Identifier: Apache-2.0
// Indexes and constraints.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

bool RecursiveParser::TakeIfNotExists() {
  if (!Take(Keyword::kIf)) return false;
  Expect(Keyword::kNot);
  ExpectEither(Keyword::kExists, Keyword::kExist);
  return true;
}

bool RecursiveParser::TakeIfExists() {
  if (!Take(Keyword::kIf)) return false;
  ExpectEither(Keyword::kExists, Keyword::kExist);
  return true;
}

CatalogName RecursiveParser::ParseCatalogName(std::string_view what) {
  if (At(TokenKind::kParameter)) return {{}, As<Parameter>(*ParseParameter()).name};
  return {ParseDottedName(what), {}};
}

Expression* RecursiveParser::ParseOptions() {
  if (!Take(Keyword::kOptions)) return nullptr;
  if (At(TokenKind::kParameter)) return ParseParameter();
  return ParseMap();
}

IndexKind RecursiveParser::ParseIndexKind() {
  if (Take(Keyword::kText)) return IndexKind::kText;
  if (Take(Keyword::kPoint)) return IndexKind::kPoint;
  if (Take(Keyword::kLookup)) return IndexKind::kLookup;
  if (Take(Keyword::kFulltext)) return IndexKind::kFulltext;
  if (Take(Keyword::kVector)) return IndexKind::kVector;
  Take(Keyword::kRange);
  return IndexKind::kRange;
}

// Behind CREATE and perhaps OR REPLACE.
Command* RecursiveParser::ParseCreateIndex(uint32_t begin, IfExists if_exists) {
  CreateIndexCommand* command = arena()->New<CreateIndexCommand>();
  command->kind = CommandKind::kCreateIndex;
  command->index = ParseIndexKind();
  Expect(Keyword::kIndex);
  if (!At(Keyword::kIf) && !At(Keyword::kFor)) {
    command->name = ParseCatalogName("the name of the index, IF NOT EXISTS or FOR");
  }
  command->if_exists = TakeIfNotExists() ? IfExists::kSkip : if_exists;
  Expect(Keyword::kFor);
  const bool is_lookup = command->index == IndexKind::kLookup;
  const SchemaTarget target = ParseSchemaTarget(!is_lookup);
  command->on_edges = target.on_edges;
  command->labels = target.labels;
  Expect(Keyword::kOn);
  if (is_lookup) {
    Expect(Keyword::kEach);
    ParseEachFunction(target);
  } else if (command->index == IndexKind::kFulltext) {
    Expect(Keyword::kEach);
    if (!At(TokenKind::kLeftBracket)) Fail("'[' and properties");
    command->properties = ParseSchemaProperties(target.variable, TokenKind::kRightBracket);
  } else {
    if (!At(TokenKind::kLeftParenthesis)) Fail("'(' and properties, such as (n.key)");
    command->properties = ParseSchemaProperties(target.variable, TokenKind::kRightParenthesis);
    if (command->labels.size() > 1) {
      FailAt(command->labels[1].source.offset, ErrorId::kUnexpectedSyntax,
             {"Only a FULLTEXT index covers more than one label or type"});
    }
  }
  command->options = ParseOptions();
  command->source = Since(begin);
  return command;
}

// (n:Label), (n:A|B), ()-[r:TYPE]-(); of a lookup index (n), ()-[r]-()
RecursiveParser::SchemaTarget RecursiveParser::ParseSchemaTarget(bool has_labels) {
  SchemaTarget target;
  Expect(TokenKind::kLeftParenthesis);
  if (Take(TokenKind::kRightParenthesis)) {
    target.on_edges = true;
    Take(TokenKind::kLess);
    Expect(TokenKind::kMinus);
    Expect(TokenKind::kLeftBracket);
  }
  target.variable = ExpectName("a variable");
  if (has_labels) {
    Expect(TokenKind::kColon);
    target.labels = ParseSchemaLabels();
  }
  if (!target.on_edges) {
    Expect(TokenKind::kRightParenthesis);
    return target;
  }
  Expect(TokenKind::kRightBracket);
  Expect(TokenKind::kMinus);
  Take(TokenKind::kGreater);
  Expect(TokenKind::kLeftParenthesis);
  Expect(TokenKind::kRightParenthesis);
  return target;
}

absl::Span<const Name> RecursiveParser::ParseSchemaLabels() {
  Items<Name> labels;
  do {
    labels.push_back(ExpectName("a label or a type"));
  } while (Take(TokenKind::kBar));
  return Keep(labels);
}

// variable.property; the variable is the one of the pattern.
Name RecursiveParser::ParseSchemaProperty(const Name& variable) {
  const uint32_t at = Here();
  const Name used = ExpectName("a property, such as n.key");
  if (used.text != variable.text) FailAt(at, ErrorId::kUndefinedVariable, {used.text});
  Expect(TokenKind::kDot);
  return ExpectName("the name of a property");
}

// A list of properties in brackets of either kind.
absl::Span<const Name> RecursiveParser::ParseSchemaProperties(const Name& variable,
                                                              TokenKind closing) {
  const size_t open = index();
  Skip();
  Items<Name> properties;
  do {
    properties.push_back(ParseSchemaProperty(variable));
  } while (Take(TokenKind::kComma));
  ExpectClosing(closing, open, closing == TokenKind::kRightBracket ? "',' or ']'" : "',' or ')'");
  return Keep(properties);
}

// labels(n), type(r)
void RecursiveParser::ParseEachFunction(const SchemaTarget& target) {
  const std::string_view wanted = target.on_edges ? "type(variable)" : "labels(variable)";
  const bool is_function = target.on_edges ? At(Keyword::kType) : At(Keyword::kLabels);
  if (!is_function) Fail(wanted);
  Skip();
  Expect(TokenKind::kLeftParenthesis);
  const uint32_t at = Here();
  const Name used = ExpectName("a variable");
  if (used.text != target.variable.text) FailAt(at, ErrorId::kUndefinedVariable, {used.text});
  Expect(TokenKind::kRightParenthesis);
}

Command* RecursiveParser::ParseCreateConstraint(uint32_t begin, IfExists if_exists) {
  CreateConstraintCommand* command = arena()->New<CreateConstraintCommand>();
  command->kind = CommandKind::kCreateConstraint;
  Expect(Keyword::kConstraint);
  if (!At(Keyword::kIf) && !At(Keyword::kFor)) {
    command->name = ParseCatalogName("the name of the constraint, IF NOT EXISTS or FOR");
  }
  command->if_exists = TakeIfNotExists() ? IfExists::kSkip : if_exists;
  Expect(Keyword::kFor);
  const SchemaTarget target = ParseSchemaTarget(/*has_labels=*/true);
  command->on_edges = target.on_edges;
  if (!target.labels.empty()) command->label = target.labels[0];
  if (target.labels.size() > 1) {
    FailAt(target.labels[1].source.offset, ErrorId::kUnexpectedSyntax,
           {"A constraint is about one label or type"});
  }
  Expect(Keyword::kRequire);
  if (At(TokenKind::kLeftParenthesis)) {
    command->properties = ParseSchemaProperties(target.variable, TokenKind::kRightParenthesis);
  } else {
    command->properties = Keep(Items<Name>{ParseSchemaProperty(target.variable)});
  }
  ParseRequirement(command);
  command->options = ParseOptions();
  command->source = Since(begin);
  return command;
}

// IS UNIQUE, IS NODE KEY, IS NOT NULL, IS :: INTEGER
void RecursiveParser::ParseRequirement(CreateConstraintCommand* command) {
  const uint32_t at = Here();
  const bool has_is = Take(Keyword::kIs);
  if (Take(TokenKind::kColonColon) || (has_is && Take(Keyword::kTyped))) {
    command->constraint = ConstraintKind::kType;
    command->type = ParseType();
  } else if (!has_is) {
    Fail("IS UNIQUE, IS NOT NULL, IS KEY or IS :: and a type");
  } else if (Take(Keyword::kNot, Keyword::kNull)) {
    command->constraint = ConstraintKind::kNotNull;
  } else {
    const bool is_node = Take(Keyword::kNode);
    const bool is_edge = !is_node && (Take(Keyword::kRelationship) || Take(Keyword::kRel));
    if ((is_node && command->on_edges) || (is_edge && !command->on_edges)) {
      FailAt(at, ErrorId::kUnexpectedSyntax,
             {"The constraint's kind is not that of its pattern: NODE goes with (n:Label), "
              "RELATIONSHIP with ()-[r:TYPE]-()"});
    }
    command->constraint = Take(Keyword::kKey) ? ConstraintKind::kKey : ConstraintKind::kUnique;
    if (command->constraint == ConstraintKind::kUnique && !Take(Keyword::kUnique)) {
      Fail("UNIQUE, KEY, NOT NULL or :: and a type");
    }
  }
  const bool takes_one = command->constraint == ConstraintKind::kNotNull ||
                         command->constraint == ConstraintKind::kType;
  if (takes_one && command->properties.size() > 1) {
    FailAt(at, ErrorId::kUnexpectedSyntax,
           {"IS NOT NULL and IS :: are about one property; make a constraint for each"});
  }
}

Command* RecursiveParser::ParseDropIndex(uint32_t begin) {
  Expect(Keyword::kIndex);
  const CatalogName name = ParseCatalogName("the name of an index");
  const bool if_exists = TakeIfExists();
  return arena()->New<DropIndexCommand>(Command{CommandKind::kDropIndex, Since(begin)}, name,
                                        if_exists);
}

Command* RecursiveParser::ParseDropConstraint(uint32_t begin) {
  Expect(Keyword::kConstraint);
  const CatalogName name = ParseCatalogName("the name of a constraint");
  const bool if_exists = TakeIfExists();
  return arena()->New<DropConstraintCommand>(Command{CommandKind::kDropConstraint, Since(begin)},
                                             name, if_exists);
}

}  // namespace tidemark::query
