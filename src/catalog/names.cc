// SPDX-License-Identifier: Apache-2.0
#include "catalog/names.h"

#include "base/check.h"
#include "base/status.h"
#include "base/utf8.h"

namespace tidemark::catalog {

absl::Status CheckName(std::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("a name is empty; give it a character");
  if (text.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a name has ", text.size(), " bytes; at most ",
                                                   kMaxNameBytes, " are allowed"));
  }
  if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError("a name is not valid UTF-8 or holds a NUL character");
  }
  return absl::OkStatus();
}

std::optional<uint32_t> NameTable::Find(graph::NameKind kind, std::string_view text) const {
  const auto& ids = Of(kind).ids;
  const auto it = ids.find(ToAbsl(text));
  if (it == ids.end()) return std::nullopt;
  return it->second;
}

const std::string& NameTable::Text(graph::NameKind kind, uint32_t id) const {
  CHECK(Has(kind, id)) << "name " << id << " of kind " << static_cast<int>(kind);
  return Of(kind).texts[id - 1];
}

bool NameTable::Has(graph::NameKind kind, uint32_t id) const {
  return id >= 1 && id <= Of(kind).texts.size();
}

uint32_t NameTable::count(graph::NameKind kind) const {
  return static_cast<uint32_t>(Of(kind).texts.size());
}

std::array<uint32_t, graph::kNameKindCount> NameTable::counts() const {
  std::array<uint32_t, graph::kNameKindCount> counts;
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = count(graph::kNameKinds[i]);
  return counts;
}

absl::StatusOr<uint32_t> NameTable::Add(graph::NameKind kind, std::string_view text) {
  RETURN_IF_ERROR(CheckName(text));
  Kind& names = kinds_[static_cast<size_t>(kind) - 1];
  if (names.texts.size() >= kMaxNameCount) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "there are ", kMaxNameCount, " names of this kind already; use properties for ",
        "what varies from element to element"));
  }
  names.texts.emplace_back(text);
  const auto id = static_cast<uint32_t>(names.texts.size());
  CHECK(names.ids.emplace(names.texts.back(), id).second) << "name given twice: " << text;
  return id;
}

absl::Status NameTable::Restore(graph::NameKind kind, uint32_t id, std::string_view text) {
  if (id != count(kind) + 1 || Find(kind, text).has_value()) {
    return absl::DataLossError(absl::StrCat("name \"", ToAbsl(text), "\" with id ", id,
                                            " does not follow the ", count(kind), " before it"));
  }
  return Add(kind, text).status();
}

}  // namespace tidemark::catalog
