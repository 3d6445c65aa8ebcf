// SPDX-License-Identifier: Apache-2.0
// Which fields of an Operation or an OperationResult are written, in which order: shared by the
// writers, the readers and the dump. docs/formats/operations.md is the page about it.
#pragma once

#include <cstdint>

#include "exec/operation.h"

namespace tidemark::exec {

// Fields of an operation follow its kind in the order of these bits; the bits are not written.
enum OperationField : uint32_t {
  kVertexField = 1u << 0,
  kTargetField = 1u << 1,
  kEdgeField = 1u << 2,
  kLabelField = 1u << 3,
  kTypeField = 1u << 4,
  kKeyField = 1u << 5,
  kIndexField = 1u << 6,
  kSlotField = 1u << 7,
  kDetachField = 1u << 8,
  kPresentField = 1u << 9,
  kIdsOnlyField = 1u << 10,
  kDirectionField = 1u << 11,
  kLabelsField = 1u << 12,
  kTypesField = 1u << 13,
  kPropertiesField = 1u << 14,  // bytes = property set
  kValueField = 1u << 15,       // bytes = encoded value or empty
  kIndexKeyField = 1u << 16,    // bytes = index key
  kLastKeyField = 1u << 17,
  kCursorField = 1u << 18,
  kLimitField = 1u << 19,
  kMoreField = 1u << 20,
};

// Nothing for a kind that has no fields or does not exist (IsKind).
constexpr uint32_t FieldsOf(OperationKind kind) {
  switch (kind) {
    case OperationKind::kCreateVertex:
      return kSlotField | kLabelsField | kPropertiesField;
    case OperationKind::kDeleteVertex:
      return kVertexField | kDetachField | kCursorField;
    case OperationKind::kSetLabel:
      return kVertexField | kLabelField | kPresentField;
    case OperationKind::kSetVertexProperty:
      return kVertexField | kKeyField | kValueField | kMoreField;
    case OperationKind::kCreateEdge:
      return kVertexField | kTargetField | kTypeField | kPropertiesField;
    case OperationKind::kDeleteEdge:
      return kEdgeField | kDetachField;
    case OperationKind::kSetEdgeProperty:
      return kEdgeField | kKeyField | kValueField;
    case OperationKind::kLinkTarget:
    case OperationKind::kUnlinkTarget:
      return kVertexField | kTargetField | kEdgeField | kTypeField;
    case OperationKind::kChangeKey:
      return kVertexField | kIndexField | kPresentField | kIndexKeyField;
    case OperationKind::kValidate:
    case OperationKind::kKeysLater:
      return 0;
    case OperationKind::kTouchVertex:
    case OperationKind::kGetVertex:
      return kVertexField;
    case OperationKind::kGetEdge:
      return kEdgeField;
    case OperationKind::kScanLabel:
      return kLabelField | kIdsOnlyField | kCursorField | kLimitField;
    case OperationKind::kScanType:
      return kTypeField | kCursorField | kLimitField;
    case OperationKind::kScanIndex:
      return kIndexField | kIdsOnlyField | kIndexKeyField | kLastKeyField | kCursorField |
             kLimitField;
    case OperationKind::kFindKey:
      return kIndexField | kIndexKeyField;
    case OperationKind::kExpand:
      return kVertexField | kDirectionField | kTypesField | kCursorField | kLimitField;
  }
  return 0;
}

constexpr bool IsKind(uint8_t byte) {
  const auto kind = static_cast<OperationKind>(byte);
  return kind == OperationKind::kValidate || kind == OperationKind::kKeysLater ||
         FieldsOf(kind) != 0;
}

// A result begins with a byte of these bits; the fields follow in this order.
enum ResultField : uint8_t {
  kResultVertex = 1u << 0,
  kResultEdge = 1u << 1,
  kResultVertices = 1u << 2,
  kResultEdges = 1u << 3,
  kResultNeighbours = 1u << 4,
  kResultCursor = 1u << 5,
};
inline constexpr uint8_t kAllResultFields = (1u << 6) - 1;

}  // namespace tidemark::exec
