// SPDX-License-Identifier: Apache-2.0
#include "tests/query/plan/fragment_text.h"

#include <optional>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/value_coding.h"

namespace tidemark::query {
namespace {

using plan::As;
using plan::OperatorKind;

// Owner, threads: the test.
class Writer {
 public:
  std::string Take() { return std::move(text_); }

  // Several fields of one thing.
  template <typename... Fields>
  void Put(const Fields&... fields) {
    text_ += "(";
    (Add(fields), ...);
    text_ += ")";
  }
  void PutOperator(const plan::Operator& node);

 private:
  template <typename T>
  void Add(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      absl::StrAppend(&text_, "#", static_cast<uint64_t>(value), " ");
    } else {
      absl::StrAppend(&text_, value, " ");
    }
  }
  template <typename T>
  void Add(const std::vector<T>& values) {
    absl::StrAppend(&text_, values.size(), "[");
    for (const T& value : values) Add(value);
    text_ += "]";
  }
  template <typename T>
  void Add(const std::optional<T>& value) {
    text_ += value.has_value() ? "some " : "none ";
    if (value.has_value()) Add(*value);
  }
  void Add(const std::string& value) { absl::StrAppend(&text_, value.size(), ":", value, " "); }
  void Add(const graph::Value& value) { Add(graph::EncodeValue(value)); }
  void Add(const Source& source) { Put(source.offset, source.length); }
  // By its address: the very same one.
  void Add(const FunctionSignature* function) {
    absl::StrAppend(&text_, reinterpret_cast<uintptr_t>(function), " ");
  }
  void Add(const SortKey& key) { Put(key.slot, key.descending); }
  void Add(const plan::AggregateCall& call) {
    Put(call.function, call.is_distinct, call.arguments, call.offset);
  }
  void Add(const CypherType& type) { Add(type.bits()); }
  void Add(const eval::LabelStep& s) { Put(s.kind, s.operand_count, s.id, s.name); }
  void Add(const eval::TypeRule& rule) { Put(rule.type, rule.element, rule.any_of); }
  void Add(const eval::Operation& o) {
    Put(o.kind, o.is_negated, o.is_volatile, o.has_from, o.has_to, o.source, o.function, o.text,
        o.keys, o.labels, o.types);
  }
  void Add(const eval::Instruction& i) {
    Put(i.kind, i.logic, i.result, i.operation, i.arguments, i.begin, i.end, i.source);
  }
  void Add(const eval::RowInstruction& i) { Put(i.kind, i.logic, i.loop, i.a, i.b, i.source); }
  void Add(const eval::Load& load) { Put(load.from, load.index, load.result); }
  void Add(const eval::Program& p) {
    Put(p.may_raise, p.is_volatile, p.is_constant, p.source, p.code.constants, p.code.loads,
        p.code.operations, p.code.instructions, p.code.rows, p.code.register_count,
        p.code.local_count, p.code.result);
  }
  void Add(const plan::Fragment& fragment) {
    Add(fragment.operator_count);
    PutOperator(*fragment.root);
  }

  void PutRowOperator(const plan::Operator& node);
  void PutGraphOperator(const plan::Operator& node);

  std::string text_;
};

void Writer::PutRowOperator(const plan::Operator& node) {
  switch (node.kind) {
    case OperatorKind::kUnwind:
      return Put(As<plan::Unwind>(node).programs, As<plan::Unwind>(node).offset);
    case OperatorKind::kProject:
      return Put(As<plan::Project>(node).programs);
    case OperatorKind::kFilter:
      return Put(As<plan::Filter>(node).condition);
    case OperatorKind::kSkip:
      return Put(As<plan::Skip>(node).count);
    case OperatorKind::kLimit:
      return Put(As<plan::Limit>(node).count);
    case OperatorKind::kAggregate: {
      const auto& own = As<plan::Aggregate>(node);
      return Put(own.keys, own.calls, own.phase);
    }
    case OperatorKind::kSort: {
      const auto& own = As<plan::Sort>(node);
      return Put(own.keys, own.kept, own.skip, own.limit);
    }
    case OperatorKind::kUnion:
      return Put(As<plan::Union>(node).columns);
    case OperatorKind::kInput:
      return Put(As<plan::Input>(node).slot_count);
    default:
      return PutGraphOperator(node);
  }
}

void Writer::PutGraphOperator(const plan::Operator& node) {
  switch (node.kind) {
    case OperatorKind::kScanVertices:
      return Put(As<plan::ScanVertices>(node).labels);
    case OperatorKind::kSeekIndex: {
      const auto& own = As<plan::SeekIndex>(node);
      return Put(own.index, own.is_unique, own.is_id, own.is_list, own.equal, own.first, own.last,
                 own.includes_first, own.includes_last, own.prefix);
    }
    case OperatorKind::kSeekEdge: {
      const auto& own = As<plan::SeekEdge>(node);
      return Put(own.equal, own.is_list, own.direction, own.types);
    }
    case OperatorKind::kExpand: {
      const auto& own = As<plan::Expand>(node);
      return Put(own.from, own.direction, own.types, own.gives_edge, own.gives_ends, own.to,
                 own.other_edges, own.unread);
    }
    case OperatorKind::kDistinctVertices:
      return Put(As<plan::DistinctVertices>(node).vertex);
    case OperatorKind::kDegree: {
      const auto& own = As<plan::Degree>(node);
      return Put(own.from, own.direction, own.types, own.other_edges);
    }
    case OperatorKind::kStoredCount:
      return Put(As<plan::StoredCount>(node).is_of_edges, As<plan::StoredCount>(node).names);
    case OperatorKind::kFetch: {
      const auto& own = As<plan::Fetch>(node);
      return Put(own.element, own.is_edge, own.keys, own.wants_labels, own.wants_all,
                 own.takes_deleted);
    }
    case OperatorKind::kFilterLabels:
      return Put(As<plan::FilterLabels>(node).vertex, As<plan::FilterLabels>(node).labels);
    case OperatorKind::kDifferentEdges:
      return Put(As<plan::DifferentEdges>(node).edges);
    case OperatorKind::kApply: {
      const auto& own = As<plan::Apply>(node);
      return Put(own.apply, own.inner, own.arguments, own.returned);
    }
    case OperatorKind::kTrail: {
      const auto& own = As<plan::Trail>(node);
      return Put(own.from, own.min, own.max, own.step, own.arguments, own.returned, own.is_reversed,
                 own.to, own.other_edges);
    }
    case OperatorKind::kMakePath:
      return Put(As<plan::MakePath>(node).vertices, As<plan::MakePath>(node).edges);
    default:
      return;
  }
}

void Writer::PutOperator(const plan::Operator& node) {
  absl::StrAppend(&text_, "\n", ToAbsl(NameOf(node)), " ");
  Put(node.kind, node.number, node.inputs.size());
  PutRowOperator(node);
  for (const auto& input : node.inputs) PutOperator(*input);
}

}  // namespace

std::string EverythingOf(const plan::Fragment& fragment) {
  Writer writer;
  writer.Put(fragment.operator_count);
  writer.PutOperator(*fragment.root);
  return writer.Take();
}

}  // namespace tidemark::query
