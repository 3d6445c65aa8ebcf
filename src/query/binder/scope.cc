// SPDX-License-Identifier: Apache-2.0
#include "query/binder/scope.h"

#include <algorithm>

namespace tidemark::query {

size_t Scope::PlaceOf(std::string_view name) const {
  if (entries_.size() > kSearchedEntries) {
    const auto it = places_.find(ToAbsl(name));
    return it == places_.end() ? kNowhere : it->second;
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].name == name) return i;
  }
  return kNowhere;
}

void Scope::Declare(std::string_view name, bound::VariableId variable) {
  const size_t place = PlaceOf(name);
  if (place != kNowhere) {
    entries_[place].variable = variable;
    return;
  }
  entries_.push_back({name, variable});
  if (entries_.size() <= kSearchedEntries) return;
  for (size_t i = places_.size(); i < entries_.size(); ++i) {
    places_.emplace(ToAbsl(entries_[i].name), i);
  }
}

bound::VariableId Scope::FindOwn(std::string_view name) const {
  const size_t place = PlaceOf(name);
  return place == kNowhere ? bound::kNoVariable : entries_[place].variable;
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
  std::vector<Entry> entries = entries_;
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

}  // namespace tidemark::query
