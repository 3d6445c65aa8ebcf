// SPDX-License-Identifier: Apache-2.0
#include "import/row_parser.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::csv_import {
namespace {

using Row = RowBatch::Row;
using BadRow = RowBatch::BadRow;

// Nullopt when the row is good, or ends the import by batch->status.
std::optional<BadRow> PackProperties(const TableLayout& layout, RowBatch* batch, Row* row) {
  row->first_property_byte = batch->properties.size();
  const absl::Status packed = layout.properties.Pack(batch->FieldsOf(*row), &batch->properties);
  row->property_bytes = batch->properties.size() - row->first_property_byte;
  if (packed.code() == absl::StatusCode::kInvalidArgument) {
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

std::optional<BadRow> FindEnd(const IdMap& ids, const IdMap::Key& key, std::string_view column,
                              uint64_t line, VertexId* vertex) {
  if (key.text.empty()) {
    return BadRow{line, BadRowKind::kMissingId, absl::StrCat("the ", ToAbsl(column), " is empty")};
  }
  const std::optional<VertexId> found = ids.Find(key);
  if (!found.has_value()) {
    return BadRow{line, BadRowKind::kDangling,
                  absl::StrCat("the ", ToAbsl(column), " ", Quoted(key.text), " is no node")};
  }
  *vertex = *found;
  return std::nullopt;
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kMaxQuotedBytes = 80;
  return absl::StrCat("\"", ToAbsl(text.substr(0, kMaxQuotedBytes)),
                      text.size() > kMaxQuotedBytes ? "..." : "", "\"");
}

void ParseNodes(const TableLayout& layout, RowBatch* batch) {
  SiftRows(batch, [&](Row* row) -> std::optional<BadRow> {
    if (CellText(*batch, *row, layout.id).empty()) {
      return BadRow{row->line, BadRowKind::kMissingId, "the :ID is empty"};
    }
    return PackProperties(layout, batch, row);
  });
}

void ParseRelationships(const TableLayout& layout, const IdMap& ids, RowBatch* batch) {
  // All keys first: their entries are on the way from memory when they are looked at.
  std::vector<IdMap::Key> keys;
  keys.reserve(2 * batch->rows.size());
  for (const Row& row : batch->rows) {
    keys.push_back(ids.Prefetch(layout.groups[0], CellText(*batch, row, layout.start_id)));
    keys.push_back(ids.Prefetch(layout.groups[1], CellText(*batch, row, layout.end_id)));
  }
  const IdMap::Key* key = keys.data();
  SiftRows(batch, [&](Row* row) -> std::optional<BadRow> {
    const IdMap::Key& start = *key++;
    const IdMap::Key& end = *key++;
    std::optional<BadRow> bad = FindEnd(ids, start, ":START_ID", row->line, &row->source);
    if (!bad.has_value()) bad = FindEnd(ids, end, ":END_ID", row->line, &row->target);
    return bad.has_value() ? bad : PackProperties(layout, batch, row);
  });
}

}  // namespace tidemark::csv_import
