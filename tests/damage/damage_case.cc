// SPDX-License-Identifier: Apache-2.0
#include "tests/damage/damage_case.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace tidemark::damage {
namespace {

// IDENTITY, master log, WAL or snapshot.
std::string KindOfFile(const std::string& path) {
  if (path.ends_with("IDENTITY")) return "identity";
  if (path.find("master-log") != std::string::npos) return "master log";
  return path.ends_with(".wal") ? "wal" : "snapshot";
}

// Where the zeroes begin that a file ends with.
uint64_t EndOfData(const std::string& content) { return content.find_last_not_of('\0') + 1; }

void AddFlips(const std::string& path, const std::string& content, const CaseChoice& choice,
              std::vector<DamageCase>* out) {
  const uint64_t end = EndOfData(content);
  const auto add = [&](uint64_t offset, bool all_bits) {
    const int first = all_bits ? 0 : static_cast<int>(offset / choice.data_step % 8);
    for (int bit = first; bit < (all_bits ? 8 : first + 1); ++bit) {
      out->push_back({DamageKind::kFlip, path, "", offset, bit});
    }
  };
  for (uint64_t at = 0; at < end; at += choice.data_step) add(at, choice.data_step == 1);
  for (uint64_t at = end; at < content.size();) {
    const bool near = at < end + choice.zero_bytes;
    add(at, near);
    at += near ? 1 : choice.zero_step;
  }
}

void AddTruncations(const std::string& path, const std::string& content, const CaseChoice& choice,
                    std::vector<DamageCase>* out) {
  const uint64_t end = EndOfData(content);
  const auto add = [&](uint64_t size) {
    out->push_back({DamageKind::kTruncate, path, "", size, 0});
  };
  for (uint64_t size = 0; size < end; size += choice.data_step) add(size);
  for (uint64_t size = end; size < content.size();) {
    add(size);
    size += size < end + choice.zero_bytes ? 1 : choice.zero_step;
  }
}

}  // namespace

std::string DebugString(const DamageCase& damage) {
  switch (damage.kind) {
    case DamageKind::kFlip:
      return absl::StrCat("bit ", damage.bit, " of byte ", damage.offset, " of ", damage.path,
                          " flipped");
    case DamageKind::kTruncate:
      return absl::StrCat(damage.path, " cut to ", damage.offset, " bytes");
    case DamageKind::kDelete:
      return absl::StrCat(damage.path, " removed");
    case DamageKind::kSwap:
      return absl::StrCat(damage.path, " and ", damage.other, " exchanged");
    case DamageKind::kOlder:
      return absl::StrCat(damage.path, " replaced by an older copy");
  }
  return "";
}

Image Apply(const DataDirectory& directory, const DamageCase& damage) {
  Image image = directory.image;
  std::string& content = image.at(damage.path);
  switch (damage.kind) {
    case DamageKind::kFlip:
      content[damage.offset] = static_cast<char>(content[damage.offset] ^ (1 << damage.bit));
      break;
    case DamageKind::kTruncate:
      content.resize(damage.offset);
      break;
    case DamageKind::kDelete:
      image.erase(damage.path);
      break;
    case DamageKind::kSwap:
      std::swap(content, image.at(damage.other));
      break;
    case DamageKind::kOlder:
      content = directory.older.at(damage.path);
      break;
  }
  return image;
}

std::vector<DamageCase> FlipsAndTruncations(const DataDirectory& directory,
                                            const CaseChoice& choice) {
  std::vector<DamageCase> cases;
  for (const auto& [path, content] : directory.image) {
    AddFlips(path, content, choice, &cases);
    AddTruncations(path, content, choice, &cases);
  }
  return cases;
}

std::vector<DamageCase> WholeFileCases(const DataDirectory& directory) {
  std::vector<DamageCase> cases;
  for (const auto& [path, content] : directory.image) {
    cases.push_back({DamageKind::kDelete, path, "", 0, 0});
    for (const auto& [other, other_content] : directory.image) {
      if (other > path && KindOfFile(other) == KindOfFile(path)) {
        cases.push_back({DamageKind::kSwap, path, other, 0, 0});
      }
    }
    const auto older = directory.older.find(path);
    if (older != directory.older.end() && older->second != content) {
      cases.push_back({DamageKind::kOlder, path, "", 0, 0});
    }
  }
  return cases;
}

}  // namespace tidemark::damage
