// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace tidemark::bolt {

// A version of the protocol, and what is different in it.
struct Version {
  uint8_t major_number = 0;
  uint8_t minor_number = 0;

  friend constexpr auto operator<=>(const Version&, const Version&) = default;

  // Elements have ids as text beside the numbers; date-times are in UTC without being asked.
  constexpr bool has_element_ids() const { return major_number >= 5; }
  // LOGON and LOGOFF; before, HELLO carries the credentials.
  constexpr bool has_logon() const { return *this >= Version{5, 1}; }
  constexpr bool has_telemetry() const { return *this >= Version{5, 4}; }
  // Summaries have GQL statuses in place of notifications.
  constexpr bool has_statuses() const { return *this >= Version{5, 6}; }
  // Failures have a GQL status and a diagnostic record.
  constexpr bool has_gql_failures() const { return *this >= Version{5, 7}; }
  // RUN and BEGIN say which database they came to.
  constexpr bool names_database() const { return *this >= Version{5, 8}; }
};

// `count` versions that end at `last`, downwards by the minor number.
struct VersionRange {
  Version last;
  uint8_t count = 1;
};

// Everything this server speaks, the best first. 5.5 was never released in a form that drivers use.
inline constexpr std::array<VersionRange, 3> kVersions = {{
    {.last = {5, 8}, .count = 3},
    {.last = {5, 4}, .count = 5},
    {.last = {4, 4}, .count = 1},
}};

constexpr bool IsSpoken(Version version) {
  for (const VersionRange& range : kVersions) {
    if (version.major_number == range.last.major_number &&
        version.minor_number <= range.last.minor_number &&
        version.minor_number + range.count > range.last.minor_number) {
      return true;
    }
  }
  return false;
}

}  // namespace tidemark::bolt
