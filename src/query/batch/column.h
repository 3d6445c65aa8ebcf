// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/ids.h"
#include "graph/value.h"
#include "query/batch/slab_arena.h"
#include "query/batch/string_heap.h"

namespace tidemark::query {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxBatchRows = 3;
#else
inline constexpr size_t kMaxBatchRows = 1024;
#endif

// What the words of a column are. Part of the wire format; never reuse a number.
enum class ColumnKind : uint8_t {
  kVertex = 1,    // id
  kEdge = 2,      // id; ends and type beside it when they were asked for
  kInteger = 3,   // int64
  kFloat = 4,     // double
  kBoolean = 5,   // 0 or 1
  kString = 6,    // address of an encoded string
  kTagged = 7,    // by the row's tag: null, boolean, integer and float as above, else the address
                  // of an encoded value; what properties decode to
  kValue = 8,     // graph::Value, for what expressions build
  kConstant = 9,  // one graph::Value for all rows
};

// One cell, as the engine compares, hashes and copies it without making a value of it.
struct Cell {
  enum class Form : uint8_t {
    kWord,     // null, boolean, integer, float, vertex; of an edge its id
    kEncoded,  // address of the encoded value
    kValue,    // address of a graph::Value
  };

  graph::ValueType type = graph::ValueType::kNull;
  Form form = Form::kWord;
  uint64_t word = 0;

  int64_t integer() const { return static_cast<int64_t>(word); }
  double real() const { return std::bit_cast<double>(word); }
  const graph::Value& value() const { return *reinterpret_cast<const graph::Value*>(word); }
  // REQUIRES: a string.
  std::string_view text() const {
    return form == Form::kEncoded ? graph::TextOfTrusted(AddressOf(word)) : value().string();
  }
  // REQUIRES: an edge.
  EdgeId edge() const;
};
// REQUIRES: `value` stays where it is.
Cell CellOf(const graph::Value& value);
// REQUIRES: not an edge that is only its id.
graph::Value ValueOf(const Cell& cell);

// The cells of one variable of a batch. Kernels work on words(), tags() and null_bits() directly;
// everything else reads cells and sets values. A row that was never set has no defined content,
// except in tagged and value columns, where it is null.
// Owner: a Batch, in whose arena the memory is. Threads: the batch's.
class Column {
 public:
  // REQUIRES: the arena lives as long as the column.
  Column(SlabArena* arena, ColumnKind kind, size_t capacity);
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  ~Column();

  ColumnKind kind() const { return kind_; }
  size_t capacity() const { return capacity_; }

  bool IsNull(size_t row) const {
    switch (kind_) {
      case ColumnKind::kTagged:
        return tags_[row] == static_cast<uint8_t>(graph::ValueType::kNull);
      case ColumnKind::kValue:
        return values_[row].is_null();
      case ColumnKind::kConstant:
        return values_[0].is_null();
      default:
        return has_nulls_ && (null_bits_[row / 64] >> (row % 64) & 1) != 0;
    }
  }
  Cell CellAt(size_t row) const;
  // REQUIRES: an edge column has its ends.
  graph::Value ValueAt(size_t row) const;

  // One word per row; not for value and constant columns.
  uint64_t* words() { return words_; }
  const uint64_t* words() const { return words_; }
  // The type of each row of a tagged column, as graph::ValueType.
  const uint8_t* tags() const { return tags_; }
  // A bit per row, set for null; of the kinds vertex to string. Empty of meaning without has_nulls.
  const uint64_t* null_bits() const { return null_bits_; }
  bool has_nulls() const { return has_nulls_; }
  // Of a value column one per row, of a constant column one.
  graph::Value* values() { return values_; }
  const graph::Value* values() const { return values_; }
  // Of a tagged column: a bit for every type that was ever set, 1 << type.
  uint32_t types_seen() const { return types_seen_; }
  // The types that its cells may have, null apart, a bit for each.
  uint32_t PossibleTypes() const {
    if (kind_ == ColumnKind::kTagged) return types_seen_;
    if (values_ != nullptr) return ~uint32_t{0};
    return 1u << static_cast<int>(TypeOf(kind_));
  }
  // Of a cell that is not null. REQUIRES: a column with words.
  graph::ValueType TypeAt(size_t row) const {
    return kind_ == ColumnKind::kTagged ? static_cast<graph::ValueType>(tags_[row]) : TypeOf(kind_);
  }
  bool IsUniform(graph::ValueType type) const {
    return types_seen_ == 1u << static_cast<int>(type);
  }

  // Ends and type of an edge column, one word per row; nullptr until they are made.
  void MakeEnds();
  uint64_t* sources() { return sources_; }
  uint64_t* targets() { return targets_; }
  uint64_t* types() { return types_; }
  const uint64_t* sources() const { return sources_; }
  const uint64_t* targets() const { return targets_; }
  const uint64_t* types() const { return types_; }

  void SetNull(size_t row);
  // For the kinds vertex to boolean.
  void SetWord(size_t row, uint64_t word) {
    words_[row] = word;
    if (has_nulls_) null_bits_[row / 64] &= ~(uint64_t{1} << (row % 64));
  }
  // For an edge column; keeps the ends when they were made.
  void SetEdge(size_t row, const graph::EdgeRef& edge);
  // Copies the text. For string and tagged columns.
  void SetText(size_t row, std::string_view text);
  // For string and tagged columns: an encoded value that outlives the batch, or until OwnText.
  void BorrowEncoded(size_t row, const char* encoded);
  // For string and tagged columns: a copy of an encoded value. How many bytes of text were copied.
  size_t StoreEncodedAt(size_t row, const char* encoded);
  // Any value that the kind can hold; a tagged or value column holds all.
  // REQUIRES: CheckEncodable(value) for a tagged column.
  void SetValue(size_t row, const graph::Value& value);
  // Copies a cell of a column of the same kind, text included.
  void CopyCell(size_t row, const Column& from, size_t from_row);
  // The same, but text stays where it is; what `from` borrows this column borrows too.
  // REQUIRES: `from` lives as long as this column.
  void ShareCell(size_t row, const Column& from, size_t from_row);

  // True while cells point into memory that the batch does not own.
  bool is_borrowing() const { return is_borrowing_; }
  // Copies the text of one row into the arena; of all rows that stay, then ClearBorrowed.
  void OwnText(size_t row);
  void ClearBorrowed() { is_borrowing_ = false; }

 private:
  // Of a kind with words that is not tagged.
  static graph::ValueType TypeOf(ColumnKind kind) {
    constexpr graph::ValueType kTypes[] = {graph::ValueType::kNull,  graph::ValueType::kVertex,
                                           graph::ValueType::kEdge,  graph::ValueType::kInteger,
                                           graph::ValueType::kFloat, graph::ValueType::kBoolean,
                                           graph::ValueType::kString};
    return kTypes[static_cast<size_t>(kind)];
  }
  void SetTagged(size_t row, graph::ValueType type, uint64_t word) {
    words_[row] = word;
    tags_[row] = static_cast<uint8_t>(type);
    types_seen_ |= 1u << static_cast<int>(type);
  }
  void SetTaggedValue(size_t row, const graph::Value& value);
  void TakeCell(size_t row, const Column& from, size_t from_row);

  const ColumnKind kind_;
  bool has_nulls_ = false;
  bool is_borrowing_ = false;
  uint32_t types_seen_ = 0;
  const uint32_t capacity_;
  SlabArena* const arena_;
  uint64_t* words_ = nullptr;
  uint64_t* null_bits_ = nullptr;
  uint8_t* tags_ = nullptr;
  graph::Value* values_ = nullptr;
  uint64_t* sources_ = nullptr;
  uint64_t* targets_ = nullptr;
  uint64_t* types_ = nullptr;
};

}  // namespace tidemark::query
