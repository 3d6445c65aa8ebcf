// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "cli/progress_line.h"
#include "env/file_system.h"
#include "import/bad_rows.h"
#include "import/graph_builder.h"
#include "import/id_map.h"
#include "import/import_options.h"
#include "import/row_batch.h"
#include "import/row_parser.h"
#include "import/table_reader.h"

namespace tidemark::csv_import {

struct ImportResult {
  BuildResult graph;
  uint64_t input_bytes = 0;
  uint64_t skipped_relationships = 0;
};

// Makes the data directories of a cluster from CSV files, which are read once, nodes before
// relationships; the headers of all come first. Rows are parsed on several threads and take effect
// in the order of the input. Memory: 16 bytes per node id (and the text of ids that are no
// numbers), and bounded buffers; the rest goes over temporary files in the data directory.
// Owner: the import command. Threads: one; blocks. Errors: kInvalidArgument for the input, with the
// first bad rows; the data directory is as before then.
class Importer {
 public:
  using OnProgress = std::function<void(const cli::Progress&)>;

  // `cluster` is the id of the new cluster. `options` outlives the importer.
  Importer(env::FileSystem* files, const ImportOptions& options, ClusterId cluster,
           OnProgress on_progress);

  absl::StatusOr<ImportResult> Run();
  const BadRows& bad_rows() const { return bad_rows_; }

 private:
  struct Table {
    TableKind kind;
    TableLayout layout;
    std::unique_ptr<TableReader> reader;
  };

  absl::StatusOr<std::vector<Table>> OpenTables(const std::vector<ImportTable>& specs);
  absl::StatusOr<Table> OpenTable(const ImportTable& spec);
  absl::StatusOr<IdGroup> GroupOf(const Column& column);
  absl::Status UnknownGroup(const Column& column) const;
  // `tables` are all of nodes or all of relationships.
  absl::Status ImportTables(const std::vector<Table>& tables, cli::Progress progress);
  absl::Status Take(const Table& table, const RowBatch& batch);
  absl::Status TakeNode(const Table& table, const RowBatch& batch, const RowBatch::Row& row);
  absl::Status TakeRelationship(const Table& table, const RowBatch& batch,
                                const RowBatch::Row& row);
  absl::StatusOr<absl::Span<const LabelId>> LabelsOf(const Table& table, const RowBatch& batch,
                                                     const RowBatch::Row& row);
  absl::StatusOr<TypeId> TypeOf(const Table& table, const RowBatch& batch,
                                const RowBatch::Row& row);
  absl::Status ReportBad(const Table& table, const RowBatch& batch, const RowBatch::BadRow& bad);
  absl::Status WriteReport() const;

  env::FileSystem* const files_;
  const ImportOptions& options_;
  const ClusterId cluster_;
  const OnProgress on_progress_;
  BadRows bad_rows_;
  std::unique_ptr<GraphBuilder> builder_;
  IdMap ids_;
  absl::flat_hash_map<std::string, IdGroup> groups_;
  std::vector<LabelId> row_labels_;  // reused
  uint64_t input_bytes_ = 0;
};

}  // namespace tidemark::csv_import
