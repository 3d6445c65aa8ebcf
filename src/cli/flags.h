// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::cli {

// The flags of one subcommand. A value comes from, in this order: the command line (`--name=value`,
// `--name value`, `--name`, `--no-name`), the environment (TIDEMARK_NAME), the files given by
// --flagfile (one flag per line, # comments), the default. Dashes and underscores in names are the
// same. A repeated flag is an error unless it was added with AddList.
// Does not own the targets; they must outlive Parse. Threads: one.
// Errors: kInvalidArgument names the flag, the reason and what is allowed.
class FlagSet {
 public:
  // `usage` is the line after the command's name, `summary` one or more sentences.
  FlagSet(std::string command, std::string usage, std::string summary);

  // The value of *target at the time of adding is the default that the help shows.
  void AddString(std::string_view name, std::string* target, std::string_view help);
  void AddInt(std::string_view name, int64_t* target, int64_t min, int64_t max,
              std::string_view help);
  void AddBool(std::string_view name, bool* target, std::string_view help);
  // One of `choices`, in any case of letters.
  void AddChoice(std::string_view name, std::string* target, std::vector<std::string> choices,
                 std::string_view help);
  // May be given several times; each value is appended.
  void AddList(std::string_view name, std::vector<std::string>* target, std::string_view help);
  // What to say of an unknown flag whose name begins so: one sentence.
  void AddHint(std::string_view name, std::string_view sentence);
  // Words without dashes are allowed and collected.
  void AllowPositional(std::vector<std::string>* target) { positional_ = target; }

  // `environment` gives the value of a variable or nullptr. `read_file` reads a flag file.
  using Environment = std::function<const char*(const std::string&)>;
  using ReadFile = std::function<absl::StatusOr<std::string>(const std::string&)>;
  absl::Status Parse(const std::vector<std::string>& args, const Environment& environment,
                     const ReadFile& read_file);

  bool help_requested() const { return help_requested_; }
  // True when the flag got its value from anywhere but the default.
  bool WasGiven(std::string_view name) const;
  std::string HelpText() const;

 private:
  struct Flag {
    std::string name;  // with dashes
    std::string shape;
    std::string help;
    std::string default_text;
    bool is_bool = false;
    bool is_list = false;
    std::function<absl::Status(const std::string&)> set;
    int rank = 0;  // where the value came from: 0 default, 1 flag file, 2 environment, 3 command
  };

  void Add(Flag flag);
  Flag* Find(const std::string& name);
  absl::Status Set(Flag* flag, const std::string& value, int rank, const std::string& where);
  absl::Status ParseOne(const std::vector<std::string>& args, size_t* at, int rank,
                        const std::string& where);
  absl::Status ParseFlagFile(const std::string& path, const ReadFile& read_file);
  absl::Status UnknownFlag(const std::string& name, const std::string& where) const;

  std::string command_;
  std::string usage_;
  std::string summary_;
  std::vector<Flag> flags_;
  std::vector<std::pair<std::string, std::string>> hints_;
  std::vector<std::string> flag_files_;
  std::vector<std::string>* positional_ = nullptr;
  bool help_requested_ = false;
};

}  // namespace tidemark::cli
