// SPDX-License-Identifier: Apache-2.0
// Strong types for every number that names something. They order, hash and print; they do not mix.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace tidemark {

// A number with a name of its own. `Tag` makes two ids of the same representation different types.
// Threads: a value type, safe to copy anywhere.
template <typename Tag, typename Rep>
class StrongId {
 public:
  using Representation = Rep;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }
  constexpr StrongId Next() const { return StrongId(static_cast<Rep>(value_ + 1)); }
  constexpr StrongId Previous() const { return StrongId(static_cast<Rep>(value_ - 1)); }

  friend constexpr auto operator<=>(StrongId, StrongId) = default;
  friend constexpr bool operator==(StrongId, StrongId) = default;

  template <typename H>
  friend H AbslHashValue(H h, StrongId id) {
    return H::combine(std::move(h), id.value_);
  }
  friend std::ostream& operator<<(std::ostream& out, StrongId id) { return out << +id.value_; }

 private:
  Rep value_ = 0;
};

using Csn = StrongId<struct CsnTag, uint64_t>;          // commit sequence number, 1, 2, 3 ...
using Epoch = StrongId<struct EpochTag, uint64_t>;      // +1 at every recovery of any kind
using TxId = StrongId<struct TxIdTag, uint64_t>;        // a running transaction; 0 = none
using BootId = StrongId<struct BootIdTag, uint64_t>;    // random, per process start; never 0
using NodeId = StrongId<struct NodeIdTag, uint32_t>;    // 0 = the master, 1 ... N = workers
using SlotId = StrongId<struct SlotIdTag, uint16_t>;    // 0 ... kSlotCount - 1
using LabelId = StrongId<struct LabelIdTag, uint32_t>;  // vertex label; ids start at 1
using TypeId = StrongId<struct TypeIdTag, uint32_t>;    // edge type; ids start at 1
using KeyId = StrongId<struct KeyIdTag, uint32_t>;      // property key; ids start at 1
using IndexId = StrongId<struct IndexIdTag, uint32_t>;  // index or constraint; ids start at 1

inline constexpr NodeId kMasterNode{0};
inline constexpr uint32_t kMaxWorkerCount = 64;
inline constexpr uint32_t kSlotCount = 4096;
inline constexpr uint32_t kSequenceBits = 32;

// Names a vertex or an edge: slot (12 bits) and sequence in the slot (32 bits). 44 bits in all, so
// an id fits a JavaScript number. Sequences start at 1 and are never reused; value 0 = no element.
template <typename Tag>
class ElementId {
 public:
  constexpr ElementId() = default;
  constexpr explicit ElementId(uint64_t value) : value_(value) {}
  constexpr ElementId(SlotId slot, uint32_t sequence)
      : value_(uint64_t{slot.value()} << kSequenceBits | sequence) {}

  constexpr uint64_t value() const { return value_; }
  constexpr SlotId slot() const { return SlotId(static_cast<uint16_t>(value_ >> kSequenceBits)); }
  constexpr uint32_t sequence() const { return static_cast<uint32_t>(value_); }
  // False for values that no element can have: slot out of range or sequence 0.
  constexpr bool valid() const { return (value_ >> kSequenceBits) < kSlotCount && sequence() != 0; }

  friend constexpr auto operator<=>(ElementId, ElementId) = default;
  friend constexpr bool operator==(ElementId, ElementId) = default;
  template <typename H>
  friend H AbslHashValue(H h, ElementId id) {
    return H::combine(std::move(h), id.value_);
  }
  friend std::ostream& operator<<(std::ostream& out, ElementId id) { return out << id.value_; }

 private:
  uint64_t value_ = 0;
};

using VertexId = ElementId<struct VertexTag>;
using EdgeId = ElementId<struct EdgeTag>;  // the slot is the slot of the edge's source

// Which worker owns a slot when the graph is cut for `worker_count` workers: ranges of equal size.
// REQUIRES: 1 <= worker_count <= kMaxWorkerCount.
constexpr NodeId OwnerOfSlot(SlotId slot, uint32_t worker_count) {
  return NodeId(1 + slot.value() * worker_count / kSlotCount);
}

// Random 128-bit name of a cluster, made once and stamped into every file.
struct ClusterId {
  uint64_t high = 0;
  uint64_t low = 0;

  friend constexpr auto operator<=>(const ClusterId&, const ClusterId&) = default;
  bool IsZero() const { return high == 0 && low == 0; }
  // 32 lower-case hexadecimal digits.
  std::string ToString() const;
};
std::ostream& operator<<(std::ostream& out, const ClusterId& id);

// A set of workers: ids 1 ... kMaxWorkerCount, one bit each.
// Threads: a value type.
class NodeSet {
 public:
  constexpr NodeSet() = default;
  constexpr explicit NodeSet(uint64_t mask) : mask_(mask) {}
  // Workers 1 ... count.
  static constexpr NodeSet FirstWorkers(uint32_t count) {
    return NodeSet(count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1);
  }

  constexpr uint64_t mask() const { return mask_; }
  constexpr bool Contains(NodeId node) const { return (mask_ & Bit(node)) != 0; }
  constexpr bool ContainsAll(NodeSet other) const { return (other.mask_ & ~mask_) == 0; }
  constexpr void Add(NodeId node) { mask_ |= Bit(node); }
  constexpr void Remove(NodeId node) { mask_ &= ~Bit(node); }
  constexpr bool empty() const { return mask_ == 0; }
  constexpr int size() const { return __builtin_popcountll(mask_); }
  // Calls fn(NodeId) for each member, lowest id first.
  template <typename Fn>
  void ForEach(Fn fn) const {
    for (uint64_t rest = mask_; rest != 0; rest &= rest - 1) {
      fn(NodeId(static_cast<uint32_t>(__builtin_ctzll(rest)) + 1));
    }
  }
  // "1, 3" — for messages.
  std::string ToString() const;

  friend constexpr bool operator==(NodeSet, NodeSet) = default;

 private:
  static constexpr uint64_t Bit(NodeId node) { return uint64_t{1} << (node.value() - 1); }
  uint64_t mask_ = 0;
};

}  // namespace tidemark

template <typename Tag, typename Rep>
struct std::hash<tidemark::StrongId<Tag, Rep>> {
  size_t operator()(tidemark::StrongId<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};
