// SPDX-License-Identifier: Apache-2.0
#include "import/row_values.h"

#include "base/status.h"
#include "base/utf8.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_text.h"

namespace tidemark::csv_import {

using graph::Value;
using graph::ValueType;

namespace {

absl::StatusOr<Value> ScalarValue(const Column& column, std::string_view text) {
  if (column.type == ValueType::kString && !IsValidUtf8(text)) {
    return absl::InvalidArgumentError("the text is not UTF-8");
  }
  return graph::ParseValue(column.type, text, column.defaults);
}

absl::StatusOr<Value> ListValue(const Column& column, std::string_view text, char delimiter) {
  std::vector<Value> elements;
  for (;;) {
    const size_t end = text.find(delimiter);
    ASSIGN_OR_RETURN(Value element, ScalarValue(column, text.substr(0, end)));
    elements.push_back(std::move(element));
    if (end == std::string_view::npos) return graph::MakeList(std::move(elements));
    text.remove_prefix(end + 1);
  }
}

}  // namespace

absl::StatusOr<Value> CellValue(const Column& column, const CsvField& cell, char array_delimiter) {
  const bool is_text = column.type == ValueType::kString && !column.is_list;
  if (cell.text.empty() && !(is_text && cell.quoted)) return Value::Null();
  ASSIGN_OR_RETURN(Value value, column.is_list ? ListValue(column, cell.text, array_delimiter)
                                               : ScalarValue(column, cell.text));
  RETURN_IF_ERROR(graph::CheckStorable(value));
  return value;
}

absl::StatusOr<RowProperties> RowProperties::Create(const std::vector<Column>& columns,
                                                    char array_delimiter, GraphBuilder* builder) {
  RowProperties row;
  row.array_delimiter_ = array_delimiter;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name.empty()) continue;
    ASSIGN_OR_RETURN(const uint32_t key, builder->NameId(graph::NameKind::kKey, columns[i].name));
    row.properties_.push_back({i, columns[i], KeyId(key)});
  }
  return row;
}

absl::Status RowProperties::Pack(absl::Span<const CsvField> cells, std::string* packed) const {
  if (properties_.empty()) return absl::OkStatus();
  std::vector<std::pair<KeyId, std::string>> encoded;
  for (const Property& property : properties_) {
    absl::StatusOr<Value> value =
        CellValue(property.column, cells[property.index], array_delimiter_);
    if (!value.ok()) {
      return Annotate(value.status(), absl::StrCat("column ", property.column.name));
    }
    if (!value->is_null()) encoded.emplace_back(property.key, graph::EncodeValue(*value));
  }
  return graph::PackProperties(std::move(encoded), packed);
}

}  // namespace tidemark::csv_import
