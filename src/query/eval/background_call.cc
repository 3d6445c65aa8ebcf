// SPDX-License-Identifier: Apache-2.0
#include "query/eval/background_call.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/status.h"
#include "query/eval/apply.h"

namespace tidemark::query::eval {

using graph::Value;
using graph::ValueType;

namespace {

// What takes about a quarter of a millisecond: of text, and of elements of lists. To have something
// done in the background costs nearly as much.
constexpr size_t kHeavyTextBytes = 256 << 10;
constexpr size_t kHeavyElements = 64 << 10;

// Look at one element, or at how many there are.
bool IsInstant(const FunctionSignature& function) {
  constexpr std::string_view kInstant[] = {"head", "isEmpty", "last", "size"};
  return std::find(std::begin(kInstant), std::end(kInstant), function.name) != std::end(kInstant);
}

// How many numbers range() gives; an estimate.
double RangeSize(absl::Span<const Value> operands) {
  for (const Value& operand : operands) {
    if (operand.type() != ValueType::kInteger) return 0;
  }
  const auto from = static_cast<double>(operands[0].integer());
  const auto to = static_cast<double>(operands[1].integer());
  const double step = operands.size() < 3 ? 1 : static_cast<double>(operands[2].integer());
  return step == 0 ? 0 : (to - from) / step;
}

struct Size {
  size_t text_bytes = 0;
  size_t elements = 0;
  bool is_heavy() const { return text_bytes > kHeavyTextBytes || elements > kHeavyElements; }
};

void AddSize(const Value& value, Size* size) {
  if (value.type() == ValueType::kString) size->text_bytes += value.string().size();
  if (value.type() == ValueType::kList) size->elements += value.list().size();
  if (value.type() == ValueType::kMap) size->elements += value.map().size();
}

// Of two texts: the end of the shorter one is known to be the end of the work.
size_t ComparedBytes(const Operation& operation, const Value& a, const Value& b) {
  const size_t a_bytes = a.string().size();
  const size_t b_bytes = b.string().size();
  const bool is_equality =
      operation.kind == OperationKind::kEqual || operation.kind == OperationKind::kNotEqual;
  if (is_equality && a_bytes != b_bytes) return 0;
  return std::min(a_bytes, b_bytes);
}

bool IsComparison(OperationKind kind) {
  return kind <= OperationKind::kGreaterOrEqual || kind == OperationKind::kStartsWith ||
         kind == OperationKind::kEndsWith;
}

}  // namespace

bool IsHeavy(const Operation& operation, absl::Span<const Value> operands) {
  if (IsComparison(operation.kind)) {
    const Value& a = operands[0];
    const Value& b = operands[1];
    // Nothing of a value is looked at where the other is of another type or unknown.
    if (a.type() != b.type()) return false;
    if (a.type() == ValueType::kString) {
      return ComparedBytes(operation, a, b) > kHeavyTextBytes;
    }
  }
  switch (operation.kind) {
    case OperationKind::kProperty:
    case OperationKind::kIndex:
    case OperationKind::kIsNull:
    case OperationKind::kHasLabels:
    case OperationKind::kHasLabelIds:
    case OperationKind::kMapProjection:
    case OperationKind::kMakeList:
    case OperationKind::kMakeMap:
      return false;
    default:
      break;
  }
  if (operation.is_volatile) return false;
  Size size;
  for (const Value& operand : operands) {
    // What an element has is known on the loop alone.
    if (operand.type() == ValueType::kVertex || operand.type() == ValueType::kEdge) return false;
    AddSize(operand, &size);
  }
  if (operation.kind != OperationKind::kCall) return size.is_heavy();
  const FunctionSignature& function = *operation.function;
  if (function.name == "range") return RangeSize(operands) > static_cast<double>(kHeavyElements);
  if (size.text_bytes <= kHeavyTextBytes && IsInstant(function)) return false;
  return size.is_heavy();
}

// What a call sees: no graph, and as much memory as the query had left when it began.
class BackgroundCall::CallEnvironment final : public query::Environment {
 public:
  explicit CallEnvironment(State* state) : state_(*state) {}

  ValueOr Property(const Value&, std::string_view) override { return NoGraph(); }
  ValueOr Properties(const Value&) override { return NoGraph(); }
  ValueOr Keys(const Value&) override { return NoGraph(); }
  ValueOr Labels(VertexId) override { return NoGraph(); }
  std::string TypeName(TypeId) override { return std::string(); }
  int64_t StatementMillis() override {
    constexpr int64_t kMicrosPerMilli = 1000;
    return state_.statement_micros / kMicrosPerMilli;
  }
  uint64_t RandomBits() override {
    LOG(FATAL) << "a call that gives another value each time runs in the background";
  }
  absl::Status Reserve(size_t bytes) override {
    state_.made_bytes += bytes;
    if (state_.made_bytes <= state_.room_bytes) return absl::OkStatus();
    return absl::ResourceExhaustedError("no memory");
  }

 private:
  static ValueOr NoGraph() { LOG(FATAL) << "a call in the background asks for the graph"; }

  State& state_;
};

void BackgroundCall::Start(const Operation& operation, std::vector<Value> operands,
                           Environment* environment) {
  CHECK(state_ == nullptr) << "a call is open";
  state_ = std::make_shared<State>();
  state_->operation = operation;
  state_->operands = std::move(operands);
  state_->statement_micros = environment->statement_micros;
  state_->room_bytes =
      environment->memory == nullptr ? SIZE_MAX : environment->memory->room_bytes();
  environment->background->Run([state = state_] {
    CallEnvironment call(state.get());
    state->result = Apply(state->operation, state->operands, &call);
    if (state->result.ok()) state->result->memory_bytes();  // to count them takes long as well
    state->operands.clear();
    state->is_done.store(true, std::memory_order_release);
  });
}

ValueOr BackgroundCall::Take(FunctionEnvironment* functions) {
  CHECK(is_done());
  const std::shared_ptr<State> state = std::move(state_);
  state_ = nullptr;
  // It fails when the call has asked for more than there is.
  RETURN_IF_ERROR(functions->Reserve(state->made_bytes));
  return std::move(state->result);
}

}  // namespace tidemark::query::eval
