// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "env/file_system.h"

namespace tidemark::csv_import {

struct GenerateOptions {
  std::string output;
  std::string model = "social";  // or "rmat"
  int64_t vertices = 100'000;
  int64_t edges = 1'770'000;
  int64_t seed = 1;
  bool relationship_years = false;
};

// Writes output/nodes.csv and output/relationships.csv in the conventions of `import`: people with
// id, name, age and city, and FOLLOWS relationships, with a year if wanted. The same options give
// the same bytes. Errors: kInvalidArgument, kAlreadyExists when a file is there, those of the disk.
absl::Status GenerateGraph(env::FileSystem* files, const GenerateOptions& options);

// `tidemark generate`. Takes the words behind its name, gives the exit code.
int RunGenerate(const std::vector<std::string>& args);

}  // namespace tidemark::csv_import
