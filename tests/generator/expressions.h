// SPDX-License-Identifier: Apache-2.0
// Random expressions of a wanted kind, valid by construction: what the binder could refuse is not
// written. What is avoided, because the language leaves its outcome open or the reference evaluator
// does not know it:
//   - the order of lists made from unordered rows: such a list (a bag) is only counted, searched,
//     unwound or returned
//   - sums of floats that are not exact: floats are small multiples of 0.5, and are not divided
//   - temporal values, points, subqueries, shortest paths, repeated parts of paths, functions of
//     chance and time, id(), patterns in SET: the engine or the evaluator does not run them
//   - values that a constraint refuses
//   - more than one part of a statement that may raise an error, for the order of errors is open
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/generator/random.h"

namespace tidemark::generator {

enum class Kind : uint8_t {
  kInteger,
  kFloat,
  kString,
  kBoolean,
  kAny,  // one of the above or a list of such
  kIntegers,
  kList,  // of anything but elements of the graph
  kMap,
  kVertex,
  kEdge,
  kVertices,
  kEdges,
  kPath,
  kBag,  // a list whose order is open
};

struct Variable {
  std::string name;
  Kind kind;
};
using Variables = std::vector<Variable>;

// Owner: whoever makes a statement. Threads: one.
class ExpressionMaker {
 public:
  explicit ExpressionMaker(Random* random) : random_(*random) {}

  // Expressions of at most `depth` operations inside one another over `scope`.
  std::string Make(Kind kind, const Variables& scope, int depth);
  // What stands behind WHERE: patterns may be in it.
  std::string Condition(const Variables& scope, int depth);
  // A literal, or a variable or property of that kind.
  std::string Leaf(Kind kind, const Variables& scope);
  // A label expression with its colon: ":A", ":A|B", ":!A".
  std::string Labels();
  std::string Types();
  std::string NewName(const std::string& prefix);
  // Whether one expression of the statement may raise an error; gives what was allowed before.
  bool AllowRisk(bool allowed) { return std::exchange(may_raise_, allowed); }
  bool has_patterns() const { return has_patterns_; }
  void set_has_patterns(bool has_patterns) { has_patterns_ = has_patterns; }
  bool risked() const { return risked_; }
  bool used_bag() const { return used_bag_; }

 private:
  using Names = std::vector<std::string>;

  std::string Integer(int depth);
  std::string IntegerOfOther(int depth);
  std::string RiskyInteger(int depth);
  std::string Float(int depth);
  std::string Number(int depth);
  std::string String(int depth);
  std::string StringFunction(int depth);
  std::string Boolean(int depth);
  std::string Comparison(int depth);
  std::string Test(int depth);
  std::string Quantifier(int depth);
  std::string Any(int depth);
  std::string Integers(int depth);
  std::string List(int depth);
  std::string Map(int depth);
  std::string Vertex();
  std::string Vertices();
  std::string Case(Kind kind, int depth);
  std::string PatternPredicate();
  // A comprehension with a name of its own for the matches; `variable` is in scope of them.
  std::string PatternList(int depth);
  std::string Of(Kind kind, int depth);
  std::string LeafOf(Kind kind);
  std::string LiteralOf(Kind kind);
  // Empty: there is none.
  std::string PropertyOf(Kind kind);
  std::string VariableOf(Kind kind);
  // Of `kind` with one more variable in scope.
  std::string Inside(const Variable& local, Kind kind, int depth);

  Random& random_;
  Variables scope_;
  bool in_condition_ = false;
  bool has_patterns_ = true;
  bool may_raise_ = false;
  bool risked_ = false;
  bool used_bag_ = false;
  int next_name_ = 0;
};

}  // namespace tidemark::generator
