// SPDX-License-Identifier: Apache-2.0
// Functions of numbers, lists and elements.
#include "tests/reference/functions.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "absl/strings/str_cat.h"
#include "graph/value_order.h"
#include "graph/value_text.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using graph::ValueType;
using query::ErrorId;

namespace {

Value OfNumber(Evaluator* evaluator, const Arguments& arguments, double (*function)(double)) {
  if (!arguments[0].is_number()) return evaluator->TypeError();
  return Value::Float(function(RealOf(arguments[0])));
}

Value Size(Evaluator* evaluator, const Arguments& arguments) {
  const Value& value = arguments[0];
  if (value.type() == ValueType::kList) {
    return Value::Integer(static_cast<int64_t>(value.list().size()));
  }
  if (value.type() == ValueType::kString) {
    return Value::Integer(static_cast<int64_t>(CodePoints(value.string()).size()));
  }
  return evaluator->TypeError();
}

Value Abs(Evaluator* evaluator, const Arguments& arguments) {
  const Value& value = arguments[0];
  if (value.type() == ValueType::kFloat) return Value::Float(std::fabs(value.real()));
  if (value.type() != ValueType::kInteger) return evaluator->TypeError();
  if (value.integer() == INT64_MIN) return evaluator->Fail(ErrorId::kIntegerOverflow);
  return Value::Integer(std::abs(value.integer()));
}

Value Sign(Evaluator* evaluator, const Arguments& arguments) {
  if (!arguments[0].is_number()) return evaluator->TypeError();
  const double value = RealOf(arguments[0]);
  if (std::isnan(value)) return evaluator->NotCovered("the sign of NaN");
  return Value::Integer(value > 0 ? 1 : value < 0 ? -1 : 0);
}

Value Range(Evaluator* evaluator, const Arguments& arguments) {
  for (const Value& value : arguments) {
    if (value.type() != ValueType::kInteger) {
      return evaluator->Fail(ErrorId::kInvalidRangeArgument);
    }
  }
  const int64_t step = arguments.size() > 2 ? arguments[2].integer() : 1;
  if (step == 0) return evaluator->Fail(ErrorId::kNumberOutOfRange);
  std::vector<Value> items;
  const __int128 end = arguments[1].integer();
  for (__int128 at = arguments[0].integer(); step > 0 ? at <= end : at >= end; at += step) {
    items.push_back(Value::Integer(static_cast<int64_t>(at)));
    if (items.size() > 100'000) return evaluator->NotCovered("a list of that size");
  }
  return Value::List(items);
}

Value EndOfList(Evaluator* evaluator, const std::string& name, const Arguments& arguments) {
  if (arguments[0].type() != ValueType::kList) return evaluator->TypeError();
  const auto list = arguments[0].list();
  if (name == "tail") {
    return Value::List(list.empty() ? std::vector<Value>()
                                    : std::vector<Value>(list.begin() + 1, list.end()));
  }
  if (list.empty()) return Value::Null();
  return name == "head" ? list.front() : list.back();
}

Value Reverse(Evaluator* evaluator, const Arguments& arguments) {
  if (arguments[0].type() == ValueType::kList) {
    const auto list = arguments[0].list();
    return Value::List({list.rbegin(), list.rend()});
  }
  if (arguments[0].type() != ValueType::kString) return evaluator->TypeError();
  const std::u32string text = CodePoints(arguments[0].string());
  return Value::String(Utf8({text.rbegin(), text.rend()}));
}

Value PartOfPath(Evaluator* evaluator, const std::string& name, const Arguments& arguments) {
  if (arguments[0].type() != ValueType::kPath) return evaluator->TypeError();
  const graph::Path& path = arguments[0].path();
  if (name == "length") return Value::Integer(static_cast<int64_t>(path.edges.size()));
  std::vector<Value> items;
  if (name == "nodes") {
    for (const VertexId id : path.vertices) items.push_back(Value::Of(id));
  } else {
    for (const graph::EdgeRef& edge : path.edges) items.push_back(Value::Of(edge));
  }
  return Value::List(items);
}

Value PartOfEdge(Evaluator* evaluator, const std::string& name, const Arguments& arguments) {
  if (arguments[0].type() != ValueType::kEdge) return evaluator->TypeError();
  const graph::EdgeRef& edge = arguments[0].edge();
  if (name == "startnode") return Value::Of(edge.source);
  if (name == "endnode") return Value::Of(edge.target);
  return Value::String(evaluator->TypeOf(edge.edge));
}

Value PartOfElement(Evaluator* evaluator, const std::string& name, const Arguments& arguments) {
  const Value& value = arguments[0];
  Properties properties;
  std::vector<Value> labels;
  if (value.type() == ValueType::kVertex) {
    const Vertex& vertex = evaluator->graph().vertices.at(value.vertex());
    if (vertex.deleted) return evaluator->Fail(ErrorId::kDeletedEntityAccess);
    properties = vertex.properties;
    for (const std::string& label : vertex.labels) labels.push_back(Value::String(label));
  } else if (value.type() == ValueType::kEdge && name != "labels") {
    const Edge& edge = evaluator->graph().edges.at(value.edge().edge);
    if (edge.deleted) return evaluator->Fail(ErrorId::kDeletedEntityAccess);
    properties = edge.properties;
  } else if (value.type() == ValueType::kMap && name != "labels") {
    properties.insert(value.map().begin(), value.map().end());
  } else {
    return evaluator->TypeError();
  }
  if (name == "labels") return Value::List(labels);
  if (name == "properties") return Value::Map({properties.begin(), properties.end()});
  std::vector<Value> keys;
  for (const auto& [key, unused] : properties) keys.push_back(Value::String(key));
  return Value::List(keys);
}

// Other servers give other ids; those of one graph are the same or not.
Value IdOf(Evaluator* evaluator, const std::string& name, const Arguments& arguments) {
  const Value& value = arguments[0];
  uint64_t id = 0;
  if (value.type() == ValueType::kVertex) {
    id = value.vertex().value();
  } else if (value.type() == ValueType::kEdge) {
    id = value.edge().edge.value();
  } else {
    return evaluator->TypeError();
  }
  if (name == "elementid") return Value::String(absl::StrCat(id));
  return Value::Integer(static_cast<int64_t>(id));
}

std::optional<Value> Number(Evaluator* evaluator, const std::string& name,
                            const Arguments& arguments) {
  using Function = double (*)(double);
  static const std::map<std::string, Function> functions = {
      {"sqrt", [](double x) { return std::sqrt(x); }},
      {"exp", [](double x) { return std::exp(x); }},
      {"log", [](double x) { return std::log(x); }},
      {"log10", [](double x) { return std::log10(x); }},
      {"sin", [](double x) { return std::sin(x); }},
      {"cos", [](double x) { return std::cos(x); }},
      {"tan", [](double x) { return std::tan(x); }},
      {"asin", [](double x) { return std::asin(x); }},
      {"acos", [](double x) { return std::acos(x); }},
      {"atan", [](double x) { return std::atan(x); }},
      {"ceil", [](double x) { return std::ceil(x); }},
      {"floor", [](double x) { return std::floor(x); }},
      {"round", [](double x) { return x == std::floor(x) ? x : std::floor(x + 0.5); }},
      {"degrees", [](double x) { return x * 180 / std::numbers::pi; }},
      {"radians", [](double x) { return x * std::numbers::pi / 180; }},
  };
  const auto found = functions.find(name);
  if (found == functions.end() || arguments.size() != 1) return std::nullopt;
  return OfNumber(evaluator, arguments, found->second);
}

std::optional<Value> Other(Evaluator* evaluator, const std::string& name,
                           const Arguments& arguments) {
  if (name == "size") return Size(evaluator, arguments);
  if (name == "abs") return Abs(evaluator, arguments);
  if (name == "sign") return Sign(evaluator, arguments);
  if (name == "range") return Range(evaluator, arguments);
  if (name == "reverse") return Reverse(evaluator, arguments);
  if (name == "head" || name == "last" || name == "tail") {
    return EndOfList(evaluator, name, arguments);
  }
  if (name == "length" || name == "nodes" || name == "relationships") {
    return PartOfPath(evaluator, name, arguments);
  }
  if (name == "type" || name == "startnode" || name == "endnode") {
    return PartOfEdge(evaluator, name, arguments);
  }
  if (name == "id" || name == "elementid") return IdOf(evaluator, name, arguments);
  if (name == "labels" || name == "keys" || name == "properties") {
    return PartOfElement(evaluator, name, arguments);
  }
  return std::nullopt;
}

}  // namespace

double RealOf(const Value& value) {
  return value.type() == ValueType::kInteger ? static_cast<double>(value.integer()) : value.real();
}

std::optional<Value> CallFunction(Evaluator* evaluator, const std::string& name,
                                  const std::vector<Value>& arguments) {
  if (name == "coalesce") return arguments.back();
  if (name == "e" && arguments.empty()) return Value::Float(std::numbers::e);
  if (name == "pi" && arguments.empty()) return Value::Float(std::numbers::pi);
  if (arguments.empty()) return std::nullopt;
  if (name == "nullif") {
    const bool equal = graph::Equals(arguments[0], arguments[1]) == graph::Ternary::kTrue;
    return equal ? Value::Null() : arguments[0];
  }
  for (const Value& argument : arguments) {
    if (argument.is_null()) {
      return name == "range" ? evaluator->Fail(ErrorId::kInvalidRangeArgument) : Value::Null();
    }
  }
  if (auto value = Number(evaluator, name, arguments)) return value;
  if (auto value = CallTextFunction(evaluator, name, arguments)) return value;
  return Other(evaluator, name, arguments);
}

}  // namespace tidemark::reference
