// SPDX-License-Identifier: Apache-2.0
#include "env/process_limits.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/strings/str_split.h"
#include "base/check.h"

namespace tidemark::env {
namespace {

constexpr size_t kMaxTextBytes = 16 << 10;

// Files of the kernel say that they are empty. Nothing when the file cannot be read.
std::optional<std::string> ReadText(FileSystem* files, const std::string& path) {
  const auto file = files->Open(path, OpenMode::kRead);
  if (!file.ok()) return std::nullopt;
  std::string text(kMaxTextBytes, '\0');
  const absl::StatusOr<size_t> size = (*file)->ReadAt(0, text.data(), text.size());
  if (!size.ok()) return std::nullopt;
  text.resize(*size);
  return text;
}

// The limit in a file of a control group; "max", or no file, is none.
uint64_t LimitIn(FileSystem* files, const std::string& path) {
  const std::optional<std::string> text = ReadText(files, path);
  uint64_t bytes = 0;
  if (!text.has_value()) return UINT64_MAX;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), bytes);
  return error == std::errc() && bytes != 0 ? bytes : UINT64_MAX;
}

// The lowest limit of a group and all groups around it. In a container the group's path may be the
// host's, which is not mounted: then the root of what is mounted is the container's own group.
uint64_t LowestLimit(FileSystem* files, const std::string& mount, std::string group,
                     const std::string& file) {
  uint64_t lowest = LimitIn(files, absl::StrCat(mount, "/", file));
  while (group.size() > 1) {
    lowest = std::min(lowest, LimitIn(files, absl::StrCat(mount, group, "/", file)));
    group.erase(group.rfind('/'));
  }
  return lowest;
}

rlimit DescriptorLimits() {
  rlimit limits = {};
  PCHECK(getrlimit(RLIMIT_NOFILE, &limits) == 0);
  return limits;
}

}  // namespace

uint64_t ControlGroupMemoryBytes(FileSystem* files, const std::string& root) {
  const std::optional<std::string> groups = ReadText(files, root + "/proc/self/cgroup");
  if (!groups.has_value()) return UINT64_MAX;
  uint64_t lowest = UINT64_MAX;
  // "0::/path" is of version 2, "7:memory:/path" of version 1.
  for (const absl::string_view line : absl::StrSplit(*groups, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3 || parts[2].empty() || parts[2][0] != '/') continue;
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    if (parts[1].empty()) {
      lowest =
          std::min(lowest, LowestLimit(files, root + "/sys/fs/cgroup", parts[2], "memory.max"));
    } else if (std::find(controllers.begin(), controllers.end(), "memory") != controllers.end()) {
      lowest = std::min(lowest, LowestLimit(files, root + "/sys/fs/cgroup/memory", parts[2],
                                            "memory.limit_in_bytes"));
    }
  }
  return lowest;
}

uint64_t UsableMemoryBytes(FileSystem* files) {
  const auto pages = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return std::min(pages * page_bytes, ControlGroupMemoryBytes(files, ""));
}

uint64_t RaiseDescriptorLimit() {
  rlimit limits = DescriptorLimits();
  limits.rlim_cur = limits.rlim_max;
  // Whoever may not goes on with what there is.
  if (setrlimit(RLIMIT_NOFILE, &limits) != 0) LOG(WARNING) << "the limit of descriptors stays";
  return DescriptorLimit();
}

uint64_t DescriptorLimit() { return DescriptorLimits().rlim_cur; }

}  // namespace tidemark::env
