// SPDX-License-Identifier: Apache-2.0
// What a compiled expression consists of. Two forms stand beside each other. Instructions work on
// registers, each a column: one step does a whole batch, with kernels for the types that it finds.
// Row instructions work on a stack of values, for one row at a time: comprehensions, quantifiers
// and reduce, whose variables have another value at each turn.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/value.h"
#include "query/binder/bound_expression.h"
#include "query/functions/cypher_type.h"
#include "query/functions/signature.h"
#include "query/text/position.h"

namespace tidemark::query::eval {

// What is computed from the values of operands alone.
enum class OperationKind : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kPower,
  kConcatenate,
  kIn,
  kStartsWith,
  kEndsWith,
  kContains,
  kMatches,
  kNegate,
  kUnaryPlus,
  kNot,
  kIsNull,
  kIsTyped,
  kIsNormalized,
  kHasLabels,    // of a vertex or an edge
  kHasLabelIds,  // of the list of a vertex's label ids
  kProperty,     // Operation::text
  kIndex,
  kSlice,  // the operands: list, then the bounds that there are
  kMakeList,
  kMakeMap,        // Operation::keys
  kMapProjection,  // the operands: base, then the values of Operation::keys
  kCall,
};

// A step of a label test, in the order of evaluation: the operands of a step stand before it.
struct LabelStep {
  bound::LabelTestKind kind;
  uint32_t operand_count = 0;  // of kNot, kAnd and kOr
  uint32_t id = 0;             // of kName; 0: no such name
  std::string name = {};
};

// A bound::TypeTest; indexes into Operation::types.
struct TypeRule {
  CypherType type;
  std::optional<uint32_t> element = {};
  std::vector<uint32_t> any_of = {};
};

struct Operation {
  OperationKind kind;
  bool is_negated = false;   // kIsNull, kIsTyped, kIsNormalized
  bool is_volatile = false;  // another value at each evaluation
  bool has_from = false;     // kSlice
  bool has_to = false;
  Source source = {};
  const FunctionSignature* function = nullptr;  // kCall
  std::string text = {};                        // of kProperty the key, of kIsNormalized the form
  // Of kMakeMap and kMapProjection. In a projection nothing stands for .*, which has no operand.
  std::vector<std::optional<std::string>> keys = {};
  std::vector<LabelStep> labels = {};
  std::vector<TypeRule> types = {};  // the first is the whole
};

using RegisterId = uint32_t;

enum class InstructionKind : uint8_t {
  kCompute,      // result = operation(arguments)
  kRunRows,      // result = the value of the row instructions from `begin` to `end`
  kBeginLogic,   // an AND, OR or XOR of the instructions up to its kEndLogic
  kOperand,      // arguments[0] is the next operand: what it decides is closed
  kEndLogic,     // result
  kBeginCase,    // a CASE or coalesce()
  kWhen,         // open rows where arguments[0] is true are put aside
  kEnter,        // what was put aside is open up to the next kTake
  kTake,         // arguments[0] is the result of the open rows
  kTakeNotNull,  // arguments[0] is the result of the open rows where it is not null
  kEndCase,      // result; null for rows that took nothing
};

struct Instruction {
  InstructionKind kind;
  bound::LogicOperator logic = bound::LogicOperator::kAnd;
  RegisterId result = 0;
  uint32_t operation = 0;  // of kCompute
  std::vector<RegisterId> arguments = {};
  uint32_t begin = 0;  // of kRunRows
  uint32_t end = 0;
  Source source = {};
};

enum class RowInstructionKind : uint8_t {
  kPushRegister,    // a: register
  kPushLocal,       // a: local
  kStoreLocal,      // a: local; pops
  kApply,           // a: operation, b: how many operands it pops
  kJump,            // a: target
  kJumpIfTrue,      // a: target; pops, and raises for another type than boolean and null
  kJumpUnlessTrue,  // the same
  kJumpIfNotNull,   // a: target; pops when it goes on
  kBeginLogic,      // logic
  kTryOperand,      // a: where the next operand, or kEndLogic, begins
  kOperand,         // a: kEndLogic; pops
  kEndLogic,        // pushes
  // loop, a: its end; pops the list; null pushes null and jumps. Of reduce also b: the local of the
  // accumulator; pops its start.
  kBeginLoop,
  kNext,   // b: local for the next element; after the last pushes the result and jumps to a
  kKeep,   // pops an element of a comprehension
  kTally,  // pops what a quantifier's predicate gives
};

enum class LoopKind : uint8_t { kComprehension, kAll, kAny, kNone, kSingle, kReduce };

struct RowInstruction {
  RowInstructionKind kind;
  bound::LogicOperator logic = bound::LogicOperator::kAnd;
  LoopKind loop = LoopKind::kComprehension;
  uint32_t a = 0;
  uint32_t b = 0;
  Source source = {};
};

// What a register holds before the first instruction.
struct Load {
  enum class From : uint8_t { kSlot, kConstant, kParameter };
  From from;
  uint32_t index;  // the slot, into Code::constants, the parameter
  RegisterId result;
};

struct Code {
  std::vector<graph::Value> constants;
  std::vector<Load> loads;
  std::vector<Operation> operations;
  std::vector<Instruction> instructions;
  std::vector<RowInstruction> rows;
  uint32_t register_count = 0;
  uint32_t local_count = 0;
  RegisterId result = 0;
};

}  // namespace tidemark::query::eval
