// SPDX-License-Identifier: Apache-2.0
#include "graph/time_zone.h"

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "graph/text_scanner.h"

namespace tidemark::graph {
namespace {

absl::StatusOr<absl::TimeZone> LoadZone(std::string_view name) {
  absl::TimeZone zone;
  // The machine's own zone would give every machine another answer.
  const bool usable = IsValidZoneName(name) && !name.empty() && name != "localtime";
  if (!usable || !absl::LoadTimeZone(ToAbsl(name), &zone)) {
    return absl::InvalidArgumentError(
        absl::StrCat("time zone ", Quote(name, kMaxZoneNameBytes),
                     " is not in this machine's time zone database (package tzdata)"));
  }
  return zone;
}

}  // namespace

absl::StatusOr<ZoneOffsets> FindZoneOffsets(std::string_view zone, const LocalDateTime& local) {
  ASSIGN_OR_RETURN(const absl::TimeZone rules, LoadZone(zone));
  const absl::CivilSecond second = absl::CivilSecond(1970, 1, 1) + local.epoch_second;
  const absl::TimeZone::TimeInfo info = rules.At(second);
  const auto offset = [&local](absl::Time instant) {
    return static_cast<int32_t>(local.epoch_second - absl::ToUnixSeconds(instant));
  };
  ZoneOffsets offsets;
  offsets.earlier = offset(info.pre);
  offsets.later =
      info.kind == absl::TimeZone::TimeInfo::REPEATED ? offset(info.post) : offsets.earlier;
  return offsets;
}

absl::StatusOr<int32_t> FindZoneOffsetAt(std::string_view zone, int64_t epoch_second) {
  ASSIGN_OR_RETURN(const absl::TimeZone rules, LoadZone(zone));
  return rules.At(absl::FromUnixSeconds(epoch_second)).offset;
}

}  // namespace tidemark::graph
