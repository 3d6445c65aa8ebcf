// SPDX-License-Identifier: Apache-2.0
#include "graph/value.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "graph/value_coding.h"

namespace tidemark::graph {
namespace {

// More is given to the disposer.
constexpr size_t kMaxDisposeAtOnceBytes = 128 << 10;

std::atomic<Value::Disposer> disposer = nullptr;

}  // namespace

// What shared content begins with. Text follows it directly, everything else sits in a Box.
struct Value::Shared {
  mutable std::atomic<uint32_t> references{1};
};

template <typename T>
struct Value::Box : Value::Shared {
  explicit Box(T c) : content(std::move(c)) {}
  T content;
};

template <typename T>
struct Value::Box<std::vector<T>> : Value::Shared {
  explicit Box(std::vector<T> c) : content(std::move(c)) {}
  std::vector<T> content;
  // As far as it was counted. Whoever counts finds the same.
  mutable std::atomic<size_t> memory_bytes{0};
};

std::string_view TypeName(ValueType type) {
  constexpr std::string_view kNames[] = {
      "null",      "map",    "vertex",     "edge", "list",     "path",  "point",  "zoned date-time",
      "date-time", "date",   "zoned time", "time", "duration", "bytes", "string", "boolean",
      "float",     "integer"};
  return kNames[static_cast<int>(type)];
}

bool IsValid(const EdgeRef& edge) {
  return edge.edge.valid() && edge.source.valid() && edge.target.valid() &&
         edge.edge.slot() == edge.source.slot() && edge.type != TypeId();
}

bool IsValid(const Path& path) {
  if (path.vertices.size() != path.edges.size() + 1 || !path.vertices[0].valid()) return false;
  for (size_t i = 0; i < path.edges.size(); ++i) {
    const EdgeRef& edge = path.edges[i];
    const VertexId from = path.vertices[i];
    const VertexId to = path.vertices[i + 1];
    const bool forward = edge.source == from && edge.target == to;
    const bool backward = edge.target == from && edge.source == to;
    if (!IsValid(edge) || (!forward && !backward)) return false;
  }
  return true;
}

template <typename T>
Value Value::Boxed(ValueType type, int32_t extra, T content) {
  const Shared* box = new Box<T>(std::move(content));
  return Value(type, extra, std::bit_cast<int64_t>(box));
}

template <typename T>
const T& Value::Unbox() const {
  return static_cast<const Box<T>*>(shared())->content;
}

Value Value::MakeText(ValueType type, std::string_view first, std::string_view second) {
  static_assert(sizeof(Shared) == kTextHeaderBytes);
  const size_t size = first.size() + second.size();
  CHECK_LE(size, kMaxValueBytes);
  void* memory = ::operator new(sizeof(Shared) + size);
  const Shared* header = new (memory) Shared;
  char* const text = static_cast<char*>(memory) + sizeof(Shared);
  if (!first.empty()) std::memcpy(text, first.data(), first.size());
  if (!second.empty()) std::memcpy(text + first.size(), second.data(), second.size());
  return Value(type, static_cast<int32_t>(size), std::bit_cast<int64_t>(header));
}

void Value::SetDisposer(Disposer new_disposer) { disposer = new_disposer; }

template <typename T>
void Value::Dispose() {
  const auto* const box = static_cast<const Box<std::vector<T>>*>(shared());
  const size_t bytes =
      std::max(box->content.size() * sizeof(T), box->memory_bytes.load(std::memory_order_relaxed));
  const Disposer dispose = bytes > kMaxDisposeAtOnceBytes ? disposer.load() : nullptr;
  if (dispose == nullptr) {
    delete box;
  } else {
    dispose(bytes, [box] { delete box; });
  }
}

template <typename T, typename BytesOf>
size_t Value::CountOnce(BytesOf bytes_of) const {
  const auto* const box = static_cast<const Box<std::vector<T>>*>(shared());
  size_t bytes = box->memory_bytes.load(std::memory_order_relaxed);
  if (bytes > 0) return bytes;
  bytes = sizeof(Value);
  for (const T& element : box->content) bytes += bytes_of(element);
  box->memory_bytes.store(bytes, std::memory_order_relaxed);
  return bytes;
}

size_t Value::memory_bytes() const {
  switch (type_) {
    case ValueType::kString:
      return sizeof(Value) + string().size();
    case ValueType::kBytes:
      return sizeof(Value) + bytes().size();
    case ValueType::kList:
      return CountOnce<Value>([](const Value& element) { return element.memory_bytes(); });
    case ValueType::kMap:
      return CountOnce<MapEntry>([](const MapEntry& entry) {
        return sizeof(std::string) + entry.first.size() + entry.second.memory_bytes();
      });
    case ValueType::kPath:
      return sizeof(Value) + path().vertices.size() * (sizeof(VertexId) + sizeof(EdgeRef));
    default:
      return sizeof(Value) + 4 * sizeof(uint64_t);
  }
}

void Value::AddReference() const { shared()->references.fetch_add(1, std::memory_order_relaxed); }

void Value::DropReference() {
  if (shared()->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  switch (type_) {
    case ValueType::kMap:
      return Dispose<MapEntry>();
    case ValueType::kList:
      return Dispose<Value>();
    case ValueType::kEdge:
      delete static_cast<const Box<EdgeRef>*>(shared());
      return;
    case ValueType::kPath:
      delete static_cast<const Box<graph::Path>*>(shared());
      return;
    case ValueType::kPoint:
      delete static_cast<const Box<graph::Point>*>(shared());
      return;
    case ValueType::kDateTime:
      delete static_cast<const Box<graph::DateTime>*>(shared());
      return;
    case ValueType::kDuration:
      delete static_cast<const Box<graph::Duration>*>(shared());
      return;
    default:
      ::operator delete(const_cast<Shared*>(shared()));
  }
}

void Value::WrongType(ValueType wanted) const {
  LOG(FATAL) << "a value of type " << TypeName(type_) << " read as " << TypeName(wanted);
}

Value Value::Float(double value) {
  return Value(ValueType::kFloat, 0, std::bit_cast<int64_t>(value));
}
double Value::real() const { return std::bit_cast<double>(Expect(ValueType::kFloat).payload_); }

Value Value::String(std::string_view text) { return MakeText(ValueType::kString, text); }
Value Value::Bytes(std::string_view bytes) { return MakeText(ValueType::kBytes, bytes); }

Value Value::Joined(std::string_view first, std::string_view second) {
  return MakeText(ValueType::kString, first, second);
}

Value Value::List(std::vector<Value> elements) {
  int depth = 0;
  for (const Value& element : elements) depth = std::max(depth, element.depth());
  CHECK_LT(depth, kMaxValueDepth);
  return Boxed(ValueType::kList, depth + 1, std::move(elements));
}

Value Value::Map(std::vector<MapEntry> entries) {
  int depth = 0;
  for (const MapEntry& entry : entries) depth = std::max(depth, entry.second.depth());
  CHECK_LT(depth, kMaxValueDepth);
  const auto is_out_of_order = [](const MapEntry& a, const MapEntry& b) {
    return a.first >= b.first;
  };
  if (std::adjacent_find(entries.begin(), entries.end(), is_out_of_order) == entries.end()) {
    return Boxed(ValueType::kMap, depth + 1, std::move(entries));
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const MapEntry& a, const MapEntry& b) { return a.first < b.first; });
  std::vector<MapEntry> unique;
  unique.reserve(entries.size());
  for (MapEntry& entry : entries) {
    if (!unique.empty() && unique.back().first == entry.first) unique.pop_back();
    unique.push_back(std::move(entry));
  }
  return Boxed(ValueType::kMap, depth + 1, std::move(unique));
}

Value Value::Of(const graph::Date& date) {
  CHECK(IsValid(date));
  return Value(ValueType::kDate, 0, date.epoch_day);
}
Value Value::Of(const graph::LocalTime& time) {
  CHECK(IsValid(time));
  return Value(ValueType::kLocalTime, 0, time.nanos_of_day);
}
Value Value::Of(const graph::LocalDateTime& time) {
  CHECK(IsValid(time));
  return Value(ValueType::kLocalDateTime, time.nanos, time.epoch_second);
}
Value Value::Of(const graph::Time& time) {
  CHECK(IsValid(time));
  return Value(ValueType::kTime, time.offset_seconds, time.nanos_of_day);
}
Value Value::Of(const graph::DateTime& time) {
  CHECK(IsValid(time));
  return Boxed(ValueType::kDateTime, 0, time);
}
Value Value::Of(const graph::Duration& duration) {
  CHECK(IsValid(duration));
  return Boxed(ValueType::kDuration, 0, duration);
}
Value Value::Of(const graph::Point& point) {
  CHECK(IsValid(point));
  return Boxed(ValueType::kPoint, 0, point);
}
Value Value::Of(VertexId vertex) {
  CHECK(vertex.valid());
  return Value(ValueType::kVertex, 0, static_cast<int64_t>(vertex.value()));
}
Value Value::Of(const EdgeRef& edge) {
  CHECK(IsValid(edge));
  return Boxed(ValueType::kEdge, 0, edge);
}
Value Value::Of(graph::Path path) {
  CHECK(IsValid(path));
  return Boxed(ValueType::kPath, 0, std::move(path));
}

absl::Span<const Value> Value::list() const {
  return Expect(ValueType::kList).Unbox<std::vector<Value>>();
}
absl::Span<const MapEntry> Value::map() const {
  return Expect(ValueType::kMap).Unbox<std::vector<MapEntry>>();
}
const Value& Value::Get(std::string_view key) const {
  static const Value null;
  const absl::Span<const MapEntry> entries = map();
  const auto it =
      std::lower_bound(entries.begin(), entries.end(), key,
                       [](const MapEntry& e, std::string_view k) { return e.first < k; });
  return it != entries.end() && it->first == key ? it->second : null;
}
const DateTime& Value::date_time() const {
  return Expect(ValueType::kDateTime).Unbox<graph::DateTime>();
}
const Duration& Value::duration() const {
  return Expect(ValueType::kDuration).Unbox<graph::Duration>();
}
const Point& Value::point() const { return Expect(ValueType::kPoint).Unbox<graph::Point>(); }
const EdgeRef& Value::edge() const { return Expect(ValueType::kEdge).Unbox<EdgeRef>(); }
const Path& Value::path() const { return Expect(ValueType::kPath).Unbox<graph::Path>(); }

namespace {

absl::Status TooDeep() {
  return absl::ResourceExhaustedError(
      absl::StrCat("lists and maps may be nested at most ", kMaxValueDepth, " deep"));
}

bool IsScalarProperty(ValueType type) {
  switch (type) {
    case ValueType::kNull:
    case ValueType::kMap:
    case ValueType::kVertex:
    case ValueType::kEdge:
    case ValueType::kList:
    case ValueType::kPath:
      return false;
    default:
      return true;
  }
}

absl::Status CheckStorableList(absl::Span<const Value> list) {
  for (const Value& element : list) {
    if (!IsScalarProperty(element.type()) || element.type() == ValueType::kBytes) {
      return absl::InvalidArgumentError(absl::StrCat("a list that holds a ",
                                                     ToAbsl(TypeName(element.type())),
                                                     " cannot be stored in a property"));
    }
    const Value& first = list.front();
    const bool same = element.type() == first.type() || (element.is_number() && first.is_number());
    if (!same) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a list that holds both a ", ToAbsl(TypeName(first.type())), " and a ",
          ToAbsl(TypeName(element.type())), " cannot be stored in a property; use one type"));
    }
    if (element.type() == ValueType::kPoint && element.point().crs != first.point().crs) {
      return absl::InvalidArgumentError(
          "a list of points of different coordinate systems cannot be stored in a property");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Value> MakeList(std::vector<Value> elements) {
  for (const Value& element : elements) {
    if (element.depth() >= kMaxValueDepth) return TooDeep();
  }
  return Value::List(std::move(elements));
}

absl::StatusOr<Value> MakeMap(std::vector<MapEntry> entries) {
  for (const MapEntry& entry : entries) {
    if (entry.second.depth() >= kMaxValueDepth) return TooDeep();
  }
  return Value::Map(std::move(entries));
}

absl::Status CheckStorable(const Value& value) {
  if (value.is_null()) return absl::OkStatus();
  if (value.type() == ValueType::kList) {
    RETURN_IF_ERROR(CheckStorableList(value.list()));
  } else if (!IsScalarProperty(value.type())) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ", ToAbsl(TypeName(value.type())), " cannot be stored in a property"));
  }
  return CheckEncodable(value);
}

}  // namespace tidemark::graph
