// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_server_cpu.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "env/posix_file_system.h"

namespace tidemark::bench {
namespace {

constexpr size_t kMaxStatBytes = 4 << 10;
// Counted from the state, the first field behind the name.
constexpr size_t kUserTicksField = 11;
constexpr size_t kSystemTicksField = 12;

// A file of the kernel says that it has no bytes, so it is read to its end.
absl::StatusOr<std::string> ReadStat(int64_t pid) {
  env::PosixFileSystem files;
  ASSIGN_OR_RETURN(const std::unique_ptr<env::Input> input,
                   files.OpenInput(absl::StrCat("/proc/", pid, "/stat")));
  std::string bytes(kMaxStatBytes, '\0');
  ASSIGN_OR_RETURN(const size_t size, input->Read(bytes.data(), bytes.size()));
  bytes.resize(size);
  return bytes;
}

}  // namespace

std::optional<int64_t> CpuTicksOf(std::string_view stat) {
  // The name of the process stands in parentheses and may contain anything.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const std::vector<std::string> fields =
      absl::StrSplit(ToAbsl(stat.substr(name_end + 1)), ' ', absl::SkipEmpty());
  int64_t user_ticks = 0;
  int64_t system_ticks = 0;
  if (fields.size() <= kSystemTicksField ||
      !absl::SimpleAtoi(fields[kUserTicksField], &user_ticks) ||
      !absl::SimpleAtoi(fields[kSystemTicksField], &system_ticks)) {
    return std::nullopt;
  }
  return user_ticks + system_ticks;
}

absl::StatusOr<double> CpuSecondsOf(const std::vector<int64_t>& pids) {
  int64_t ticks = 0;
  for (const int64_t pid : pids) {
    const absl::StatusOr<std::string> stat = ReadStat(pid);
    const std::optional<int64_t> one = stat.ok() ? CpuTicksOf(*stat) : std::nullopt;
    if (!one.has_value()) {
      return absl::NotFoundError(absl::StrCat("--server-pid: there is no process ", pid,
                                              " on this machine, or it has ended"));
    }
    ticks += *one;
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace tidemark::bench
