// SPDX-License-Identifier: Apache-2.0
#include "import/importer.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "graph/mutation.h"
#include "import/limits.h"
#include "import/row_pipeline.h"

namespace tidemark::csv_import {
namespace {

// Errors of a row, which go to the report, as opposed to errors that end the import.
bool IsRowError(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument;
}

}  // namespace

Importer::Importer(env::FileSystem* files, const ImportOptions& options, ClusterId cluster,
                   OnProgress on_progress)
    : files_(files),
      options_(options),
      cluster_(cluster),
      on_progress_(std::move(on_progress)),
      bad_rows_(options.bad_row_limit) {}

absl::StatusOr<ImportResult> Importer::Run() {
  ASSIGN_OR_RETURN(builder_, GraphBuilder::Create(files_, {.data_dir = options_.data_dir,
                                                           .worker_count = options_.worker_count,
                                                           .cluster = cluster_}));
  // Headers first: what is wrong there is told before hours of work.
  ASSIGN_OR_RETURN(const std::vector<Table> nodes, OpenTables(options_.nodes));
  ASSIGN_OR_RETURN(const std::vector<Table> relationships, OpenTables(options_.relationships));
  absl::Status status = ImportTables(nodes, {.phase = "nodes", .unit = "nodes"});
  if (status.ok()) {
    status = ImportTables(relationships, {.phase = "relationships", .unit = "relationships"});
  }
  if (status.ok()) status = bad_rows_.Verdict();
  RETURN_IF_ERROR(WriteReport());
  RETURN_IF_ERROR(status);
  ImportResult result{.input_bytes = input_bytes_, .skipped_relationships = bad_rows_.count()};
  ASSIGN_OR_RETURN(result.graph, builder_->Finish([this](uint32_t done) {
    on_progress_({"writing", "slots", done, static_cast<double>(done) / kSlotCount});
  }));
  return result;
}

absl::Status Importer::WriteReport() const {
  if (options_.report_file.empty()) return absl::OkStatus();
  return env::WriteFileDurably(files_, options_.report_file, bad_rows_.Report());
}

// Groups are defined by :ID columns; the others must name one of them.
absl::StatusOr<IdGroup> Importer::GroupOf(const Column& column) {
  const bool may_define = column.role == ColumnRole::kId;
  const auto found = groups_.find(column.group);
  if (found == groups_.end() && !may_define) return UnknownGroup(column);
  if (found == groups_.end()) {
    if (groups_.size() == kMaxGroupCount) {
      return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxGroupCount, " groups"));
    }
    const IdGroup group{.number = static_cast<uint32_t>(groups_.size()),
                        .has_integer_ids = column.has_integer_ids.value_or(options_.integer_ids)};
    return groups_.emplace(column.group, group).first->second;
  }
  const bool fits = column.has_integer_ids.value_or(may_define ? options_.integer_ids
                                                               : found->second.has_integer_ids) ==
                    found->second.has_integer_ids;
  if (fits) return found->second;
  return absl::InvalidArgumentError(absl::StrCat(
      "ids ", column.group.empty() ? "without a group" : "of the group " + column.group, " are ",
      found->second.has_integer_ids ? "integers" : "strings",
      " in another file: give all :ID columns of a group the same id-type"));
}

absl::Status Importer::UnknownGroup(const Column& column) const {
  const char* const name = column.role == ColumnRole::kStartId ? ":START_ID" : ":END_ID";
  std::vector<std::string> known;
  for (const auto& [group, unused] : groups_) {
    known.push_back(group.empty() ? "those without a group" : absl::StrCat("(", group, ")"));
  }
  std::sort(known.begin(), known.end());
  constexpr size_t kMaxListedGroupCount = 10;
  if (known.size() > kMaxListedGroupCount) {
    known.resize(kMaxListedGroupCount);
    known.push_back("...");
  }
  const std::string list = absl::StrJoin(known, ", ");
  if (column.group.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " names no group, but the ids are in ",
                                                   list, " only: name one, as in ", name,
                                                   known.front()));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      name, "(", column.group, ") names a group that no :ID column has; there are ", list));
}

absl::StatusOr<std::vector<Importer::Table>> Importer::OpenTables(
    const std::vector<ImportTable>& specs) {
  std::vector<Table> tables;
  for (const ImportTable& spec : specs) {
    ASSIGN_OR_RETURN(Table table, OpenTable(spec));
    input_bytes_ += table.reader->size_bytes();
    tables.push_back(std::move(table));
  }
  return tables;
}

absl::StatusOr<Importer::Table> Importer::OpenTable(const ImportTable& spec) {
  Table table{.kind = spec.kind};
  TableLayout& layout = table.layout;
  ASSIGN_OR_RETURN(table.reader, TableReader::Open(files_, spec, options_));
  std::vector<Column> columns = table.reader->columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    Column& column = columns[i];
    const int index = static_cast<int>(i);
    const bool is_id = column.role == ColumnRole::kId;
    if (is_id) layout.id = index;
    if (column.role == ColumnRole::kLabels) layout.labels = index;
    if (column.role == ColumnRole::kStartId) layout.start_id = index;
    if (column.role == ColumnRole::kEndId) layout.end_id = index;
    if (column.role == ColumnRole::kType) layout.type = index;
    if (is_id || column.role == ColumnRole::kStartId || column.role == ColumnRole::kEndId) {
      const absl::StatusOr<IdGroup> group = GroupOf(column);
      if (!group.ok()) return Annotate(group.status(), spec.paths.front());
      if (is_id && group->has_integer_ids) column.type = graph::ValueType::kInteger;
      layout.groups[column.role == ColumnRole::kEndId ? 1 : 0] = *group;
    }
  }
  ASSIGN_OR_RETURN(layout.properties,
                   RowProperties::Create(columns, options_.array_delimiter, builder_.get()));
  for (const std::string& name : spec.names) {
    const bool is_label = spec.kind == TableKind::kNodes;
    ASSIGN_OR_RETURN(
        const uint32_t id,
        builder_->NameId(is_label ? graph::NameKind::kLabel : graph::NameKind::kType, name));
    if (is_label) layout.all_labels.push_back(LabelId(id));
    if (!is_label) layout.all_type = TypeId(id);
  }
  if (spec.kind == TableKind::kRelationships && layout.type < 0 && layout.all_type == TypeId()) {
    return absl::InvalidArgumentError(
        absl::StrCat(spec.paths.front(),
                     ": the relationships have no type; write "
                     "--relationships=TYPE=... or add a :TYPE column"));
  }
  return table;
}

absl::Status Importer::ImportTables(const std::vector<Table>& tables, cli::Progress progress) {
  uint64_t total_bytes = 0;
  for (const Table& table : tables) total_bytes += table.reader->size_bytes();
  uint64_t done_bytes = 0;
  for (const Table& table : tables) {
    const bool is_nodes = table.kind == TableKind::kNodes;
    RowStages stages;
    stages.read = [&table](RowBatch* batch) { return table.reader->Read(batch); };
    stages.parse = [&](RowBatch* batch) {
      is_nodes ? ParseNodes(table.layout, batch) : ParseRelationships(table.layout, ids_, batch);
    };
    stages.take = [&](RowBatch* batch) {
      progress.count += batch->rows.size();
      // Pipes have no size: with them the share may stay at nothing, or reach all of it early.
      const uint64_t position_bytes = done_bytes + batch->position_bytes;
      progress.fraction = total_bytes == 0 ? 0
                                           : std::min(1.0, static_cast<double>(position_bytes) /
                                                               static_cast<double>(total_bytes));
      on_progress_(progress);
      return Take(table, *batch);
    };
    RETURN_IF_ERROR(RunRowPipeline(stages, std::max(std::thread::hardware_concurrency(), 1u)));
    done_bytes += table.reader->size_bytes();
  }
  progress.fraction = 1;
  on_progress_(progress);
  return absl::OkStatus();
}

absl::Status Importer::Take(const Table& table, const RowBatch& batch) {
  RETURN_IF_ERROR(batch.status);
  auto bad = batch.bad_rows.begin();
  for (const RowBatch::Row& row : batch.rows) {
    for (; bad != batch.bad_rows.end() && bad->line < row.line; ++bad) {
      RETURN_IF_ERROR(ReportBad(table, batch, *bad));
    }
    RETURN_IF_ERROR(table.kind == TableKind::kNodes ? TakeNode(table, batch, row)
                                                    : TakeRelationship(table, batch, row));
  }
  for (; bad != batch.bad_rows.end(); ++bad) {
    RETURN_IF_ERROR(ReportBad(table, batch, *bad));
  }
  return absl::OkStatus();
}

absl::Status Importer::ReportBad(const Table& table, const RowBatch& batch,
                                 const RowBatch::BadRow& bad) {
  const bool skipped = table.kind == TableKind::kRelationships && options_.skip_bad_relationships;
  return bad_rows_.Add(bad.kind, {batch.path, bad.line}, bad.reason, skipped);
}

absl::Status Importer::TakeNode(const Table& table, const RowBatch& batch,
                                const RowBatch::Row& row) {
  const std::string_view id = CellText(batch, row, table.layout.id);
  // The row was parsed: its id is one of the group's kind.
  const IdMap::Key key = IdMap::KeyOf(table.layout.groups[0], id).value();
  if (ids_.Find(key).has_value()) {
    return ReportBad(table, batch,
                     {row.line, BadRowKind::kDuplicateId,
                      absl::StrCat("the id ", Quoted(id), " is there already")});
  }
  const absl::StatusOr<absl::Span<const LabelId>> labels = LabelsOf(table, batch, row);
  if (IsRowError(labels.status())) {
    return ReportBad(table, batch, {row.line, BadRowKind::kBadValue, MessageOf(labels.status())});
  }
  RETURN_IF_ERROR(labels.status());
  ASSIGN_OR_RETURN(const VertexId vertex, builder_->AddVertex(*labels, batch.PropertiesOf(row)));
  ids_.Insert(key, vertex);
  return absl::OkStatus();
}

// Ascending, each once.
absl::StatusOr<absl::Span<const LabelId>> Importer::LabelsOf(const Table& table,
                                                             const RowBatch& batch,
                                                             const RowBatch::Row& row) {
  row_labels_ = table.layout.all_labels;
  if (table.layout.labels >= 0) {
    const std::string_view names = CellText(batch, row, table.layout.labels);
    for (const absl::string_view name :
         absl::StrSplit(ToAbsl(names), options_.array_delimiter, absl::SkipEmpty())) {
      ASSIGN_OR_RETURN(const uint32_t id,
                       builder_->NameId(graph::NameKind::kLabel, FromAbsl(name)));
      row_labels_.push_back(LabelId(id));
    }
  }
  std::sort(row_labels_.begin(), row_labels_.end());
  row_labels_.erase(std::unique(row_labels_.begin(), row_labels_.end()), row_labels_.end());
  if (row_labels_.size() > graph::kMaxLabelCount) {
    return absl::InvalidArgumentError(absl::StrCat("the node has ", row_labels_.size(),
                                                   " labels; at most ", graph::kMaxLabelCount,
                                                   " are allowed"));
  }
  return absl::MakeConstSpan(row_labels_);
}

absl::StatusOr<TypeId> Importer::TypeOf(const Table& table, const RowBatch& batch,
                                        const RowBatch::Row& row) {
  const std::string_view name =
      table.layout.type < 0 ? "" : CellText(batch, row, table.layout.type);
  if (name.empty()) return table.layout.all_type;
  ASSIGN_OR_RETURN(const uint32_t id, builder_->NameId(graph::NameKind::kType, name));
  return TypeId(id);
}

absl::Status Importer::TakeRelationship(const Table& table, const RowBatch& batch,
                                        const RowBatch::Row& row) {
  const absl::StatusOr<TypeId> type = TypeOf(table, batch, row);
  if (IsRowError(type.status())) {
    return ReportBad(table, batch, {row.line, BadRowKind::kBadValue, MessageOf(type.status())});
  }
  RETURN_IF_ERROR(type.status());
  if (*type == TypeId()) {
    return ReportBad(table, batch, {row.line, BadRowKind::kMissingType, "the :TYPE is empty"});
  }
  return builder_->AddEdge({.source = row.source,
                            .target = row.target,
                            .type = *type,
                            .properties = batch.PropertiesOf(row)});
}

}  // namespace tidemark::csv_import
