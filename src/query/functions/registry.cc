// SPDX-License-Identifier: Apache-2.0
#include "query/functions/registry.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "query/functions/failures.h"
#include "query/text/suggestion.h"

namespace tidemark::query {

using graph::Value;

namespace {

// Functions of Cypher that this server does not have yet.
constexpr std::string_view kLaterFunctions[] = {
    "date",
    "date.realtime",
    "date.statement",
    "date.transaction",
    "date.truncate",
    "datetime",
    "datetime.fromEpoch",
    "datetime.fromEpochMillis",
    "datetime.realtime",
    "datetime.statement",
    "datetime.transaction",
    "datetime.truncate",
    "db.nameFromElementId",
    "duration",
    "duration.between",
    "duration.inDays",
    "duration.inMonths",
    "duration.inSeconds",
    "file",
    "graph.byElementId",
    "graph.byName",
    "graph.names",
    "graph.propertiesByName",
    "linenumber",
    "localdatetime",
    "localdatetime.realtime",
    "localdatetime.statement",
    "localdatetime.transaction",
    "localdatetime.truncate",
    "localtime",
    "localtime.realtime",
    "localtime.statement",
    "localtime.transaction",
    "localtime.truncate",
    "point",
    "point.distance",
    "point.withinBBox",
    "time",
    "time.realtime",
    "time.statement",
    "time.transaction",
    "time.truncate",
    "vector.similarity.cosine",
    "vector.similarity.euclidean",
};

std::string LowerCase(std::string_view text) { return absl::AsciiStrToLower(ToAbsl(text)); }

// Owner: the process, made once. Threads: any; it never changes.
class FunctionTable {
 public:
  FunctionTable() {
    for (const absl::Span<const FunctionSignature> family :
         {AggregateFunctions(), ConversionFunctions(), ElementFunctions(), ListFunctions(),
          MathFunctions(), PredicateFunctions(), ScalarFunctions(), StringFunctions(),
          TrimFunctions(), TrigonometricFunctions()}) {
      for (const FunctionSignature& function : family) all_.push_back(&function);
    }
    std::stable_sort(all_.begin(), all_.end(),
                     [](const FunctionSignature* a, const FunctionSignature* b) {
                       const int order = LowerCase(a->name).compare(LowerCase(b->name));
                       return order != 0 ? order < 0 : a->parameter_count() < b->parameter_count();
                     });
    for (const FunctionSignature* function : all_) {
      by_name_[LowerCase(function->name)].push_back(function);
      names_.push_back(function->name);
    }
    for (const FunctionSignature& form : TrimForms()) by_name_[LowerCase(form.name)] = {&form};
    for (const std::string_view name : kLaterFunctions) later_.emplace(LowerCase(name), name);
  }

  absl::Span<const FunctionSignature* const> all() const { return all_; }
  absl::Span<const FunctionSignature* const> Named(std::string_view name) const {
    const auto it = by_name_.find(LowerCase(name));
    if (it == by_name_.end()) return {};
    return it->second;
  }
  bool IsLater(std::string_view name) const { return later_.contains(LowerCase(name)); }
  std::string_view NearestName(std::string_view name) const { return Nearest(name, names_); }

 private:
  std::vector<const FunctionSignature*> all_;
  absl::flat_hash_map<std::string, std::vector<const FunctionSignature*>> by_name_;
  absl::flat_hash_map<std::string, std::string_view> later_;
  std::vector<std::string_view> names_;
};

const FunctionTable& Table() {
  static const FunctionTable table;
  return table;
}

absl::Status FailureAt(const CallSite& site, ErrorId id,
                       std::initializer_list<std::string_view> arguments) {
  return ToStatus(MakeError(id, site.statement, site.byte_offset, arguments));
}

std::string CountOf(size_t count) {
  return absl::StrCat(count, count == 1 ? " argument" : " arguments");
}

// "1 or 2 arguments", "1 argument or more"
std::string CountsOf(absl::Span<const FunctionSignature* const> functions) {
  if (functions.back()->is_variadic) return CountOf(functions[0]->parameter_count()) + " or more";
  std::string counts;
  for (size_t i = 0; i + 1 < functions.size(); ++i) {
    absl::StrAppend(&counts, functions[i]->parameter_count(),
                    i + 2 < functions.size() ? ", " : " or ");
  }
  return counts + CountOf(functions.back()->parameter_count());
}

absl::Status WrongArgument(const FunctionSignature& function, CypherType wanted,
                           const Value& argument) {
  switch (function.mismatch) {
    case ErrorId::kInvalidRangeArgument:
      return Failure(function.mismatch, {DescribeValue(argument)});
    case ErrorId::kInvalidTypeArgumentValue:
      return Failure(function.mismatch,
                     {absl::StrCat(ToAbsl(function.name), "() takes ", wanted.ToString(), ", not ",
                                   DescribeValue(argument))});
    default:
      return TypeMismatch(wanted.ToString(), argument);
  }
}

}  // namespace

absl::StatusOr<const FunctionSignature*> FindFunction(std::string_view name, size_t argument_count,
                                                      const CallSite& site) {
  const absl::Span<const FunctionSignature* const> named = Table().Named(name);
  if (named.empty()) {
    if (Table().IsLater(name)) {
      return FailureAt(site, ErrorId::kNotSupported, {"The function " + std::string(name) + "()"});
    }
    const std::string_view nearest = Table().NearestName(name);
    const std::string hint =
        nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "()?";
    return FailureAt(site, ErrorId::kUnknownFunction, {name, hint});
  }
  for (const FunctionSignature* function : named) {
    if (function->is_syntax() || function->Takes(argument_count)) return function;
  }
  return FailureAt(
      site, ErrorId::kInvalidNumberOfArguments,
      {std::string(named[0]->name) + "()", CountsOf(named), std::to_string(argument_count)});
}

absl::Status CheckArgumentTypes(const FunctionSignature& function,
                                absl::Span<const CypherType> arguments, const CallSite& site) {
  if (!function.is_checked_before_it_runs()) return absl::OkStatus();
  for (size_t i = 0; i < arguments.size(); ++i) {
    const CypherType wanted = function.ParameterAt(i).type;
    if (arguments[i].is_empty() || arguments[i].Meets(wanted)) continue;
    return FailureAt(site, ErrorId::kInvalidArgumentTypeAtCompileTime,
                     {wanted.ToString(), arguments[i].ToString()});
  }
  return absl::OkStatus();
}

ValueOr CallFunction(const FunctionSignature& function, Environment* environment,
                     absl::Span<const Value> arguments) {
  DCHECK(function.call != nullptr && function.Takes(arguments.size()));
  if (!function.handles_null) {
    for (const Value& argument : arguments) {
      if (argument.is_null()) return argument;
    }
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    const CypherType wanted = function.ParameterAt(i).type;
    if (!arguments[i].is_null() && !wanted.Contains(arguments[i].type())) {
      return WrongArgument(function, wanted, arguments[i]);
    }
  }
  return function.call(environment, arguments);
}

absl::Span<const FunctionSignature* const> AllFunctions() { return Table().all(); }

}  // namespace tidemark::query
