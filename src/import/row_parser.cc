// SPDX-License-Identifier: Apache-2.0
#include "import/row_parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/text_scanner.h"

namespace tidemark::csv_import {
namespace {

using Row = RowBatch::Row;
using BadRow = RowBatch::BadRow;

// Nullopt when the row is good, or ends the import by batch->status.
std::optional<BadRow> PackProperties(const TableLayout& layout, RowBatch* batch, Row* row) {
  row->first_property_byte = batch->properties.size();
  const absl::Status packed = layout.properties.Pack(batch->FieldsOf(*row), &batch->properties);
  row->property_bytes = batch->properties.size() - row->first_property_byte;
  // What no answer could carry is a fault of this row, too.
  if (absl::IsInvalidArgument(packed) || absl::IsResourceExhausted(packed)) {
    return BadRow{row->line, BadRowKind::kBadValue, MessageOf(packed)};
  }
  if (!packed.ok() && batch->status.ok()) batch->status = packed;
  return std::nullopt;
}

// Takes the rows that `parse` calls bad out of the batch's rows.
template <typename Parse>
void SiftRows(RowBatch* batch, const Parse& parse) {
  const size_t bad_count = batch->bad_rows.size();
  const auto is_bad = [&](Row& row) {
    std::optional<BadRow> bad = parse(&row);
    if (bad.has_value()) batch->bad_rows.push_back(*std::move(bad));
    return bad.has_value();
  };
  batch->rows.erase(std::remove_if(batch->rows.begin(), batch->rows.end(), is_bad),
                    batch->rows.end());
  std::inplace_merge(
      batch->bad_rows.begin(), batch->bad_rows.begin() + static_cast<ptrdiff_t>(bad_count),
      batch->bad_rows.end(), [](const BadRow& a, const BadRow& b) { return a.line < b.line; });
}

BadRow MissingId(uint64_t line, std::string_view column) {
  return {line, BadRowKind::kMissingId, absl::StrCat("the ", ToAbsl(column), " is empty")};
}

BadRow NoInteger(uint64_t line, std::string_view column, std::string_view id) {
  return {line, BadRowKind::kBadValue,
          absl::StrCat("the ", ToAbsl(column), " ", Quoted(id),
                       " is no integer, as the ids of its group are")};
}

// One end of a relationship: the text of its cell, and the key that this makes.
struct End {
  std::string_view column;
  std::string_view text;
  std::optional<IdMap::Key> key;
};

std::optional<BadRow> FindEnd(const IdMap& ids, const End& end, uint64_t line, VertexId* vertex) {
  if (end.text.empty()) return MissingId(line, end.column);
  if (!end.key.has_value()) return NoInteger(line, end.column, end.text);
  const std::optional<VertexId> found = ids.Find(*end.key);
  if (!found.has_value()) {
    return BadRow{line, BadRowKind::kDangling,
                  absl::StrCat("the ", ToAbsl(end.column), " ", Quoted(end.text), " is no node")};
  }
  *vertex = *found;
  return std::nullopt;
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kMaxQuotedBytes = 80;
  return graph::Quote(text, kMaxQuotedBytes);
}

void ParseNodes(const TableLayout& layout, RowBatch* batch) {
  SiftRows(batch, [&](Row* row) -> std::optional<BadRow> {
    const std::string_view id = CellText(*batch, *row, layout.id);
    if (id.empty()) return MissingId(row->line, ":ID");
    if (!IdMap::KeyOf(layout.groups[0], id).has_value()) return NoInteger(row->line, ":ID", id);
    return PackProperties(layout, batch, row);
  });
}

void ParseRelationships(const TableLayout& layout, const IdMap& ids, RowBatch* batch) {
  // All keys first: their entries are on the way from memory when they are looked at.
  std::vector<End> ends;
  ends.reserve(2 * batch->rows.size());
  const auto add = [&](std::string_view column, std::string_view text, const IdGroup& group) {
    ends.push_back({column, text, IdMap::KeyOf(group, text)});
    if (ends.back().key.has_value()) ids.Prefetch(*ends.back().key);
  };
  for (const Row& row : batch->rows) {
    add(":START_ID", CellText(*batch, row, layout.start_id), layout.groups[0]);
    add(":END_ID", CellText(*batch, row, layout.end_id), layout.groups[1]);
  }
  const End* end = ends.data();
  SiftRows(batch, [&](Row* row) -> std::optional<BadRow> {
    const End& source = *end++;
    const End& target = *end++;
    std::optional<BadRow> bad = FindEnd(ids, source, row->line, &row->source);
    if (!bad.has_value()) bad = FindEnd(ids, target, row->line, &row->target);
    return bad.has_value() ? bad : PackProperties(layout, batch, row);
  });
}

}  // namespace tidemark::csv_import
