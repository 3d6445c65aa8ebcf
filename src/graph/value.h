// SPDX-License-Identifier: Apache-2.0
// The values of Cypher: what properties hold and what expressions compute with. How they compare is
// in graph/value_order.h, their encoding in graph/value_coding.h, their text in graph/value_text.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "graph/point.h"
#include "graph/temporal.h"

namespace tidemark::graph {

// Lists and maps inside one another; a scalar has depth 0, an empty list depth 1.
inline constexpr int kMaxValueDepth = 64;
// The largest encoded value; also the longest string.
inline constexpr size_t kMaxValueBytes = 64 << 20;

// In the order of openCypher's ORDER BY, null last.
enum class ValueType : uint8_t {
  kNull = 0,
  kMap,
  kVertex,
  kEdge,
  kList,
  kPath,
  kPoint,
  kDateTime,
  kLocalDateTime,
  kDate,
  kTime,
  kLocalTime,
  kDuration,
  kBytes,
  kString,
  kBoolean,
  kFloat,
  kInteger,
};
std::string_view TypeName(ValueType type);

// An edge as a value: enough for type(), startNode() and endNode() even after its deletion.
struct EdgeRef {
  EdgeId edge;
  VertexId source;
  VertexId target;
  TypeId type;

  friend bool operator==(const EdgeRef& a, const EdgeRef& b) { return a.edge == b.edge; }
};

// Vertices and edges by turns, one vertex more than edges. An edge may be walked backwards.
struct Path {
  std::vector<VertexId> vertices;
  std::vector<EdgeRef> edges;
};

// Valid ids, the edge's slot that of its source.
bool IsValid(const EdgeRef& edge);
// Each edge joins the vertices before and behind it.
bool IsValid(const Path& path);

class Value;
using MapEntry = std::pair<std::string, Value>;

// One immutable value in 16 bytes; what does not fit is shared by reference count, so copies are
// cheap. An accessor of the wrong type is a CHECK failure, and so is an argument that breaks a
// REQUIRES: check what comes from outside first (IsValid, MakeList, MakeMap).
// Threads: a value type; copies of one value may be used on several threads.
class Value {
 public:
  Value() = default;  // null
  Value(const Value& other) : type_(other.type_), extra_(other.extra_), payload_(other.payload_) {
    if (is_shared()) AddReference();
  }
  Value(Value&& other) noexcept
      : type_(other.type_), extra_(other.extra_), payload_(other.payload_) {
    other.type_ = ValueType::kNull;
  }
  Value& operator=(const Value& other) {
    Value(other).Swap(this);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value(std::move(other)).Swap(this);
    return *this;
  }
  ~Value() {
    if (is_shared()) DropReference();
  }

  static Value Null() { return {}; }
  static Value Boolean(bool value) { return Value(ValueType::kBoolean, 0, value ? 1 : 0); }
  static Value Integer(int64_t value) { return Value(ValueType::kInteger, 0, value); }
  static Value Float(double value);
  // REQUIRES: at most kMaxValueBytes. Strings are UTF-8 by contract; nothing here depends on it.
  static Value String(std::string_view text);
  static Value Bytes(std::string_view bytes);
  // One text behind the other.
  static Value Joined(std::string_view first, std::string_view second);
  // REQUIRES: every element's depth is less than kMaxValueDepth.
  static Value List(std::vector<Value> elements);
  // Sorted by key; of entries with one key the last counts. REQUIRES: as List.
  static Value Map(std::vector<MapEntry> entries);
  // REQUIRES: IsValid(argument).
  static Value Of(const graph::Date& date);
  static Value Of(const graph::LocalTime& time);
  static Value Of(const graph::LocalDateTime& time);
  static Value Of(const graph::Time& time);
  static Value Of(const graph::DateTime& time);
  static Value Of(const graph::Duration& duration);
  static Value Of(const graph::Point& point);
  static Value Of(const EdgeRef& edge);
  static Value Of(graph::Path path);
  // REQUIRES: vertex.valid().
  static Value Of(VertexId vertex);

  ValueType type() const { return type_; }
  bool is_null() const { return type_ == ValueType::kNull; }
  bool is_number() const { return type_ == ValueType::kInteger || type_ == ValueType::kFloat; }
  // 0 for scalars, 1 + the deepest element for lists and maps.
  int depth() const { return is_container() ? extra_ : 0; }

  bool boolean() const { return Expect(ValueType::kBoolean).payload_ != 0; }
  int64_t integer() const { return Expect(ValueType::kInteger).payload_; }
  double real() const;
  std::string_view string() const { return Expect(ValueType::kString).Text(); }
  std::string_view bytes() const { return Expect(ValueType::kBytes).Text(); }
  absl::Span<const Value> list() const;
  absl::Span<const MapEntry> map() const;  // ascending keys
  // The value under `key` of a map; null when there is none.
  const Value& Get(std::string_view key) const;
  graph::Date date() const { return {Expect(ValueType::kDate).payload_}; }
  graph::LocalTime local_time() const { return {Expect(ValueType::kLocalTime).payload_}; }
  graph::Time time() const { return {Expect(ValueType::kTime).payload_, extra_}; }
  graph::LocalDateTime local_date_time() const {
    return {Expect(ValueType::kLocalDateTime).payload_, extra_};
  }
  const graph::DateTime& date_time() const;
  const graph::Duration& duration() const;
  const graph::Point& point() const;
  VertexId vertex() const {
    return VertexId(static_cast<uint64_t>(Expect(ValueType::kVertex).payload_));
  }
  const EdgeRef& edge() const;
  const graph::Path& path() const;

  // About what it takes, with everything in it. Of a list or a map it is counted once.
  size_t memory_bytes() const;

  // Who destroys what takes long to be destroyed: large lists and maps, of about so many bytes,
  // when the last value of them goes. Null: whoever drops it. Threads: any, before there are such
  // values.
  using Disposer = void (*)(size_t bytes, std::function<void()> destroy);
  static void SetDisposer(Disposer disposer);

 private:
  struct Shared;
  template <typename T>
  struct Box;

  Value(ValueType type, int32_t extra, int64_t payload)
      : type_(type), extra_(extra), payload_(payload) {}
  template <typename T>
  static Value Boxed(ValueType type, int32_t extra, T content);
  template <typename T>
  const T& Unbox() const;
  static Value MakeText(ValueType type, std::string_view first, std::string_view second = {});
  // Destroys the list or map of the last value.
  template <typename T>
  void Dispose();
  template <typename T, typename BytesOf>
  size_t CountOnce(BytesOf bytes_of) const;

  bool is_container() const { return type_ == ValueType::kList || type_ == ValueType::kMap; }
  bool is_shared() const {
    constexpr uint32_t kSharedTypes =
        1u << static_cast<int>(ValueType::kMap) | 1u << static_cast<int>(ValueType::kEdge) |
        1u << static_cast<int>(ValueType::kList) | 1u << static_cast<int>(ValueType::kPath) |
        1u << static_cast<int>(ValueType::kPoint) | 1u << static_cast<int>(ValueType::kDateTime) |
        1u << static_cast<int>(ValueType::kDuration) | 1u << static_cast<int>(ValueType::kBytes) |
        1u << static_cast<int>(ValueType::kString);
    return (kSharedTypes >> static_cast<int>(type_) & 1) != 0;
  }
  void Swap(Value* other) noexcept {
    std::swap(type_, other->type_);
    std::swap(extra_, other->extra_);
    std::swap(payload_, other->payload_);
  }
  const Value& Expect(ValueType type) const {
    if (type_ != type) WrongType(type);
    return *this;
  }
  [[noreturn]] void WrongType(ValueType wanted) const;
  const Shared* shared() const { return reinterpret_cast<const Shared*>(payload_); }
  void AddReference() const;
  void DropReference();
  std::string_view Text() const {
    return {reinterpret_cast<const char*>(payload_) + kTextHeaderBytes,
            static_cast<uint32_t>(extra_)};
  }

  static constexpr size_t kTextHeaderBytes = 4;  // sizeof(Shared)

  ValueType type_ = ValueType::kNull;
  int32_t extra_ = 0;    // by type: offset, nanos, depth, byte count
  int64_t payload_ = 0;  // by type: the number itself or the address of what is shared
};
static_assert(sizeof(Value) == 16);

// As Value::List and Value::Map, but kResourceExhausted when the result would be too deep.
absl::StatusOr<Value> MakeList(std::vector<Value> elements);
absl::StatusOr<Value> MakeMap(std::vector<MapEntry> entries);

// OK when the value can be a property. A property is a scalar or a list of scalars of one type
// (integers and floats count as one, points of one system); not a map, an element of the graph, a
// list with nulls, bytes or lists in it. Null is OK: it stands for "no property" and is never
// stored. kInvalidArgument says what is wrong, kResourceExhausted that it is too large.
absl::Status CheckStorable(const Value& value);

}  // namespace tidemark::graph
