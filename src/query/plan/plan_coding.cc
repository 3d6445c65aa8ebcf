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

// Of operators on the graph; the others are in OwnFields.
template <typename Archive, typename T>
void FieldsOnGraph(Archive& archive, T& node) {
  using Node = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Node, ScanVertices>) {
    archive(node.labels);
  } else if constexpr (std::is_same_v<Node, SeekIndex>) {
    archive(node.index);
    archive(node.is_unique);
    archive(node.is_id);
    archive(node.is_list);
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
    archive(node.gives_ends);
    archive(node.to);
    archive(node.other_edges);
    archive(node.unread);
  } else if constexpr (std::is_same_v<Node, Degree>) {
    archive(node.from);
    archive(node.direction);
    archive(node.types);
    archive(node.other_edges);
  } else if constexpr (std::is_same_v<Node, StoredCount>) {
    archive(node.is_of_edges);
    archive(node.names);
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
  } else if constexpr (std::is_same_v<Node, SeekEdge>) {
    archive(node.equal);
    archive(node.is_list);
    archive(node.direction);
    archive(node.types);
    archive.Require(!node.equal.empty());
  } else if constexpr (std::is_same_v<Node, ScanPage>) {
    archive(node.source);
    archive(node.name);
    archive(node.direction);
    archive(node.types);
    archive(node.counts_properties);
  } else if constexpr (std::is_same_v<Node, MakePath>) {
    archive(node.vertices);
    archive(node.edges);
  }
}

template <typename Archive, typename T>
void OwnFields(Archive& archive, T& node) {
  using Node = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Node, Input>) {
    archive(node.slot_count);
  } else if constexpr (std::is_same_v<Node, Unwind>) {
    archive(node.programs);
    archive(node.offset);
  } else if constexpr (std::is_same_v<Node, Project>) {
    archive(node.programs);
  } else if constexpr (std::is_same_v<Node, Filter>) {
    archive(node.condition);
  } else if constexpr (std::is_same_v<Node, Skip> || std::is_same_v<Node, Limit>) {
    archive(node.count);
  } else if constexpr (std::is_same_v<Node, Aggregate>) {
    archive(node.phase);
    archive(node.keys);
    archive(node.calls);
  } else if constexpr (std::is_same_v<Node, Apply>) {
    archive(node.apply);
    archive(node.arguments);
    archive(node.returned);
  } else if constexpr (std::is_same_v<Node, Trail>) {
    archive(node.from);
    archive(node.min);
    archive(node.max);
    archive(node.arguments);
    archive(node.returned);
    archive(node.is_reversed);
    archive(node.to);
    archive(node.other_edges);
  } else if constexpr (std::is_same_v<Node, Sort>) {
    archive(node.keys);
    archive(node.kept);
    archive(node.skip);
    archive(node.limit);
  } else if constexpr (std::is_same_v<Node, Union>) {
    archive(node.columns);
  } else if constexpr (std::is_same_v<Node, DistinctVertices>) {
    archive(node.vertex);
  } else if constexpr (std::is_same_v<Node, DifferentEdges>) {
    archive(node.edges);
  } else {
    FieldsOnGraph(archive, node);
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

// The operators that run at workers.
template <typename... Ts>
struct Kinds {};
using WorkerKinds =
    Kinds<Values, Unwind, Project, Filter, Skip, Limit, Aggregate, Sort, Union, Input, ScanVertices,
          SeekIndex, SeekEdge, ScanPage, Expand, Degree, StoredCount, DistinctVertices, Fetch,
          FilterLabels, DifferentEdges, Apply, Trail, MakePath, ChangeGraph>;

// Calls `use` with the operator as what it is. False: it does not run at workers.
template <typename Node, typename Use, typename... Ts>
bool Visit(Node& node, Use use, Kinds<Ts...>) {
  const auto try_as = [&]<typename T>(std::type_identity<T>) {
    using Own = std::conditional_t<std::is_const_v<Node>, const T, T>;
    if (node.kind != T::kKind) return false;
    use(static_cast<Own&>(node));
    return true;
  };
  return (try_as(std::type_identity<Ts>()) || ...);
}

// Null for what does not run at workers.
template <typename... Ts>
std::unique_ptr<Operator> Make(OperatorKind kind, Kinds<Ts...>) {
  std::unique_ptr<Operator> made;
  const auto try_as = [&]<typename T>(std::type_identity<T>) {
    if (kind == T::kKind) made = std::make_unique<T>();
  };
  (try_as(std::type_identity<Ts>()), ...);
  return made;
}

// The fragment inside of an operator; null when it has none.
template <typename Node>
auto* InnerFragment(Node& node) {
  if constexpr (std::is_same_v<std::remove_const_t<Node>, Apply>) {
    return &node.inner;
  } else if constexpr (std::is_same_v<std::remove_const_t<Node>, Trail>) {
    return &node.step;
  } else {
    return static_cast<Fragment*>(nullptr);
  }
}

void Coder::Write(const Operator& node, WriteArchive& archive) {
  archive(node.kind);
  archive(node.number);
  archive(node.inputs.size());
  for (const auto& input : node.inputs) Write(*input, archive);
  const bool is_known = Visit(
      node,
      [&](const auto& own) {
        OwnFields(archive, own);
        const auto* const inner = InnerFragment(own);
        if (inner == nullptr) return;
        archive(inner->operator_count);
        Write(*inner->root, archive);
      },
      WorkerKinds());
  CHECK(is_known) << NameOf(node) << " does not run at workers";
}

std::unique_ptr<Operator> Coder::Read(ReadArchive& archive, int depth) {
  OperatorKind kind{};
  archive(kind);
  std::unique_ptr<Operator> node = depth == kMaxDepth ? nullptr : Make(kind, WorkerKinds());
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
  Visit(
      *node,
      [&](auto& own) {
        OwnFields(archive, own);
        auto* const inner = InnerFragment(own);
        if (inner == nullptr) return;
        archive(inner->operator_count);
        inner->root = Read(archive, depth + 1);
      },
      WorkerKinds());
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

void EncodeFragment(Remote* remote) {
  remote->encoded.bytes.clear();
  remote->encoded.needs = AppendFragment(remote->fragment, &remote->encoded.bytes);
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
