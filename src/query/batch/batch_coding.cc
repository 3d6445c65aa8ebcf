// SPDX-License-Identifier: Apache-2.0
#include "query/batch/batch_coding.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/coding.h"
#include "base/status.h"
#include "graph/value_coding.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

constexpr uint8_t kHasMultiplicity = 1;  // of the batch
constexpr uint8_t kHasNulls = 1;         // of a column
constexpr uint8_t kHasEnds = 2;          // of an edge column
constexpr size_t kRoomBytes = 4096;      // behind a text larger than that, for what follows it

bool IsWordKind(ColumnKind kind) { return kind <= ColumnKind::kBoolean; }
bool IsKind(uint8_t kind) {
  return kind >= static_cast<uint8_t>(ColumnKind::kVertex) &&
         kind <= static_cast<uint8_t>(ColumnKind::kConstant);
}

absl::Status MalformedBatch(std::string_view what) {
  return absl::DataLossError(absl::StrCat("malformed batch: ", ToAbsl(what)));
}

// Writes the columns of some rows of a batch. Owner: one call. Threads: one.
class BatchWriter {
 public:
  BatchWriter(const Batch& batch, size_t first, size_t count, size_t max_bytes, std::string* out)
      : batch_(batch),
        first_(first),
        count_(count),
        max_size_(max_bytes > SIZE_MAX - out->size() ? SIZE_MAX : out->size() + max_bytes),
        out_(out) {}

  // False when the rows would take more than they may.
  absl::StatusOr<bool> Write() {
    bool has_multiplicity = false;
    ForEachRow([&](uint16_t row) { has_multiplicity |= batch_.MultiplicityAt(row) != 1; });
    AppendVarint(out_, count_);
    AppendVarint(out_, batch_.slot_count());
    AppendFixed8(out_, has_multiplicity ? kHasMultiplicity : 0);
    if (has_multiplicity) {
      ForEachRow([&](uint16_t row) { AppendVarint(out_, batch_.MultiplicityAt(row)); });
    }
    for (size_t slot = 0; slot < batch_.slot_count() && !is_over(); ++slot) WriteColumn(slot);
    if (!status_.ok()) return std::move(status_);
    return !is_over();
  }

 private:
  template <typename Function>
  void ForEachRow(Function fn) const {
    for (size_t i = 0; i < count_; ++i) fn(batch_.RowAt(first_ + i));
  }

  void WriteColumn(size_t slot) {
    const Column& shape = batch_.SlotColumn(slot);
    const bool has_nulls = IsWordKind(shape.kind()) && shape.has_nulls() && HasNulls(slot);
    const bool has_ends = shape.sources() != nullptr;
    AppendFixed8(out_, static_cast<uint8_t>(shape.kind()));
    AppendFixed8(out_, (has_nulls ? kHasNulls : 0) | (has_ends ? kHasEnds : 0));
    if (has_nulls) WriteNulls(slot);
    if (shape.kind() == ColumnKind::kConstant) {
      WriteValue(shape.values()[0]);
      return;
    }
    ForEachRow([&](uint16_t row) {
      const Column& column = batch_.Resolve(slot, &row);
      if (!IsWordKind(column.kind())) {
        WriteCell(column, row);
      } else if (!column.IsNull(row)) {
        WriteWord(column, row);
      }
    });
  }

  bool HasNulls(size_t slot) const {
    bool found = false;
    ForEachRow([&](uint16_t row) {
      const Column& column = batch_.Resolve(slot, &row);
      found |= column.IsNull(row);
    });
    return found;
  }

  void WriteNulls(size_t slot) {
    uint8_t byte = 0;
    size_t i = 0;
    ForEachRow([&](uint16_t row) {
      const Column& column = batch_.Resolve(slot, &row);
      byte |= static_cast<uint8_t>(column.IsNull(row) ? 1 << (i % 8) : 0);
      if (++i % 8 == 0) {
        AppendFixed8(out_, byte);
        byte = 0;
      }
    });
    if (i % 8 != 0) AppendFixed8(out_, byte);
  }

  void WriteWord(const Column& column, size_t row) {
    if (column.kind() == ColumnKind::kBoolean) {
      return AppendFixed8(out_, column.words()[row] != 0 ? 1 : 0);
    }
    AppendFixed64(out_, column.words()[row]);
    if (column.sources() == nullptr) return;
    AppendFixed64(out_, column.sources()[row]);
    AppendFixed64(out_, column.targets()[row]);
    AppendFixed32(out_, static_cast<uint32_t>(column.types()[row]));
  }

  bool is_over() const { return is_over_ || out_->size() > max_size_; }

  // Megabytes are not copied to find out that they are too many.
  bool HasRoom(size_t bytes) {
    is_over_ = is_over() || bytes > max_size_ - out_->size();
    return !is_over_;
  }

  void WriteCell(const Column& column, size_t row) {
    if (is_over_) return;
    const Cell cell = column.CellAt(row);
    if (cell.form == Cell::Form::kEncoded) {
      const std::string_view encoded = graph::BytesOfTrusted(AddressOf(cell.word));
      if (!HasRoom(encoded.size())) return;
      // A text that fills the buffer to its last byte would be moved for the byte behind it.
      if (encoded.size() > kRoomBytes) out_->reserve(out_->size() + encoded.size() + kRoomBytes);
      out_->append(encoded);
    } else if (cell.form == Cell::Form::kValue) {
      WriteValue(cell.value());
    } else {
      graph::AppendValue(ValueOf(cell), out_);
    }
  }

  void WriteValue(const Value& value) {
    if (!HasRoom(value.type() == ValueType::kString ? value.string().size() : 0)) return;
    if (status_.ok()) status_ = graph::CheckEncodable(value);
    if (status_.ok()) graph::AppendValue(value, out_);
  }

  const Batch& batch_;
  const size_t first_;
  const size_t count_;
  const size_t max_size_;  // of *out_
  std::string* const out_;
  absl::Status status_;
  bool is_over_ = false;
};

// Reads one batch. Owner: one call. Threads: one. Errors: kDataLoss.
class BatchReader {
 public:
  BatchReader(SlabPool* pool, std::string_view bytes) : pool_(pool), reader_(bytes) {}

  absl::StatusOr<BatchRef> Read() {
    const uint64_t rows = reader_.Varint();
    const uint64_t columns = reader_.Varint();
    const uint8_t flags = reader_.Fixed8();
    if (!reader_.ok()) return MalformedBatch("cut off in its head");
    if (rows > kMaxBatchRows) return MalformedBatch("too many rows");
    if (columns > std::min<uint64_t>(kMaxBatchColumns, reader_.remaining())) {
      return MalformedBatch("too many columns");
    }
    if (flags > kHasMultiplicity) return MalformedBatch("unknown flags");
    batch_ = Batch::Make(pool_, rows);
    batch_->set_row_count(rows);
    if (flags == kHasMultiplicity) {
      if (rows > reader_.remaining()) return MalformedBatch("cut off in the multiplicities");
      batch_->MakeMultiplicity();
      for (uint64_t i = 0; i < rows; ++i) batch_->multiplicity()[i] = reader_.Varint();
    }
    for (uint64_t i = 0; i < columns; ++i) RETURN_IF_ERROR(ReadColumn());
    if (!reader_.ok()) return MalformedBatch("cut off");
    if (!reader_.done()) return MalformedBatch("bytes behind its end");
    return std::move(batch_);
  }

 private:
  absl::Status ReadColumn() {
    const uint8_t kind_byte = reader_.Fixed8();
    const uint8_t flags = reader_.Fixed8();
    if (!reader_.ok()) return MalformedBatch("cut off before a column");
    if (!IsKind(kind_byte)) return MalformedBatch("unknown kind of column");
    const auto kind = static_cast<ColumnKind>(kind_byte);
    if ((flags & ~(kHasNulls | kHasEnds)) != 0 ||
        ((flags & kHasEnds) != 0 && kind != ColumnKind::kEdge) ||
        ((flags & kHasNulls) != 0 && !IsWordKind(kind))) {
      return MalformedBatch("unknown flags of a column");
    }
    const size_t rows = batch_->row_count();
    const std::string_view nulls =
        (flags & kHasNulls) != 0 ? reader_.Raw((rows + 7) / 8) : std::string_view();
    const size_t null_count = CountNulls(nulls, rows);
    // A row takes at least a byte, unless it is null and the column is of words.
    const size_t least = kind == ColumnKind::kConstant ? 1
                         : IsWordKind(kind)            ? rows - null_count
                                                       : rows;
    if (!reader_.ok() || least > reader_.remaining()) return MalformedBatch("column cut off");
    Column* const column = batch_->AddColumn(kind);
    if ((flags & kHasEnds) != 0) column->MakeEnds();
    if (kind == ColumnKind::kConstant) return ReadValue(column, 0);
    for (size_t row = 0; row < rows; ++row) {
      if (!nulls.empty() && (nulls[row / 8] >> (row % 8) & 1) != 0) {
        column->SetNull(row);
      } else {
        RETURN_IF_ERROR(ReadCell(column, row));
      }
    }
    return absl::OkStatus();
  }

  static size_t CountNulls(std::string_view nulls, size_t rows) {
    size_t count = 0;
    for (size_t row = 0; row < rows && !nulls.empty(); ++row)
      count += nulls[row / 8] >> row % 8 & 1;
    return count;
  }

  absl::Status ReadCell(Column* column, size_t row) {
    switch (column->kind()) {
      case ColumnKind::kVertex: {
        const VertexId vertex(reader_.Fixed64());
        if (!vertex.valid()) return MalformedBatch("not the id of a vertex");
        column->SetWord(row, vertex.value());
        return absl::OkStatus();
      }
      case ColumnKind::kEdge:
        return ReadEdge(column, row);
      case ColumnKind::kBoolean: {
        const uint8_t byte = reader_.Fixed8();
        if (byte > 1) return MalformedBatch("not a boolean");
        column->SetWord(row, byte);
        return absl::OkStatus();
      }
      case ColumnKind::kInteger:
      case ColumnKind::kFloat:
        column->SetWord(row, reader_.Fixed64());
        return reader_.ok() ? absl::OkStatus() : MalformedBatch("column cut off");
      default:
        return ReadValue(column, row);
    }
  }

  absl::Status ReadEdge(Column* column, size_t row) {
    const EdgeId edge(reader_.Fixed64());
    if (!edge.valid()) return MalformedBatch("not the id of an edge");
    if (column->sources() == nullptr) {
      column->SetWord(row, edge.value());
      return absl::OkStatus();
    }
    graph::EdgeRef ref{edge, {}, {}, {}};
    ref.source = VertexId(reader_.Fixed64());
    ref.target = VertexId(reader_.Fixed64());
    ref.type = TypeId(reader_.Fixed32());
    if (!graph::IsValid(ref)) return MalformedBatch("not an edge");
    column->SetEdge(row, ref);
    return absl::OkStatus();
  }

  absl::Status ReadValue(Column* column, size_t row) {
    const std::string_view rest(reader_.position(), reader_.remaining());
    ASSIGN_OR_RETURN(const size_t size, graph::EncodedValueSize(rest));
    const std::string_view encoded = reader_.Raw(size);
    const ValueType type = graph::TypeOfTrusted(encoded.data());
    if (column->values() != nullptr) {
      column->SetValue(row, graph::DecodeTrusted(encoded.data()));
    } else if (type == ValueType::kNull) {
      column->SetNull(row);
    } else if (column->kind() == ColumnKind::kString && type != ValueType::kString) {
      return MalformedBatch("not a string");
    } else {
      column->StoreEncodedAt(row, encoded.data());
    }
    return absl::OkStatus();
  }

  SlabPool* const pool_;
  ByteReader reader_;
  BatchRef batch_;
};

}  // namespace

absl::Status AppendBatch(const Batch& batch, std::string* out) {
  return AppendRows(batch, 0, batch.selected_count(), SIZE_MAX, out).status();
}

absl::StatusOr<bool> AppendRows(const Batch& batch, size_t first, size_t count, size_t max_bytes,
                                std::string* out) {
  return BatchWriter(batch, first, count, max_bytes, out).Write();
}

absl::StatusOr<BatchRef> DecodeBatch(SlabPool* pool, std::string_view bytes) {
  return BatchReader(pool, bytes).Read();
}

}  // namespace tidemark::query
