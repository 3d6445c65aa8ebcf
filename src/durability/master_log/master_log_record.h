// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "graph/index_definition.h"
#include "graph/name_kind.h"

namespace tidemark::durability {

using graph::NameKind;

// The records of the master log (docs/formats/master-log.md), one struct each.
struct ClusterRecord {  // the first record of every generation
  ClusterId id;
  uint32_t worker_count = 0;
  uint32_t feature_level = 1;
};
struct EpochRecord {  // epochs below `epoch` have no csn above `base`
  Epoch epoch;
  Csn base;
};
struct MemberRecord {
  NodeId node;
};
struct NameRecord {
  NameKind kind = NameKind::kLabel;
  uint32_t id = 0;
  std::string text;
};
struct SchemaRecord {  // dead when a later EpochRecord has base < csn
  Epoch epoch;
  Csn csn;
  graph::IndexDefinition definition;
};
struct WatermarkRecord {
  struct Last {
    NodeId node;
    Csn csn;  // the worker's newest commit <= the watermark
  };
  Epoch epoch;
  Csn csn;
  std::vector<Last> last;  // every worker, ascending
};
struct SnapshotCompleteRecord {
  struct Part {
    NodeId node;
    uint64_t digest = 0;
    Csn last_csn;
    uint64_t bytes = 0;
    uint64_t vertices = 0;
    uint64_t edges = 0;
  };
  Epoch epoch;
  Csn csn;
  std::vector<Part> parts;  // every worker, ascending
};

using MasterLogRecord = std::variant<ClusterRecord, EpochRecord, MemberRecord, NameRecord,
                                     SchemaRecord, WatermarkRecord, SnapshotCompleteRecord>;

// The body of a record, without frame and checksum.
void AppendMasterLogRecord(const MasterLogRecord& record, std::string* out);
absl::StatusOr<MasterLogRecord> DecodeMasterLogRecord(uint8_t kind, std::string_view body);
uint8_t KindOf(const MasterLogRecord& record);
// One line for people.
std::string DebugString(const MasterLogRecord& record);

}  // namespace tidemark::durability
