// SPDX-License-Identifier: Apache-2.0
#include "query/batch/column.h"

#include <cstring>
#include <new>

namespace tidemark::query {

using graph::EdgeRef;
using graph::Value;
using graph::ValueType;

namespace {

// Whether a cell of the type is its word, not an address.
constexpr bool IsWordType(ValueType type) {
  return type == ValueType::kNull || type == ValueType::kBoolean || type == ValueType::kInteger ||
         type == ValueType::kFloat || type == ValueType::kVertex;
}

constexpr size_t NullWords(size_t rows) { return (rows + 63) / 64; }

// REQUIRES: IsWordType(value.type()).
uint64_t WordOfScalar(const Value& value) {
  switch (value.type()) {
    case ValueType::kBoolean:
      return value.boolean() ? 1 : 0;
    case ValueType::kInteger:
      return static_cast<uint64_t>(value.integer());
    case ValueType::kFloat:
      return std::bit_cast<uint64_t>(value.real());
    case ValueType::kVertex:
      return value.vertex().value();
    default:
      return 0;
  }
}

}  // namespace

EdgeId Cell::edge() const {
  if (form == Form::kWord) return EdgeId(word);
  if (form == Form::kValue) return value().edge().edge;
  return graph::DecodeTrusted(AddressOf(word)).edge().edge;
}

Cell CellOf(const Value& value) {
  if (IsWordType(value.type())) return {value.type(), Cell::Form::kWord, WordOfScalar(value)};
  return {value.type(), Cell::Form::kValue, reinterpret_cast<uint64_t>(&value)};
}

Value ValueOf(const Cell& cell) {
  if (cell.form == Cell::Form::kValue) return cell.value();
  if (cell.form == Cell::Form::kEncoded) return graph::DecodeTrusted(AddressOf(cell.word));
  switch (cell.type) {
    case ValueType::kBoolean:
      return Value::Boolean(cell.word != 0);
    case ValueType::kInteger:
      return Value::Integer(cell.integer());
    case ValueType::kFloat:
      return Value::Float(cell.real());
    case ValueType::kVertex:
      return Value::Of(VertexId(cell.word));
    default:
      CHECK(cell.type == ValueType::kNull) << "an edge without its ends";
      return {};
  }
}

Column::Column(SlabArena* arena, ColumnKind kind, size_t capacity)
    : kind_(kind), capacity_(static_cast<uint32_t>(capacity)), arena_(arena) {
  if (kind == ColumnKind::kValue || kind == ColumnKind::kConstant) {
    const size_t count = kind == ColumnKind::kValue ? capacity : 1;
    values_ = arena->AllocateArray<Value>(count);
    for (size_t i = 0; i < count; ++i) new (&values_[i]) Value;
    return;
  }
  words_ = arena->AllocateArray<uint64_t>(capacity);
  if (kind == ColumnKind::kTagged) {
    tags_ = arena->AllocateArray<uint8_t>(capacity);
    std::memset(tags_, 0, capacity);
    return;
  }
  null_bits_ = arena->AllocateArray<uint64_t>(NullWords(capacity));
  std::memset(null_bits_, 0, NullWords(capacity) * sizeof(uint64_t));
}

Column::~Column() {
  const size_t count = values_ == nullptr ? 0 : kind_ == ColumnKind::kValue ? capacity_ : 1;
  for (size_t i = 0; i < count; ++i) values_[i].~Value();
}

Cell Column::CellAt(size_t row) const {
  if (kind_ == ColumnKind::kValue) return CellOf(values_[row]);
  if (kind_ == ColumnKind::kConstant) return CellOf(values_[0]);
  if (IsNull(row)) return {};
  const ValueType type = TypeAt(row);
  const bool is_word = IsWordType(type) || kind_ == ColumnKind::kEdge;
  return {type, is_word ? Cell::Form::kWord : Cell::Form::kEncoded, words_[row]};
}

Value Column::ValueAt(size_t row) const {
  if (kind_ != ColumnKind::kEdge || IsNull(row)) return ValueOf(CellAt(row));
  CHECK(sources_ != nullptr) << "an edge is wanted as a value and its ends were never made";
  return Value::Of(EdgeRef{EdgeId(words_[row]), VertexId(sources_[row]), VertexId(targets_[row]),
                           TypeId(static_cast<uint32_t>(types_[row]))});
}

void Column::MakeEnds() {
  CHECK(kind_ == ColumnKind::kEdge);
  if (sources_ != nullptr) return;
  sources_ = arena_->AllocateArray<uint64_t>(capacity_);
  targets_ = arena_->AllocateArray<uint64_t>(capacity_);
  types_ = arena_->AllocateArray<uint64_t>(capacity_);
}

void Column::SetNull(size_t row) {
  if (kind_ == ColumnKind::kTagged) return SetTagged(row, ValueType::kNull, 0);
  if (values_ != nullptr) {
    values_[kind_ == ColumnKind::kConstant ? 0 : row] = Value();
    return;
  }
  words_[row] = 0;
  if (sources_ != nullptr) sources_[row] = targets_[row] = types_[row] = 0;
  null_bits_[row / 64] |= uint64_t{1} << (row % 64);
  has_nulls_ = true;
}

void Column::SetEdge(size_t row, const EdgeRef& edge) {
  SetWord(row, edge.edge.value());
  if (sources_ == nullptr) return;
  sources_[row] = edge.source.value();
  targets_[row] = edge.target.value();
  types_[row] = edge.type.value();
}

void Column::SetText(size_t row, std::string_view text) {
  const uint64_t word = StoreText(arena_, text);
  if (kind_ == ColumnKind::kTagged) return SetTagged(row, ValueType::kString, word);
  SetWord(row, word);
}

void Column::BorrowEncoded(size_t row, const char* encoded) {
  const ValueType type = graph::TypeOfTrusted(encoded);
  if (kind_ == ColumnKind::kString) {
    CHECK(type == ValueType::kString);
    SetWord(row, WordOf(encoded));
    is_borrowing_ = true;
    return;
  }
  if (IsWordType(type)) return SetTaggedValue(row, graph::DecodeTrusted(encoded));
  SetTagged(row, type, WordOf(encoded));
  is_borrowing_ = true;
}

size_t Column::StoreEncodedAt(size_t row, const char* encoded) {
  ValueType type = ValueType::kNull;
  uint64_t word = 0;
  if (graph::WordOfTrusted(encoded, &type, &word) && kind_ == ColumnKind::kTagged) {
    SetTagged(row, type, word);
    return 0;
  }
  type = graph::TypeOfTrusted(encoded);
  if (IsWordType(type)) {
    SetValue(row, graph::DecodeTrusted(encoded));
    return 0;
  }
  const std::string_view bytes = graph::BytesOfTrusted(encoded);
  word = StoreEncoded(arena_, bytes);
  if (kind_ == ColumnKind::kTagged) {
    SetTagged(row, type, word);
  } else {
    CHECK(type == ValueType::kString);
    SetWord(row, word);
  }
  return bytes.size();
}

void Column::SetTaggedValue(size_t row, const Value& value) {
  const uint64_t word = IsWordType(value.type()) ? WordOfScalar(value) : StoreValue(arena_, value);
  SetTagged(row, value.type(), word);
}

void Column::SetValue(size_t row, const Value& value) {
  if (kind_ == ColumnKind::kTagged) return SetTaggedValue(row, value);
  if (values_ != nullptr) {
    values_[kind_ == ColumnKind::kConstant ? 0 : row] = value;
    return;
  }
  if (value.is_null()) return SetNull(row);
  CHECK(value.type() == TypeOf(kind_)) << "the column does not hold this type";
  if (kind_ == ColumnKind::kEdge) return SetEdge(row, value.edge());
  if (kind_ == ColumnKind::kString) return SetText(row, value.string());
  SetWord(row, WordOfScalar(value));
}

void Column::CopyCell(size_t row, const Column& from, size_t from_row) {
  TakeCell(row, from, from_row);
  OwnText(row);
}

void Column::ShareCell(size_t row, const Column& from, size_t from_row) {
  TakeCell(row, from, from_row);
  is_borrowing_ |= from.is_borrowing_;
}

void Column::TakeCell(size_t row, const Column& from, size_t from_row) {
  CHECK(kind_ == from.kind_);
  if (values_ != nullptr) {
    if (kind_ == ColumnKind::kConstant) row = from_row = 0;
    values_[row] = from.values_[from_row];
    return;
  }
  if (from.IsNull(from_row)) return SetNull(row);
  if (kind_ == ColumnKind::kTagged) {
    return SetTagged(row, static_cast<ValueType>(from.tags_[from_row]), from.words_[from_row]);
  }
  SetWord(row, from.words_[from_row]);
  if (sources_ == nullptr) return;
  CHECK(from.sources_ != nullptr);
  sources_[row] = from.sources_[from_row];
  targets_[row] = from.targets_[from_row];
  types_[row] = from.types_[from_row];
}

void Column::OwnText(size_t row) {
  const Cell cell = CellAt(row);
  if (cell.form != Cell::Form::kEncoded) return;
  words_[row] = StoreEncoded(arena_, graph::BytesOfTrusted(AddressOf(cell.word)));
}

}  // namespace tidemark::query
