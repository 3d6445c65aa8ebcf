// SPDX-License-Identifier: Apache-2.0
#include "import/generate/generate_command.h"

#include <bit>
#include <cstdio>
#include <memory>
#include <optional>

#include "base/status.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/seeded_random.h"
#include "env/posix_file_system.h"
#include "import/generate/graph_model.h"

namespace tidemark::csv_import {
namespace {

constexpr size_t kWriteBytes = 1 << 20;
constexpr int64_t kMaxVertexCount = int64_t{1} << 31;
constexpr int64_t kMaxEdgeCount = int64_t{1} << 40;
constexpr const char* kCities[] = {"Bratislava", "Kosice", "Presov",  "Zilina", "Nitra",
                                   "Trnava",     "Martin", "Trencin", "Poprad", "Zvolen"};
constexpr const char* kNames[] = {"Ada",  "Bela", "Cyril", "Dana", "Emil", "Fero",
                                  "Gita", "Hana", "Igor",  "Jana", "Karol"};

// Appends text to a new file, a block at a time.
class FileWriter {
 public:
  static absl::StatusOr<FileWriter> Create(env::FileSystem* files, const std::string& path) {
    FileWriter writer;
    ASSIGN_OR_RETURN(writer.file_, files->Open(path, env::OpenMode::kCreate));
    return writer;
  }
  std::string* buffer() { return &buffer_; }
  absl::Status MaybeWrite() { return buffer_.size() < kWriteBytes ? absl::OkStatus() : Write(); }
  absl::Status Write() {
    RETURN_IF_ERROR(file_->WriteAt(offset_, buffer_));
    offset_ += buffer_.size();
    buffer_.clear();
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<env::File> file_;
  uint64_t offset_ = 0;
  std::string buffer_;
};

absl::Status WriteNodes(env::FileSystem* files, const GenerateOptions& options) {
  ASSIGN_OR_RETURN(FileWriter writer, FileWriter::Create(files, options.output + "/nodes.csv"));
  cli::SeededRandom random(static_cast<uint64_t>(options.seed) * 3 + 1);
  *writer.buffer() = "id:ID,name,age:int,city\n";
  for (int64_t i = 1; i <= options.vertices; ++i) {
    absl::StrAppend(writer.buffer(), i, ",", kNames[random.Below(std::size(kNames))], " ", i, ",",
                    16 + random.Below(70), ",", kCities[random.Below(std::size(kCities))], "\n");
    RETURN_IF_ERROR(writer.MaybeWrite());
  }
  return writer.Write();
}

absl::Status WriteEdges(env::FileSystem* files, const GenerateOptions& options) {
  ASSIGN_OR_RETURN(FileWriter writer,
                   FileWriter::Create(files, options.output + "/relationships.csv"));
  const auto vertices = static_cast<uint32_t>(options.vertices);
  const auto edges = static_cast<uint64_t>(options.edges);
  const auto seed = static_cast<uint64_t>(options.seed);
  std::unique_ptr<GraphModel> model;
  if (options.model == "rmat") {
    model = std::make_unique<RmatModel>(vertices, edges, seed);
  } else {
    model = std::make_unique<SocialModel>(vertices, edges, seed);
  }
  cli::SeededRandom random(seed * 5 + 2);
  *writer.buffer() =
      options.relationship_years ? ":START_ID,:END_ID,since:int\n" : ":START_ID,:END_ID\n";
  std::vector<EdgePair> batch;
  while (true) {
    batch.clear();
    if (!model->NextEdges(&batch)) break;
    for (const EdgePair& edge : batch) {
      absl::StrAppend(writer.buffer(), uint64_t{edge.source} + 1, ",", uint64_t{edge.target} + 1);
      if (options.relationship_years) {
        absl::StrAppend(writer.buffer(), ",", 1999 + random.Below(25));
      }
      writer.buffer()->push_back('\n');
    }
    RETURN_IF_ERROR(writer.MaybeWrite());
  }
  return writer.Write();
}

}  // namespace

absl::Status GenerateGraph(env::FileSystem* files, const GenerateOptions& options) {
  if (options.output.empty()) {
    return absl::InvalidArgumentError("--output is missing; name a folder for the two files");
  }
  if (options.model == "rmat" && !std::has_single_bit(static_cast<uint64_t>(options.vertices))) {
    return absl::InvalidArgumentError(
        absl::StrCat("--model=rmat needs a power of two of vertices, not ", options.vertices));
  }
  RETURN_IF_ERROR(files->MakeDirectory(options.output));
  RETURN_IF_ERROR(WriteNodes(files, options));
  return WriteEdges(files, options);
}

int RunGenerate(const std::vector<std::string>& args) {
  GenerateOptions options;
  cli::FlagSet flags(
      "generate", "--output=DIR [flags]",
      "Writes a random graph as nodes.csv and relationships.csv for `tidemark import`.\n"
      "The same flags give the same files.");
  flags.AddString("output", &options.output, "folder of the two files; made when it is not there");
  flags.AddChoice("model", &options.model, {"social", "rmat"},
                  "social: log-normal degrees as in Pokec; rmat: as in Graph500");
  flags.AddInt("vertices", &options.vertices, 1, kMaxVertexCount, "number of vertices");
  flags.AddInt("edges", &options.edges, 0, kMaxEdgeCount, "number of edges");
  flags.AddBool("relationship-years", &options.relationship_years,
                "give every relationship the year since when; the edges of Pokec have no property");
  flags.AddInt("seed", &options.seed, 0, INT64_MAX, "another seed gives another graph");
  if (const std::optional<int> code = cli::ParseCommandLine("generate", args, &flags)) return *code;
  env::PosixFileSystem files;
  const absl::Status status = GenerateGraph(&files, options);
  if (status.ok()) {
    std::printf("%s/nodes.csv and %s/relationships.csv: %lld vertices, %lld edges\n",
                options.output.c_str(), options.output.c_str(),
                static_cast<long long>(options.vertices), static_cast<long long>(options.edges));
  }
  return cli::ReportAndExitCode("generate", status);
}

}  // namespace tidemark::csv_import
