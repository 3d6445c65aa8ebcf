// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::bolt {

// Tags of the structures that stand for values.
inline constexpr uint8_t kNodeTag = 'N';
inline constexpr uint8_t kRelationshipTag = 'R';
inline constexpr uint8_t kUnboundRelationshipTag = 'r';  // in a path, which knows the ends
inline constexpr uint8_t kPathTag = 'P';
inline constexpr uint8_t kDateTag = 'D';
inline constexpr uint8_t kTimeTag = 'T';
inline constexpr uint8_t kLocalTimeTag = 't';
inline constexpr uint8_t kDateTimeTag = 'I';            // seconds in UTC
inline constexpr uint8_t kDateTimeZoneTag = 'i';        // likewise, with the name of a zone
inline constexpr uint8_t kLocalBasedDateTimeTag = 'F';  // seconds of the local time: 4.4
inline constexpr uint8_t kLocalBasedZoneTag = 'f';      // likewise, with the name of a zone
inline constexpr uint8_t kLocalDateTimeTag = 'd';
inline constexpr uint8_t kDurationTag = 'E';
inline constexpr uint8_t kPoint2dTag = 'X';
inline constexpr uint8_t kPoint3dTag = 'Y';

// How values are written on a connection.
struct ValueForms {
  bool element_ids = true;  // elements have ids as text beside the numbers
  bool utc = true;          // date-times count seconds in UTC
};

}  // namespace tidemark::bolt
