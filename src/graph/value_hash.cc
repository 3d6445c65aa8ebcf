// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "base/checksum.h"
#include "graph/value_order.h"

namespace tidemark::graph {
namespace {

// Finalizer of SplitMix64.
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Builds one number out of several, in their order. Owner: one call. Threads: one.
class Hasher {
 public:
  explicit Hasher(ValueType type) : state_(static_cast<uint64_t>(type) * 0x9e3779b97f4a7c15) {}
  Hasher& Add(uint64_t part) {
    state_ = Mix(state_ + part + 0x9e3779b97f4a7c15);
    return *this;
  }
  Hasher& AddSigned(int64_t part) { return Add(static_cast<uint64_t>(part)); }
  Hasher& AddText(std::string_view text) { return Add(Checksum64(text)); }
  uint64_t result() const { return state_; }

 private:
  uint64_t state_;
};

uint64_t HashPoint(const Point& point) {
  Hasher hasher(ValueType::kPoint);
  hasher.Add(static_cast<uint64_t>(point.crs));
  for (double c : point.coordinates) hasher.Add(std::bit_cast<uint64_t>(c == 0 ? 0.0 : c));
  return hasher.result();
}

uint64_t HashList(absl::Span<const Value> list) {
  Hasher hasher(ValueType::kList);
  for (const Value& element : list) hasher.Add(HashValue(element));
  return hasher.Add(list.size()).result();
}

uint64_t HashMap(absl::Span<const MapEntry> map) {
  Hasher hasher(ValueType::kMap);
  for (const auto& [key, value] : map) hasher.AddText(key).Add(HashValue(value));
  return hasher.Add(map.size()).result();
}

uint64_t HashPath(const Path& path) {
  Hasher hasher(ValueType::kPath);
  for (VertexId vertex : path.vertices) hasher.Add(vertex.value());
  for (const EdgeRef& edge : path.edges) hasher.Add(edge.edge.value());
  return hasher.result();
}

uint64_t HashDateTime(const DateTime& t) {
  Hasher hasher(ValueType::kDateTime);
  hasher.AddSigned(t.epoch_second).AddSigned(t.nanos).AddSigned(t.offset_seconds);
  return hasher.AddText(t.zone).result();
}

uint64_t HashDuration(const Duration& d) {
  Hasher hasher(ValueType::kDuration);
  hasher.AddSigned(d.months).AddSigned(d.days).AddSigned(d.seconds).AddSigned(d.nanos);
  return hasher.result();
}

}  // namespace

uint64_t HashNull() { return Hasher(ValueType::kNull).Add(0).result(); }

uint64_t HashBoolean(bool value) { return Hasher(ValueType::kBoolean).Add(value ? 1 : 0).result(); }

uint64_t HashInteger(int64_t value) {
  return Hasher(ValueType::kInteger).AddSigned(value).result();
}

// A float that is a 64-bit integer hashes as that integer.
uint64_t HashFloat(double value) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (value >= -kTwoTo63 && value < kTwoTo63) {
    const auto whole = static_cast<int64_t>(value);
    if (static_cast<double>(whole) == value) return HashInteger(whole);
  }
  const uint64_t bits = std::isnan(value) ? ~uint64_t{0} : std::bit_cast<uint64_t>(value);
  return Hasher(ValueType::kFloat).Add(bits).result();
}

uint64_t HashText(std::string_view text) {
  return Hasher(ValueType::kString).AddText(text).result();
}

uint64_t HashVertex(VertexId vertex) {
  return Hasher(ValueType::kVertex).Add(vertex.value()).result();
}

uint64_t HashEdge(EdgeId edge) { return Hasher(ValueType::kEdge).Add(edge.value()).result(); }

uint64_t HashValue(const Value& value) {
  Hasher hasher(value.type());
  switch (value.type()) {
    case ValueType::kNull:
      return HashNull();
    case ValueType::kBoolean:
      return HashBoolean(value.boolean());
    case ValueType::kInteger:
      return HashInteger(value.integer());
    case ValueType::kFloat:
      return HashFloat(value.real());
    case ValueType::kString:
      return HashText(value.string());
    case ValueType::kBytes:
      return hasher.AddText(value.bytes()).result();
    case ValueType::kList:
      return HashList(value.list());
    case ValueType::kMap:
      return HashMap(value.map());
    case ValueType::kDate:
      return hasher.AddSigned(value.date().epoch_day).result();
    case ValueType::kLocalTime:
      return hasher.AddSigned(value.local_time().nanos_of_day).result();
    case ValueType::kTime:
      hasher.AddSigned(value.time().nanos_of_day).AddSigned(value.time().offset_seconds);
      return hasher.result();
    case ValueType::kLocalDateTime:
      hasher.AddSigned(value.local_date_time().epoch_second);
      return hasher.AddSigned(value.local_date_time().nanos).result();
    case ValueType::kDateTime:
      return HashDateTime(value.date_time());
    case ValueType::kDuration:
      return HashDuration(value.duration());
    case ValueType::kPoint:
      return HashPoint(value.point());
    case ValueType::kVertex:
      return HashVertex(value.vertex());
    case ValueType::kEdge:
      return HashEdge(value.edge().edge);
    case ValueType::kPath:
      return HashPath(value.path());
  }
  return 0;
}

}  // namespace tidemark::graph
