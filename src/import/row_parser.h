// SPDX-License-Identifier: Apache-2.0
// The part of importing a row that depends on no other row of its table: safe on any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "import/id_map.h"
#include "import/row_batch.h"
#include "import/row_values.h"

namespace tidemark::csv_import {

// What the columns of a table are for.
struct TableLayout {
  // Indexes of the columns that are not properties; -1 = there is none.
  int id = -1;
  int labels = -1;
  int start_id = -1;
  int end_id = -1;
  int type = -1;
  IdGroup groups[2];  // of :ID, or of :START_ID and :END_ID
  RowProperties properties;
  std::vector<LabelId> all_labels;  // of all rows
  TypeId all_type;                  // of all rows that name none; 0 = none
};

// The cell of a column of the layout that there is.
inline std::string_view CellText(const RowBatch& batch, const RowBatch::Row& row, int column) {
  return batch.FieldsOf(row)[static_cast<size_t>(column)].text;
}
// A part of the text, in quotes, for a message.
std::string Quoted(std::string_view text);

// Packs the properties of the batch's rows. A row that cannot be imported moves to the bad rows.
void ParseNodes(const TableLayout& layout, RowBatch* batch);
// Also finds the ends.
void ParseRelationships(const TableLayout& layout, const IdMap& ids, RowBatch* batch);

}  // namespace tidemark::csv_import
