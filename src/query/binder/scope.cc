// SPDX-License-Identifier: Apache-2.0
#include "query/binder/scope.h"

#include <algorithm>

namespace tidemark::query {

bound::VariableId Scope::FindOwn(std::string_view name) const {
  const auto it = names_.find(ToAbsl(name));
  return it == names_.end() ? bound::kNoVariable : it->second;
}

bound::VariableId Scope::Find(std::string_view name) const {
  std::vector<std::vector<bound::VariableId>*> crossed;
  for (const Scope* scope = this; scope != nullptr; scope = scope->around_) {
    const bound::VariableId found = scope->FindOwn(name);
    if (found != bound::kNoVariable) {
      for (std::vector<bound::VariableId>* captured : crossed) captured->push_back(found);
      return found;
    }
    if (scope->captured_ != nullptr) crossed.push_back(scope->captured_);
  }
  return bound::kNoVariable;
}

std::vector<Scope::Entry> Scope::Entries() const {
  std::vector<Entry> entries;
  entries.reserve(names_.size());
  for (const auto& [name, variable] : names_) {
    entries.push_back({{name.data(), name.size()}, variable});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace tidemark::query
