// SPDX-License-Identifier: Apache-2.0
// The statement around a query or a command.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

const Statement* RecursiveParser::ParseStatement() {
  Statement* statement = arena()->New<Statement>();
  statement->text = text();
  ParsePrefixes(statement);
  if (AtCommand()) {
    statement->command = ParseCommand();
  } else {
    statement->query = ParseQuery(QueryPlace::kTop);
  }
  const bool is_closed = Take(TokenKind::kSemicolon);
  while (Take(TokenKind::kSemicolon)) {
  }
  if (AtEnd()) return statement;
  if (is_closed) {
    FailAt(Here(), ErrorId::kUnexpectedSyntax,
           {"Only one statement can be run at a time; another one follows the ';'"});
  } else {
    Fail("a clause, such as MATCH, CREATE or RETURN, or the end of the statement");
  }
  return statement;
}

// EXPLAIN, PROFILE and CYPHER options, in any order.
void RecursiveParser::ParsePrefixes(Statement* statement) {
  Items<StatementOption> options;
  while (!failed()) {
    if (Take(Keyword::kExplain)) {
      statement->mode = StatementMode::kExplain;
    } else if (Take(Keyword::kProfile)) {
      statement->mode = StatementMode::kProfile;
    } else if (Take(Keyword::kCypher)) {
      if (At(TokenKind::kNumber)) {
        statement->version = TextOfToken(Peek());
        Skip();
      }
      while (AtName() && Peek(1).kind == TokenKind::kEqual) {
        const Name key = ExpectName("an option");
        Skip();
        const bool is_value = AtName() || At(TokenKind::kNumber) || At(TokenKind::kString);
        if (!is_value) Fail("the value of the option");
        options.push_back({key, TextOfToken(Peek())});
        Skip();
      }
    } else {
      break;
    }
  }
  statement->options = Keep(options);
}

}  // namespace tidemark::query
