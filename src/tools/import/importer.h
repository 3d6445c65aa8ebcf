// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "env/file_system.h"
#include "tools/import/bad_rows.h"
#include "tools/import/graph_builder.h"
#include "tools/import/id_map.h"
#include "tools/import/import_options.h"
#include "tools/import/row_values.h"
#include "tools/import/table_reader.h"
#include "tools/progress_line.h"

namespace tidemark::tools {

struct ImportResult {
  BuildResult graph;
  uint64_t input_bytes = 0;
  uint64_t skipped_relationships = 0;
};

// Makes the data directories of a cluster from CSV files, which are read once, nodes before
// relationships. Memory: 16 bytes per node id (and the text of ids that are no numbers), and
// bounded buffers; the rest goes over temporary files in the data directory.
// Owner: the import command. Threads: one; blocks. Errors: kInvalidArgument for the input, with the
// first bad rows; the data directory is as before then.
class Importer {
 public:
  using OnProgress = std::function<void(const Progress&)>;

  // `cluster` is the id of the new cluster. `options` outlives the importer.
  Importer(env::FileSystem* files, const ImportOptions& options, ClusterId cluster,
           OnProgress on_progress);

  absl::StatusOr<ImportResult> Run();
  const BadRows& bad_rows() const { return bad_rows_; }

 private:
  // Where the columns of a table are that are not properties; -1 = there is none.
  struct Roles {
    int id = -1;
    int labels = -1;
    int start_id = -1;
    int end_id = -1;
    int type = -1;
  };
  // A table under way.
  struct Table {
    std::unique_ptr<TableReader> reader;
    RowProperties properties;
    Roles roles;
    uint32_t groups[2] = {0, 0};  // of :ID, or of :START_ID and :END_ID
    std::vector<LabelId> labels;  // of all rows
    TypeId type;                  // of all rows; 0 = none
  };

  absl::StatusOr<uint64_t> InputBytes(const std::vector<ImportTable>& tables);
  absl::StatusOr<Table> OpenTable(const ImportTable& spec);
  absl::StatusOr<uint32_t> GroupOf(const Column& column, bool may_define);
  absl::Status ImportNodes();
  absl::Status ImportNode(Table* table);
  absl::StatusOr<absl::Span<const LabelId>> LabelsOf(const Table& table);
  absl::Status ImportRelationships();
  absl::Status ImportRelationship(Table* table);
  absl::StatusOr<TypeId> TypeOf(const Table& table);
  absl::StatusOr<VertexId> EndOf(Table* table, int column, uint32_t group);
  absl::Status Walk(const std::vector<ImportTable>& tables,
                    const std::function<absl::Status(Table*)>& import_row, Progress progress);
  absl::Status WriteReport() const;

  env::FileSystem* const files_;
  const ImportOptions& options_;
  const ClusterId cluster_;
  const OnProgress on_progress_;
  BadRows bad_rows_;
  std::unique_ptr<GraphBuilder> builder_;
  IdMap ids_;
  absl::flat_hash_map<std::string, uint32_t> groups_;
  std::vector<LabelId> row_labels_;  // reused
  std::string packed_;               // reused
  uint64_t input_bytes_ = 0;
};

}  // namespace tidemark::tools
