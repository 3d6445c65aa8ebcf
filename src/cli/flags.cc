// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/status.h"
#include "cli/exit_code.h"

namespace tidemark::cli {
namespace {

constexpr int kFromFlagFile = 1;
constexpr int kFromEnvironment = 2;
constexpr int kFromCommandLine = 3;

std::string Canonical(std::string_view name) {
  std::string canonical(name);
  std::replace(canonical.begin(), canonical.end(), '_', '-');
  return canonical;
}

std::string EnvironmentName(const std::string& flag) {
  std::string name = "TIDEMARK_" + flag;
  for (char& c : name) c = c == '-' ? '_' : absl::ascii_toupper(static_cast<unsigned char>(c));
  return name;
}

// Number of single-character changes between two words, for suggestions.
size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

}  // namespace

FlagSet::FlagSet(std::string command, std::string usage, std::string summary)
    : command_(std::move(command)), usage_(std::move(usage)), summary_(std::move(summary)) {}

void FlagSet::Add(Flag flag) {
  flag.name = Canonical(flag.name);
  CHECK(Find(flag.name) == nullptr) << "flag added twice: " << flag.name;
  flags_.push_back(std::move(flag));
}

void FlagSet::AddString(std::string_view name, std::string* target, std::string_view help) {
  Add({std::string(name), "=TEXT", std::string(help), *target, false, false,
       [target](const std::string& value) {
         *target = value;
         return absl::OkStatus();
       }});
}

void FlagSet::AddInt(std::string_view name, int64_t* target, int64_t min, int64_t max,
                     std::string_view help) {
  Add({std::string(name), "=N", std::string(help), std::to_string(*target), false, false,
       [target, min, max](const std::string& value) {
         int64_t number = 0;
         const char* end = value.data() + value.size();
         const auto [stop, error] = std::from_chars(value.data(), end, number);
         if (error != std::errc() || stop != end || number < min || number > max) {
           return absl::InvalidArgumentError(
               absl::StrCat("a whole number from ", min, " to ", max, " is expected"));
         }
         *target = number;
         return absl::OkStatus();
       }});
}

void FlagSet::AddBool(std::string_view name, bool* target, std::string_view help) {
  Add({std::string(name), "", std::string(help), *target ? "on" : "off", true, false,
       [target](const std::string& value) {
         const std::string low = absl::AsciiStrToLower(value);
         const bool yes = low == "true" || low == "on" || low == "1" || low == "yes";
         const bool no = low == "false" || low == "off" || low == "0" || low == "no";
         if (!yes && !no) return absl::InvalidArgumentError("on or off is expected");
         *target = yes;
         return absl::OkStatus();
       }});
}

void FlagSet::AddChoice(std::string_view name, std::string* target,
                        std::vector<std::string> choices, std::string_view help) {
  const std::string list = absl::StrJoin(choices, "|");
  Add({std::string(name), "=" + list, std::string(help), *target, false, false,
       [target, choices = std::move(choices), list](const std::string& value) {
         for (const std::string& choice : choices) {
           if (!absl::EqualsIgnoreCase(choice, value)) continue;
           *target = choice;
           return absl::OkStatus();
         }
         return absl::InvalidArgumentError(absl::StrCat("one of ", list, " is expected"));
       }});
}

void FlagSet::AddList(std::string_view name, std::vector<std::string>* target,
                      std::string_view help) {
  Add({std::string(name), "=TEXT ...", std::string(help), "", false, true,
       [target](const std::string& value) {
         target->push_back(value);
         return absl::OkStatus();
       }});
}

void FlagSet::AddHint(std::string_view name, std::string_view sentence) {
  hints_.emplace_back(Canonical(name), sentence);
}

FlagSet::Flag* FlagSet::Find(const std::string& name) {
  for (Flag& flag : flags_) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

absl::Status FlagSet::Set(Flag* flag, const std::string& value, int rank,
                          const std::string& where) {
  if (flag->rank > rank) return absl::OkStatus();
  if (flag->rank == rank && !flag->is_list) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag->name, " is given twice (", where, "); keep one"));
  }
  flag->rank = rank;
  const absl::Status status = flag->set(value);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag->name, "=", value, " (", where, "): ", status.message()));
}

absl::Status FlagSet::UnknownFlag(const std::string& name, const std::string& where) const {
  std::string message = absl::StrCat("unknown flag --", name, " (", where, ")");
  for (const auto& [beginning, sentence] : hints_) {
    if (name.rfind(beginning, 0) == 0) {
      return absl::InvalidArgumentError(absl::StrCat(message, "; ", sentence));
    }
  }
  const Flag* best = nullptr;
  size_t best_distance = 3;
  for (const Flag& flag : flags_) {
    const size_t distance = EditDistance(flag.name, name);
    if (distance < best_distance) {
      best = &flag;
      best_distance = distance;
    }
  }
  if (best != nullptr) absl::StrAppend(&message, "; did you mean --", best->name, "?");
  absl::StrAppend(&message, "; `", ProgramText(command_), " --help` lists all");
  return absl::InvalidArgumentError(message);
}

absl::Status FlagSet::ParseOne(const std::vector<std::string>& args, size_t* at, int rank,
                               const std::string& where) {
  std::string text = args[*at].substr(args[*at].rfind("--", 0) == 0 ? 2 : 1);
  const size_t equals = text.find('=');
  const std::string name = Canonical(text.substr(0, equals));
  if (name == "help" || name == "h") {
    help_requested_ = true;
    return absl::OkStatus();
  }
  Flag* flag = Find(name);
  std::string value;
  if (equals != std::string::npos) {
    value = text.substr(equals + 1);
  } else if (flag != nullptr && flag->is_bool) {
    value = "on";
  } else if (flag == nullptr && name.rfind("no-", 0) == 0) {
    flag = Find(name.substr(3));
    if (flag != nullptr && !flag->is_bool) flag = nullptr;
    value = "off";
  } else if (flag != nullptr || name == "flagfile") {
    if (*at + 1 >= args.size()) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value (", where, ")"));
    }
    value = args[++*at];
  }
  if (name == "flagfile") {
    flag_files_.push_back(value);
    return absl::OkStatus();
  }
  if (flag == nullptr) return UnknownFlag(name, where);
  return Set(flag, value, rank, where);
}

absl::Status FlagSet::ParseFlagFile(const std::string& path, const ReadFile& read_file) {
  const absl::StatusOr<std::string> content = read_file(path);
  if (!content.ok()) return Annotate(content.status(), "--flagfile=" + path);
  int number = 0;
  for (const auto& piece : absl::StrSplit(*content, '\n')) {
    ++number;
    const std::string line(absl::StripAsciiWhitespace(piece));
    if (line.empty() || line[0] == '#') continue;
    const std::string where = absl::StrCat(path, " line ", number);
    if (line.rfind("--", 0) != 0 || line.rfind("--flagfile", 0) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": a line is --name=value, a # comment or empty"));
    }
    size_t at = 0;
    RETURN_IF_ERROR(ParseOne({line}, &at, kFromFlagFile, where));
  }
  return absl::OkStatus();
}

absl::Status FlagSet::Parse(const std::vector<std::string>& args, const Environment& environment,
                            const ReadFile& read_file) {
  for (size_t at = 0; at < args.size(); ++at) {
    if (args[at].size() > 1 && args[at][0] == '-') {
      RETURN_IF_ERROR(ParseOne(args, &at, kFromCommandLine, "command line"));
    } else if (positional_ != nullptr) {
      positional_->push_back(args[at]);
    } else {
      return absl::InvalidArgumentError(absl::StrCat("unexpected word \"", args[at], "\"; `",
                                                     ProgramText(command_),
                                                     " --help` shows the usage"));
    }
  }
  if (const char* file = environment("TIDEMARK_FLAGFILE"); file != nullptr) {
    flag_files_.push_back(file);
  }
  for (Flag& flag : flags_) {
    const std::string variable = EnvironmentName(flag.name);
    const char* value = environment(variable);
    if (value != nullptr) RETURN_IF_ERROR(Set(&flag, value, kFromEnvironment, variable));
  }
  for (const std::string& path : flag_files_) RETURN_IF_ERROR(ParseFlagFile(path, read_file));
  return absl::OkStatus();
}

bool FlagSet::WasGiven(std::string_view name) const {
  for (const Flag& flag : flags_) {
    if (flag.name == name) return flag.rank != 0;
  }
  return false;
}

std::string FlagSet::HelpText() const {
  std::string text =
      absl::StrCat("usage: ", ProgramText(command_), " ", usage_, "\n\n", summary_, "\n");
  if (!flags_.empty()) text += "\nflags:\n";
  for (const Flag& flag : flags_) {
    absl::StrAppend(&text, "  --", flag.name, flag.shape, "\n      ", flag.help);
    if (!flag.default_text.empty()) absl::StrAppend(&text, " (default: ", flag.default_text, ")");
    text += "\n";
  }
  text +=
      "  --flagfile=FILE\n      more flags, one --name=value per line; # begins a comment\n\n"
      "Every flag may also be given as an environment variable TIDEMARK_NAME. The command line\n"
      "wins over the environment, the environment over a flag file.\n";
  return text;
}

}  // namespace tidemark::cli
