// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bench/suites.h"
#include "catalog/names.h"
#include "query/binder/binder.h"
#include "query/parser/lexer.h"
#include "query/parser/parser.h"

namespace tidemark::bench {
namespace {

constexpr int kTimes = 2000;

// Statements as applications send them.
constexpr std::string_view kStatements[] = {
    "MATCH (p:Person {id: $id}) RETURN p.name AS name, p.age AS age",
    "MATCH (p:Person {id: $id})-[:KNOWS*1..2]-(f:Person) WHERE f <> p AND f.age >= 18\n"
    "RETURN DISTINCT f.id AS id, f.name AS name ORDER BY name, id LIMIT 20",
    "UNWIND $rows AS row MERGE (p:Person {id: row.id}) ON CREATE SET p.created = datetime()\n"
    "SET p += row.properties WITH p, row UNWIND row.friends AS friend\n"
    "MATCH (q:Person {id: friend}) MERGE (p)-[k:KNOWS]->(q) SET k.since = date(row.since)",
    "MATCH (a:Account {number: $from}), (b:Account {number: $to})\n"
    "WHERE a.balance >= $amount SET a.balance = a.balance - $amount,\n"
    "  b.balance = b.balance + $amount RETURN a.balance, b.balance",
    "MATCH (c:City)<-[:LIVES_IN]-(p:Person) WITH c, count(*) AS inhabitants,\n"
    "  collect(p {.name, .age, tags: [t IN p.tags WHERE t STARTS WITH 'a' | toUpper(t)]})[0..3]\n"
    "  AS some WHERE inhabitants > 1000 RETURN c.name, inhabitants, CASE WHEN inhabitants > "
    "100000\n"
    "  THEN 'large' ELSE 'small' END AS size, some ORDER BY inhabitants DESC LIMIT 10"};

std::string_view Shortest() { return kStatements[0]; }

size_t BytesOfAll() {
  size_t bytes = 0;
  for (const std::string_view text : kStatements) bytes += text.size();
  return bytes;
}

BenchRow Row(std::string name, std::string unit) {
  return {"parse", std::move(name), std::move(unit), {}, "", 0, {}};
}

// Parses it too: a bound statement is made from a fresh tree.
absl::Status BindShortest() {
  const catalog::NameTable names;
  const query::BindContext context{&names, nullptr};
  for (int i = 0; i < kTimes; ++i) {
    query::Arena arena;
    ASSIGN_OR_RETURN(const query::Statement* tree, query::Parse(Shortest(), &arena));
    RETURN_IF_ERROR(query::Bind(*tree, context, &arena).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunParseSuite(const BenchContext& context) {
  BenchRow lexer = Row("lexer", "MB/s");
  BenchRow parser = Row("lexer and parser, syntax tree", "MB/s");
  const std::string size = absl::StrCat("statement of ", Shortest().size(), " bytes");
  BenchRow point = Row(size, "us");
  BenchRow bound = Row(absl::StrCat(size, ", bound"), "us");
  const double bytes = static_cast<double>(BytesOfAll()) * kTimes;
  std::vector<query::Token> tokens;
  for (int64_t run = 0; run < context.options.runs; ++run) {
    const int64_t start = context.clock->NowMicros();
    for (int i = 0; i < kTimes; ++i) {
      for (const std::string_view text : kStatements) query::Lex(text, &tokens);
    }
    const int64_t lexed = context.clock->NowMicros();
    for (int i = 0; i < kTimes; ++i) {
      for (const std::string_view text : kStatements) {
        query::Arena arena;
        RETURN_IF_ERROR(query::Parse(text, &arena).status());
      }
    }
    const int64_t parsed = context.clock->NowMicros();
    for (int i = 0; i < kTimes; ++i) {
      query::Arena arena;
      RETURN_IF_ERROR(query::Parse(Shortest(), &arena).status());
    }
    const int64_t end = context.clock->NowMicros();
    RETURN_IF_ERROR(BindShortest());
    const int64_t bound_end = context.clock->NowMicros();
    lexer.figure.Add(bytes / static_cast<double>(lexed - start));
    parser.figure.Add(bytes / static_cast<double>(parsed - lexed));
    point.figure.Add(static_cast<double>(end - parsed) / kTimes);
    bound.figure.Add(static_cast<double>(bound_end - end) / kTimes);
  }
  context.report->Add(std::move(lexer));
  context.report->Add(std::move(parser));
  context.report->Add(std::move(point));
  context.report->Add(std::move(bound));
  return absl::OkStatus();
}

}  // namespace tidemark::bench
