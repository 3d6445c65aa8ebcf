// SPDX-License-Identifier: Apache-2.0
#include "import/import_options.h"

#include "absl/strings/str_split.h"
#include "base/status.h"

namespace tidemark::csv_import {
namespace {

std::vector<std::string> Split(std::string_view text, char separator) {
  return absl::StrSplit(ToAbsl(text), separator);
}

}  // namespace

absl::StatusOr<ImportTable> ParseImportTable(TableKind kind, std::string_view text) {
  const bool is_nodes = kind == TableKind::kNodes;
  const auto wrong = [&](std::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(
        is_nodes ? "--nodes=" : "--relationships=", ToAbsl(text), ": ", ToAbsl(why), "; ",
        is_nodes ? "[Label[:Label]=]part.csv[,part.csv...]" : "[TYPE=]part.csv[,part.csv...]",
        " is expected"));
  };
  ImportTable table{.kind = kind};
  const size_t equals = text.find('=');
  if (equals != std::string_view::npos) {
    std::string_view names = text.substr(0, equals);
    if (names.starts_with(':')) names.remove_prefix(1);
    table.names = is_nodes ? Split(names, ':') : std::vector<std::string>{std::string(names)};
    for (const std::string& name : table.names) {
      if (name.empty()) return wrong(is_nodes ? "a label is empty" : "the type is empty");
    }
    text.remove_prefix(equals + 1);
  }
  table.paths = Split(text, ',');
  for (const std::string& path : table.paths) {
    if (path.empty()) return wrong("the name of a file is empty");
  }
  return table;
}

}  // namespace tidemark::csv_import
