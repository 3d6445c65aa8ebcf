// SPDX-License-Identifier: Apache-2.0
#include "exec/operation.h"

#include "graph/index_key.h"

namespace tidemark::exec {

std::optional<SlotId> SlotOf(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::kCreateVertex:
      return operation.slot;
    case OperationKind::kDeleteVertex:
    case OperationKind::kSetLabel:
    case OperationKind::kSetVertexProperty:
    case OperationKind::kCreateEdge:
    case OperationKind::kTouchVertex:
    case OperationKind::kGetVertex:
    case OperationKind::kExpand:
      return operation.vertex.slot();
    case OperationKind::kDeleteEdge:
    case OperationKind::kSetEdgeProperty:
    case OperationKind::kGetEdge:
      return operation.edge.slot();
    case OperationKind::kLinkTarget:
    case OperationKind::kUnlinkTarget:
      return operation.target.slot();
    case OperationKind::kChangeKey:
    case OperationKind::kFindKey:
      return graph::SlotOfIndexKey(operation.index, operation.bytes);
    case OperationKind::kValidate:
    case OperationKind::kKeysLater:
    case OperationKind::kScanLabel:
    case OperationKind::kScanType:
    case OperationKind::kScanIndex:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view KindName(OperationKind kind) {
  switch (kind) {
    case OperationKind::kCreateVertex:
      return "create vertex";
    case OperationKind::kDeleteVertex:
      return "delete vertex";
    case OperationKind::kSetLabel:
      return "set label";
    case OperationKind::kSetVertexProperty:
      return "set vertex property";
    case OperationKind::kCreateEdge:
      return "create edge";
    case OperationKind::kDeleteEdge:
      return "delete edge";
    case OperationKind::kSetEdgeProperty:
      return "set edge property";
    case OperationKind::kLinkTarget:
      return "link target";
    case OperationKind::kUnlinkTarget:
      return "unlink target";
    case OperationKind::kChangeKey:
      return "change key";
    case OperationKind::kValidate:
      return "validate";
    case OperationKind::kKeysLater:
      return "keys later";
    case OperationKind::kTouchVertex:
      return "touch vertex";
    case OperationKind::kGetVertex:
      return "get vertex";
    case OperationKind::kGetEdge:
      return "get edge";
    case OperationKind::kScanLabel:
      return "scan label";
    case OperationKind::kScanType:
      return "scan type";
    case OperationKind::kScanIndex:
      return "scan index";
    case OperationKind::kFindKey:
      return "find key";
    case OperationKind::kExpand:
      return "expand";
  }
  return "unknown";
}

}  // namespace tidemark::exec
