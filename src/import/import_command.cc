// SPDX-License-Identifier: Apache-2.0
#include "import/import_command.h"

#include <cstdio>
#include <optional>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "base/time_units.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/json.h"
#include "cli/progress_line.h"
#include "env/posix_clock.h"
#include "env/posix_file_system.h"
#include "env/posix_random.h"
#include "import/importer.h"

namespace tidemark::csv_import {
namespace {

constexpr char kCommand[] = "import";
constexpr int64_t kMaxSkipLineCount = 1000;
constexpr int64_t kMaxBadRowLimit = 1'000'000;

// The flags as they are written; ImportOptions is what they mean.
struct ImportFlags {
  std::string data_dir;
  int64_t workers = 3;
  std::vector<std::string> nodes;
  std::vector<std::string> relationships;
  std::string delimiter = ",";
  std::string array_delimiter = ";";
  std::string quote = "\"";
  std::string id_type = "string";
  int64_t skip_lines = 0;
  bool skip_bad_relationships = false;
  int64_t bad_tolerance = 1000;
  std::string report_file;
  bool json = false;
};

// For those who come from importers whose conventions for files this one follows.
void AddHints(cli::FlagSet* set) {
  set->AddHint("nodes:", "labels stand behind the equals sign: --nodes=Person=people.csv");
  set->AddHint("relationships:",
               "the type stands behind the equals sign: --relationships=KNOWS=knows.csv");
  set->AddHint("ignore-extra-columns",
               "a row must have as many columns as the header; give "
               "columns that are to be left out the type :IGNORE");
  set->AddHint("skip-duplicate-nodes",
               "a node is never left out; --report-file lists all "
               "repeated ids of a run");
  set->AddHint("ignore-empty-strings", "an empty cell is no property; \"\" is the empty string");
  set->AddHint("input-encoding", "files are UTF-8; convert others first");
  set->AddHint("skip-bad-entries", "--skip-bad-relationships leaves out relationships");
}

cli::FlagSet MakeFlags(ImportFlags* flags) {
  cli::FlagSet set(
      kCommand,
      "--data-dir=D --workers=N --nodes=[Label[:Label]=]part.csv[,part.csv...] ... "
      "--relationships=[TYPE=]part.csv[,...] ...",
      "Makes the data directories of a new cluster from CSV files. The first file of a "
      "group begins with its header: name:type, :ID, :ID(Group), :LABEL, :START_ID, "
      ":END_ID, :TYPE, :IGNORE; type[] is a list.");
  set.AddString("data-dir", &flags->data_dir, "new or empty directory of the cluster; required");
  set.AddInt("workers", &flags->workers, 1, kMaxWorkerCount, "number of workers of the cluster");
  set.AddList("nodes", &flags->nodes, "a group of node files; may be given several times");
  set.AddList("relationships", &flags->relationships,
              "a group of relationship files; may be given several times");
  set.AddString("delimiter", &flags->delimiter,
                "between columns: a character, TAB, or the code of one, as in \\44");
  set.AddString("array-delimiter", &flags->array_delimiter,
                "between the elements of a list and between labels: a character, TAB, or a code");
  set.AddString("quote", &flags->quote,
                "around fields with delimiters or line breaks: a character, a code, or none");
  set.AddChoice("id-type", &flags->id_type, {"string", "integer"},
                "what the ids of groups without an id-type of their own are: integers are the same "
                "however they are written, 7 or 007");
  set.AddInt("skip-lines", &flags->skip_lines, 0, kMaxSkipLineCount,
             "lines left out at the front of every file of a group but the first");
  set.AddBool("skip-bad-relationships", &flags->skip_bad_relationships,
              "leave out relationships that are malformed or lead nowhere");
  set.AddInt("bad-tolerance", &flags->bad_tolerance, 0, kMaxBadRowLimit,
             "give up when there are more bad rows than this");
  set.AddString("report-file", &flags->report_file, "gets a line for every bad row");
  set.AddBool("json", &flags->json, "print one JSON document");
  AddHints(&set);
  return set;
}

absl::StatusOr<char> ParseCharacter(std::string_view flag, const std::string& text) {
  if (text == "TAB" || text == "\\t") return '\t';
  int code = -1;
  if (text.size() == 1) code = static_cast<unsigned char>(text[0]);
  if (text.size() > 1 && text[0] == '\\' && !absl::SimpleAtoi(text.substr(1), &code)) code = -1;
  // Text is read byte by byte, so the character must be one.
  if (code >= 0 && code < 128 && code != '\n' && code != '\r') return static_cast<char>(code);
  return absl::InvalidArgumentError(
      absl::StrCat("--", ToAbsl(flag), "=", text,
                   ": one ASCII character is expected, or TAB, or a code from \\0 to \\127; it "
                   "cannot be a line end"));
}

absl::Status ParseTables(const ImportFlags& flags, ImportOptions* options) {
  for (const std::string& text : flags.nodes) {
    ASSIGN_OR_RETURN(ImportTable table, ParseImportTable(TableKind::kNodes, text));
    options->nodes.push_back(std::move(table));
  }
  for (const std::string& text : flags.relationships) {
    ASSIGN_OR_RETURN(ImportTable table, ParseImportTable(TableKind::kRelationships, text));
    options->relationships.push_back(std::move(table));
  }
  return absl::OkStatus();
}

absl::Status ParseFormat(const ImportFlags& flags, ImportOptions* options) {
  ASSIGN_OR_RETURN(options->format.delimiter, ParseCharacter("delimiter", flags.delimiter));
  ASSIGN_OR_RETURN(options->array_delimiter,
                   ParseCharacter("array-delimiter", flags.array_delimiter));
  options->format.quote = '\0';
  if (flags.quote != "none") {
    ASSIGN_OR_RETURN(options->format.quote, ParseCharacter("quote", flags.quote));
  }
  const auto same = [&](const char* other, const std::string& text) {
    return absl::InvalidArgumentError(absl::StrCat("--delimiter=", flags.delimiter, " is also --",
                                                   other, "=", text,
                                                   "; give one of them another character"));
  };
  if (options->format.delimiter == options->format.quote) return same("quote", flags.quote);
  if (options->format.delimiter == options->array_delimiter) {
    return same("array-delimiter", flags.array_delimiter);
  }
  return absl::OkStatus();
}

absl::StatusOr<ImportOptions> OptionsOf(const ImportFlags& flags) {
  if (flags.data_dir.empty()) return absl::InvalidArgumentError("--data-dir is missing");
  if (flags.nodes.empty()) return absl::InvalidArgumentError("--nodes is missing");
  ImportOptions options;
  options.data_dir = flags.data_dir;
  options.worker_count = static_cast<uint32_t>(flags.workers);
  RETURN_IF_ERROR(ParseTables(flags, &options));
  RETURN_IF_ERROR(ParseFormat(flags, &options));
  options.skip_lines = static_cast<uint64_t>(flags.skip_lines);
  options.integer_ids = flags.id_type == "integer";
  options.skip_bad_relationships = flags.skip_bad_relationships;
  options.bad_row_limit = static_cast<uint64_t>(flags.bad_tolerance);
  options.report_file = flags.report_file;
  return options;
}

void PrintJson(const Importer& importer, const absl::StatusOr<ImportResult>& result,
               double seconds) {
  cli::JsonWriter json;
  json.BeginObject();
  json.Key("ok").Boolean(result.ok());
  if (!result.ok()) json.Key("error").String(MessageOf(result.status()));
  if (result.ok()) {
    json.Key("vertices").Number(result->graph.vertices);
    json.Key("edges").Number(result->graph.edges);
    json.Key("input_bytes").Number(result->input_bytes);
    json.Key("snapshot_bytes").Number(result->graph.bytes);
    json.Key("skipped_relationships").Number(result->skipped_relationships);
  }
  json.Key("seconds").Number(seconds);
  json.Key("bad_rows").BeginObject();
  json.Key("total").Number(importer.bad_rows().count());
  for (size_t i = 0; i < kBadRowKindCount; ++i) {
    const auto kind = static_cast<BadRowKind>(i);
    json.Key(NameOf(kind)).Number(importer.bad_rows().count(kind));
  }
  json.EndObject();
  json.EndObject();
  std::printf("%s\n", json.text().c_str());
}

void PrintText(const ImportOptions& options, const ImportResult& result, double seconds) {
  std::printf("imported %llu nodes and %llu relationships in %.1f s\n",
              static_cast<unsigned long long>(result.graph.vertices),
              static_cast<unsigned long long>(result.graph.edges), seconds);
  if (result.skipped_relationships > 0) {
    std::printf("left out %llu bad relationships%s%s\n",
                static_cast<unsigned long long>(result.skipped_relationships),
                options.report_file.empty() ? "" : ", listed in ", options.report_file.c_str());
  }
  std::printf("start it: tidemark cluster --data-dir=%s --workers=%u\n", options.data_dir.c_str(),
              options.worker_count);
}

}  // namespace

int RunImport(const std::vector<std::string>& args) {
  ImportFlags flags;
  cli::FlagSet set = MakeFlags(&flags);
  if (const std::optional<int> exit_code = cli::ParseCommandLine(kCommand, args, &set)) {
    return *exit_code;
  }
  const absl::StatusOr<ImportOptions> options = OptionsOf(flags);
  if (!options.ok()) return cli::ReportAndExitCode(kCommand, options.status());
  env::PosixFileSystem files;
  env::PosixClock clock;
  env::PosixRandom random;
  const ClusterId cluster{random.Next(), random.Next()};
  const int64_t start_micros = clock.NowMicros();
  std::optional<cli::ProgressLine> line(std::in_place, &clock);
  Importer importer(&files, *options, cluster,
                    [&line](const cli::Progress& progress) { line->Update(progress); });
  const absl::StatusOr<ImportResult> result = importer.Run();
  line.reset();
  const double seconds = static_cast<double>(clock.NowMicros() - start_micros) / kMicrosPerSecond;
  if (flags.json) PrintJson(importer, result, seconds);
  if (!flags.json && result.ok()) PrintText(*options, *result, seconds);
  return cli::ReportAndExitCode(kCommand, result.status());
}

}  // namespace tidemark::csv_import
