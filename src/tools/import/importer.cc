// SPDX-License-Identifier: Apache-2.0
#include "tools/import/importer.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "base/status.h"
#include "tools/import/limits.h"

namespace tidemark::tools {
namespace {

constexpr uint64_t kRowsPerProgress = 1 << 14;

// Errors of a row, which go to the report, as opposed to errors that end the import.
bool IsRowError(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument;
}

std::string Quoted(std::string_view text) {
  constexpr size_t kMaxQuotedBytes = 80;
  return absl::StrCat("\"", ToAbsl(text.substr(0, kMaxQuotedBytes)),
                      text.size() > kMaxQuotedBytes ? "..." : "", "\"");
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
  for (const auto* tables : {&options_.nodes, &options_.relationships}) {
    ASSIGN_OR_RETURN(const uint64_t bytes, InputBytes(*tables));
    input_bytes_ += bytes;
  }
  ASSIGN_OR_RETURN(builder_, GraphBuilder::Create(files_, {.data_dir = options_.data_dir,
                                                           .worker_count = options_.worker_count,
                                                           .cluster = cluster_}));
  absl::Status status = ImportNodes();
  if (status.ok()) status = ImportRelationships();
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

// Also sees to it that a name that is wrong is told before hours of work.
absl::StatusOr<uint64_t> Importer::InputBytes(const std::vector<ImportTable>& tables) {
  uint64_t bytes = 0;
  for (const ImportTable& table : tables) {
    for (const std::string& path : table.paths) {
      ASSIGN_OR_RETURN(const std::unique_ptr<env::File> file,
                       files_->Open(path, env::OpenMode::kRead));
      ASSIGN_OR_RETURN(const uint64_t size, file->Size());
      bytes += size;
    }
  }
  return bytes;
}

// Groups are defined by :ID columns; the others must name one of them.
absl::StatusOr<uint32_t> Importer::GroupOf(const Column& column, bool may_define) {
  const auto found = groups_.find(column.group);
  if (found != groups_.end()) return found->second;
  if (!may_define) {
    return absl::InvalidArgumentError(
        column.group.empty() ? std::string("no :ID column is without a group")
                             : absl::StrCat("no :ID column has the group ", column.group));
  }
  if (groups_.size() == kMaxGroupCount) {
    return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxGroupCount, " groups"));
  }
  return groups_.emplace(column.group, static_cast<uint32_t>(groups_.size())).first->second;
}

absl::StatusOr<Importer::Table> Importer::OpenTable(const ImportTable& spec) {
  Table table;
  ASSIGN_OR_RETURN(table.reader, TableReader::Open(files_, spec, options_, &bad_rows_));
  std::vector<Column> columns = table.reader->columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    Column& column = columns[i];
    const int index = static_cast<int>(i);
    const bool is_id = column.role == ColumnRole::kId;
    if (is_id && options_.integer_ids) column.type = graph::ValueType::kInteger;
    if (is_id) table.roles.id = index;
    if (column.role == ColumnRole::kLabels) table.roles.labels = index;
    if (column.role == ColumnRole::kStartId) table.roles.start_id = index;
    if (column.role == ColumnRole::kEndId) table.roles.end_id = index;
    if (column.role == ColumnRole::kType) table.roles.type = index;
    if (is_id || column.role == ColumnRole::kStartId || column.role == ColumnRole::kEndId) {
      const absl::StatusOr<uint32_t> group = GroupOf(column, is_id);
      if (!group.ok()) return Annotate(group.status(), spec.paths.front());
      table.groups[column.role == ColumnRole::kEndId ? 1 : 0] = *group;
    }
  }
  ASSIGN_OR_RETURN(table.properties,
                   RowProperties::Create(columns, options_.array_delimiter, builder_.get()));
  for (const std::string& name : spec.names) {
    const bool is_label = spec.kind == TableKind::kNodes;
    ASSIGN_OR_RETURN(
        const uint32_t id,
        builder_->NameId(is_label ? graph::NameKind::kLabel : graph::NameKind::kType, name));
    if (is_label) table.labels.push_back(LabelId(id));
    if (!is_label) table.type = TypeId(id);
  }
  if (spec.kind == TableKind::kRelationships && table.roles.type < 0 && table.type == TypeId()) {
    return absl::InvalidArgumentError(
        absl::StrCat(spec.paths.front(),
                     ": the relationships have no type; write "
                     "--relationships=TYPE=... or add a :TYPE column"));
  }
  return table;
}

absl::Status Importer::Walk(const std::vector<ImportTable>& tables,
                            const std::function<absl::Status(Table*)>& import_row,
                            Progress progress) {
  ASSIGN_OR_RETURN(const uint64_t total_bytes, InputBytes(tables));
  uint64_t done_bytes = 0;
  for (const ImportTable& spec : tables) {
    ASSIGN_OR_RETURN(Table table, OpenTable(spec));
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, table.reader->Next());
      if (!more) break;
      RETURN_IF_ERROR(import_row(&table));
      if (++progress.count % kRowsPerProgress == 0) {
        progress.fraction = static_cast<double>(done_bytes + table.reader->position_bytes()) /
                            static_cast<double>(total_bytes);
        on_progress_(progress);
      }
    }
    done_bytes += table.reader->position_bytes();
  }
  progress.fraction = 1;
  on_progress_(progress);
  return absl::OkStatus();
}

// --- Nodes.

absl::Status Importer::ImportNodes() {
  return Walk(options_.nodes, [this](Table* table) { return ImportNode(table); },
              {.phase = "nodes", .unit = "nodes"});
}

absl::Status Importer::ImportNode(Table* table) {
  TableReader* const reader = table->reader.get();
  const std::string_view id = reader->fields()[static_cast<size_t>(table->roles.id)].text;
  if (id.empty()) return reader->ReportBad(BadRowKind::kMissingId, "the :ID is empty");
  if (ids_.Find(table->groups[0], id).has_value()) {
    return reader->ReportBad(BadRowKind::kDuplicateId,
                             absl::StrCat("the id ", Quoted(id), " is there already"));
  }
  absl::Status packed = table->properties.Pack(reader->fields(), &packed_);
  const absl::StatusOr<absl::Span<const LabelId>> labels = LabelsOf(*table);
  if (packed.ok()) packed = labels.status();
  if (IsRowError(packed)) return reader->ReportBad(BadRowKind::kBadValue, MessageOf(packed));
  RETURN_IF_ERROR(packed);
  ASSIGN_OR_RETURN(const VertexId vertex, builder_->AddVertex(*labels, packed_));
  ids_.Insert(table->groups[0], id, vertex);
  return absl::OkStatus();
}

// Ascending, each once.
absl::StatusOr<absl::Span<const LabelId>> Importer::LabelsOf(const Table& table) {
  row_labels_ = table.labels;
  if (table.roles.labels >= 0) {
    const CsvField& cell = table.reader->fields()[static_cast<size_t>(table.roles.labels)];
    for (const absl::string_view name :
         absl::StrSplit(ToAbsl(cell.text), options_.array_delimiter, absl::SkipEmpty())) {
      ASSIGN_OR_RETURN(const uint32_t id,
                       builder_->NameId(graph::NameKind::kLabel, FromAbsl(name)));
      row_labels_.push_back(LabelId(id));
    }
  }
  std::sort(row_labels_.begin(), row_labels_.end());
  row_labels_.erase(std::unique(row_labels_.begin(), row_labels_.end()), row_labels_.end());
  return absl::MakeConstSpan(row_labels_);
}

// --- Relationships.

absl::Status Importer::ImportRelationships() {
  return Walk(options_.relationships, [this](Table* table) { return ImportRelationship(table); },
              {.phase = "relationships", .unit = "relationships"});
}

// An invalid vertex when the row was reported.
absl::StatusOr<VertexId> Importer::EndOf(Table* table, int column, uint32_t group) {
  TableReader* const reader = table->reader.get();
  const std::string_view id = reader->fields()[static_cast<size_t>(column)].text;
  const std::string_view name = column == table->roles.start_id ? ":START_ID" : ":END_ID";
  if (id.empty()) {
    RETURN_IF_ERROR(
        reader->ReportBad(BadRowKind::kMissingId, absl::StrCat("the ", ToAbsl(name), " is empty")));
    return VertexId();
  }
  if (const std::optional<VertexId> vertex = ids_.Find(group, id)) return *vertex;
  RETURN_IF_ERROR(reader->ReportBad(
      BadRowKind::kDangling, absl::StrCat("the ", ToAbsl(name), " ", Quoted(id), " is no node")));
  return VertexId();
}

absl::StatusOr<TypeId> Importer::TypeOf(const Table& table) {
  if (table.roles.type < 0) return table.type;
  const std::string_view name = table.reader->fields()[static_cast<size_t>(table.roles.type)].text;
  if (name.empty()) return table.type;
  ASSIGN_OR_RETURN(const uint32_t id, builder_->NameId(graph::NameKind::kType, name));
  return TypeId(id);
}

absl::Status Importer::ImportRelationship(Table* table) {
  TableReader* const reader = table->reader.get();
  NewEdge edge;
  ASSIGN_OR_RETURN(edge.source, EndOf(table, table->roles.start_id, table->groups[0]));
  if (!edge.source.valid()) return absl::OkStatus();
  ASSIGN_OR_RETURN(edge.target, EndOf(table, table->roles.end_id, table->groups[1]));
  if (!edge.target.valid()) return absl::OkStatus();
  absl::Status packed = table->properties.Pack(reader->fields(), &packed_);
  const absl::StatusOr<TypeId> type = TypeOf(*table);
  if (packed.ok()) packed = type.status();
  if (IsRowError(packed)) return reader->ReportBad(BadRowKind::kBadValue, MessageOf(packed));
  RETURN_IF_ERROR(packed);
  if (*type == TypeId()) return reader->ReportBad(BadRowKind::kMissingType, "the :TYPE is empty");
  edge.type = *type;
  edge.properties = packed_;
  return builder_->AddEdge(edge);
}

}  // namespace tidemark::tools
