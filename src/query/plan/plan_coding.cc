// SPDX-License-Identifier: Apache-2.0
#include "query/plan/plan_coding.h"

#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "query/plan/archive.h"

namespace tidemark::query {

// Fields are found by the namespace of the struct.
template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, Source>
void Fields(Archive& archive, T& source) {
  archive(source.offset);
  archive(source.length);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, SortKey>
void Fields(Archive& archive, T& key) {
  archive(key.slot);
  archive(key.descending);
}

namespace eval {

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, LabelStep>
void Fields(Archive& archive, T& step) {
  archive(step.kind);
  archive(step.operand_count);
  archive(step.id);
  archive(step.name);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, TypeRule>
void Fields(Archive& archive, T& rule) {
  archive(rule.type);
  archive(rule.element);
  archive(rule.any_of);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, Operation>
void Fields(Archive& archive, T& operation) {
  archive(operation.kind);
  archive(operation.is_negated);
  archive(operation.is_volatile);
  archive(operation.has_from);
  archive(operation.has_to);
  archive(operation.source);
  archive(operation.function);
  archive(operation.text);
  archive(operation.keys);
  archive(operation.labels);
  archive(operation.types);
  archive.Require(operation.kind != OperationKind::kCall || operation.function != nullptr);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, Instruction>
void Fields(Archive& archive, T& instruction) {
  archive(instruction.kind);
  archive(instruction.logic);
  archive(instruction.result);
  archive(instruction.operation);
  archive(instruction.arguments);
  archive(instruction.begin);
  archive(instruction.end);
  archive(instruction.source);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, RowInstruction>
void Fields(Archive& archive, T& instruction) {
  archive(instruction.kind);
  archive(instruction.logic);
  archive(instruction.loop);
  archive(instruction.a);
  archive(instruction.b);
  archive(instruction.source);
}

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, Load>
void Fields(Archive& archive, T& load) {
  archive(load.from);
  archive(load.index);
  archive(load.result);
}

// What it needs was of use to the planner alone.
template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, Program>
void Fields(Archive& archive, T& program) {
  archive(program.may_raise);
  archive(program.is_volatile);
  archive(program.is_constant);
  archive(program.source);
  archive(program.code.constants);
  archive(program.code.loads);
  archive(program.code.operations);
  archive(program.code.instructions);
  archive(program.code.rows);
  archive(program.code.register_count);
  archive(program.code.local_count);
  archive(program.code.result);
}

}  // namespace eval

namespace plan {
namespace {

// Operators inside of one another, and fragments inside of them.
constexpr int kMaxDepth = 1000;
class Coder {
 public:
  static void Write(const Operator& node, WriteArchive& archive);
  static std::unique_ptr<Operator> Read(ReadArchive& archive, int depth);
};

bool HasItsInputs(const Operator& node) {
  switch (node.kind) {
    case OperatorKind::kValues:
    case OperatorKind::kInput:
      return node.inputs.empty();
    case OperatorKind::kUnion:
      return !node.inputs.empty() && node.inputs.size() == As<Union>(node).columns.size();
    default:
      return node.inputs.size() == 1;
  }
}

template <typename Archive, typename T>
void OwnFields(Archive& archive, T& node) {
  using Node = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Node, Unwind>) {
    archive(node.programs);
    archive(node.offset);
  } else if constexpr (std::is_same_v<Node, Project>) {
    archive(node.programs);
  } else if constexpr (std::is_same_v<Node, Filter>) {
    archive(node.condition);
  } else if constexpr (std::is_same_v<Node, Skip> || std::is_same_v<Node, Limit>) {
    archive(node.count);
  } else if constexpr (std::is_same_v<Node, Sort>) {
    archive(node.keys);
    archive(node.kept);
    archive(node.skip);
    archive(node.limit);
  } else if constexpr (std::is_same_v<Node, Union>) {
    archive(node.columns);
  } else if constexpr (std::is_same_v<Node, Input>) {
    archive(node.slot_count);
  } else if constexpr (std::is_same_v<Node, ScanVertices>) {
    archive(node.labels);
  } else if constexpr (std::is_same_v<Node, SeekIndex>) {
    archive(node.index);
    archive(node.is_unique);
    archive(node.is_id);
    archive(node.equal);
    archive(node.first);
    archive(node.last);
    archive(node.includes_first);
    archive(node.includes_last);
    archive(node.prefix);
  } else if constexpr (std::is_same_v<Node, Expand>) {
    archive(node.from);
    archive(node.direction);
    archive(node.types);
    archive(node.gives_edge);
    archive(node.to);
  } else if constexpr (std::is_same_v<Node, Fetch>) {
    archive(node.element);
    archive(node.is_edge);
    archive(node.keys);
    archive(node.wants_labels);
    archive(node.wants_all);
    archive(node.takes_deleted);
  } else if constexpr (std::is_same_v<Node, FilterLabels>) {
    archive(node.vertex);
    archive(node.labels);
  } else if constexpr (std::is_same_v<Node, DifferentEdges>) {
    archive(node.edges);
  } else if constexpr (std::is_same_v<Node, MakePath>) {
    archive(node.vertices);
    archive(node.edges);
  }
}

}  // namespace

template <typename Archive, typename T>
requires std::is_same_v<std::remove_const_t<T>, AggregateCall>
void Fields(Archive& archive, T& call) {
  archive(call.function);
  archive(call.is_distinct);
  archive(call.arguments);
  archive(call.offset);
  archive.Require(call.function != nullptr && call.function->is_aggregate());
}

namespace {

// Calls `use` with the operator as what it is. False: it does not run at workers.
template <typename Node, typename Use>
bool Visit(Node& node, Use use) {
  const auto as = [&](auto* type) -> auto& {
    using Kind = std::remove_pointer_t<decltype(type)>;
    using Result = std::conditional_t<std::is_const_v<Node>, const Kind, Kind>;
    return static_cast<Result&>(node);
  };
  switch (node.kind) {
    case OperatorKind::kValues:
      return use(as(static_cast<Values*>(nullptr))), true;
    case OperatorKind::kUnwind:
      return use(as(static_cast<Unwind*>(nullptr))), true;
    case OperatorKind::kProject:
      return use(as(static_cast<Project*>(nullptr))), true;
    case OperatorKind::kFilter:
      return use(as(static_cast<Filter*>(nullptr))), true;
    case OperatorKind::kSkip:
      return use(as(static_cast<Skip*>(nullptr))), true;
    case OperatorKind::kLimit:
      return use(as(static_cast<Limit*>(nullptr))), true;
    case OperatorKind::kAggregate:
      return use(as(static_cast<Aggregate*>(nullptr))), true;
    case OperatorKind::kSort:
      return use(as(static_cast<Sort*>(nullptr))), true;
    case OperatorKind::kUnion:
      return use(as(static_cast<Union*>(nullptr))), true;
    case OperatorKind::kInput:
      return use(as(static_cast<Input*>(nullptr))), true;
    case OperatorKind::kScanVertices:
      return use(as(static_cast<ScanVertices*>(nullptr))), true;
    case OperatorKind::kSeekIndex:
      return use(as(static_cast<SeekIndex*>(nullptr))), true;
    case OperatorKind::kExpand:
      return use(as(static_cast<Expand*>(nullptr))), true;
    case OperatorKind::kFetch:
      return use(as(static_cast<Fetch*>(nullptr))), true;
    case OperatorKind::kFilterLabels:
      return use(as(static_cast<FilterLabels*>(nullptr))), true;
    case OperatorKind::kDifferentEdges:
      return use(as(static_cast<DifferentEdges*>(nullptr))), true;
    case OperatorKind::kApply:
      return use(as(static_cast<Apply*>(nullptr))), true;
    case OperatorKind::kTrail:
      return use(as(static_cast<Trail*>(nullptr))), true;
    case OperatorKind::kMakePath:
      return use(as(static_cast<MakePath*>(nullptr))), true;
    default:
      return false;
  }
}

template <typename T>
std::unique_ptr<Operator> New() {
  return std::make_unique<T>();
}

std::unique_ptr<Operator> Make(OperatorKind kind) {
  static constexpr struct {
    OperatorKind kind;
    std::unique_ptr<Operator> (*make)();
  } kMakers[] = {{Values::kKind, New<Values>},
                 {Unwind::kKind, New<Unwind>},
                 {Project::kKind, New<Project>},
                 {Filter::kKind, New<Filter>},
                 {Skip::kKind, New<Skip>},
                 {Limit::kKind, New<Limit>},
                 {Aggregate::kKind, New<Aggregate>},
                 {Sort::kKind, New<Sort>},
                 {Union::kKind, New<Union>},
                 {Input::kKind, New<Input>},
                 {ScanVertices::kKind, New<ScanVertices>},
                 {SeekIndex::kKind, New<SeekIndex>},
                 {Expand::kKind, New<Expand>},
                 {Fetch::kKind, New<Fetch>},
                 {FilterLabels::kKind, New<FilterLabels>},
                 {DifferentEdges::kKind, New<DifferentEdges>},
                 {Apply::kKind, New<Apply>},
                 {Trail::kKind, New<Trail>},
                 {MakePath::kKind, New<MakePath>}};
  for (const auto& maker : kMakers) {
    if (maker.kind == kind) return maker.make();
  }
  return nullptr;
}

void Coder::Write(const Operator& node, WriteArchive& archive) {
  archive(node.kind);
  archive(node.number);
  archive(node.inputs.size());
  for (const auto& input : node.inputs) Write(*input, archive);
  const bool is_known = Visit(node, [&](const auto& own) {
    using Node = std::remove_cvref_t<decltype(own)>;
    OwnFields(archive, own);
    if constexpr (std::is_same_v<Node, Aggregate>) {
      archive(own.phase);
      archive(own.keys);
      archive(own.calls);
    } else if constexpr (std::is_same_v<Node, Apply>) {
      archive(own.apply);
      archive(own.arguments);
      archive(own.returned);
      archive(own.inner.operator_count);
      Write(*own.inner.root, archive);
    } else if constexpr (std::is_same_v<Node, Trail>) {
      archive(own.from);
      archive(own.min);
      archive(own.max);
      archive(own.arguments);
      archive(own.returned);
      archive(own.is_reversed);
      archive(own.to);
      archive(own.other_edges);
      archive(own.step.operator_count);
      Write(*own.step.root, archive);
    }
  });
  CHECK(is_known) << NameOf(node) << " does not run at workers";
}

std::unique_ptr<Operator> Coder::Read(ReadArchive& archive, int depth) {
  OperatorKind kind{};
  archive(kind);
  std::unique_ptr<Operator> node = depth == kMaxDepth ? nullptr : Make(kind);
  if (node == nullptr) {
    archive.Fail();
    return nullptr;
  }
  archive(node->number);
  uint32_t input_count = 0;
  archive(input_count);
  for (uint32_t i = 0; i < input_count && archive.ok(); ++i) {
    node->inputs.push_back(Read(archive, depth + 1));
  }
  Visit(*node, [&](auto& own) {
    using Node = std::remove_cvref_t<decltype(own)>;
    OwnFields(archive, own);
    if constexpr (std::is_same_v<Node, Aggregate>) {
      archive(own.phase);
      archive(own.keys);
      archive(own.calls);
    } else if constexpr (std::is_same_v<Node, Apply>) {
      archive(own.apply);
      archive(own.arguments);
      archive(own.returned);
      archive(own.inner.operator_count);
      own.inner.root = Read(archive, depth + 1);
    } else if constexpr (std::is_same_v<Node, Trail>) {
      archive(own.from);
      archive(own.min);
      archive(own.max);
      archive(own.arguments);
      archive(own.returned);
      archive(own.is_reversed);
      archive(own.to);
      archive(own.other_edges);
      archive(own.step.operator_count);
      own.step.root = Read(archive, depth + 1);
    }
  });
  archive.Require(HasItsInputs(*node));
  return node;
}

}  // namespace

FragmentNeeds AppendFragment(const Fragment& fragment, std::string* out) {
  WriteArchive archive(out);
  archive(fragment.operator_count);
  Coder::Write(*fragment.root, archive);
  return archive.TakeNeeds();
}

absl::StatusOr<Fragment> DecodeFragment(std::string_view bytes) {
  ReadArchive archive(bytes);
  Fragment fragment;
  archive(fragment.operator_count);
  fragment.root = Coder::Read(archive, 0);
  if (!archive.ok() || !archive.done()) return absl::DataLossError("a malformed plan");
  return fragment;
}

}  // namespace plan
}  // namespace tidemark::query
