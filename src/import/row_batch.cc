// SPDX-License-Identifier: Apache-2.0
#include "import/row_batch.h"

namespace tidemark::csv_import {

void RowBatch::Clear() {
  text.clear();
  fields.clear();
  rows.clear();
  bad_rows.clear();
  properties.clear();
}

void RowBatch::PointFieldsAtText() {
  const char* at = text.data();
  for (CsvField& field : fields) {
    field.text = {at, field.text.size()};
    at += field.text.size();
  }
}

}  // namespace tidemark::csv_import
