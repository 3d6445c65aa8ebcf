// SPDX-License-Identifier: Apache-2.0
#include "graph/value_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/status.h"
#include "graph/value_order.h"
#include "tests/graph/random_values.h"

namespace tidemark::graph {
namespace {

// How a text reads back, or the error.
std::string Read(ValueType type, std::string_view text) {
  const auto value = ParseValue(type, text);
  if (!value.ok()) {
    EXPECT_EQ(value.status().code(), absl::StatusCode::kInvalidArgument);
    return "error: " + MessageOf(value.status());
  }
  return ToText(*value);
}

bool Refuses(ValueType type, std::string_view text) {
  return Read(type, text).substr(0, 7) == "error: ";
}

TEST(ValueTextTest, Numbers) {
  EXPECT_EQ(Read(ValueType::kInteger, " -42 "), "-42");
  EXPECT_EQ(Read(ValueType::kInteger, "+7"), "7");
  EXPECT_EQ(Read(ValueType::kInteger, "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Read(ValueType::kInteger, "9223372036854775808"),
            "error: \"9223372036854775808\" is not an integer: out of range");
  for (const char* text : {"", " ", "1.0", "0x10", "+-1", "1 2", "-", "+"}) {
    EXPECT_TRUE(Refuses(ValueType::kInteger, text)) << text;
  }
  EXPECT_EQ(Read(ValueType::kFloat, "1"), "1.0");
  EXPECT_EQ(Read(ValueType::kFloat, "-1.25e3"), "-1250.0");
  EXPECT_EQ(Read(ValueType::kFloat, "1e300"), "1e+300");
  EXPECT_EQ(Read(ValueType::kFloat, "NaN"), "NaN");
  EXPECT_EQ(Read(ValueType::kFloat, "-Infinity"), "-Infinity");
  EXPECT_EQ(Read(ValueType::kFloat, "-0.0"), "-0.0");
  // What is too small to be told from zero is zero; what is too large is no number.
  EXPECT_EQ(Read(ValueType::kFloat, "1e-400"), "0.0");
  EXPECT_EQ(Read(ValueType::kFloat, "-1e-400"), "-0.0");
  EXPECT_EQ(Read(ValueType::kFloat, "4.9e-324"), "5e-324");
  EXPECT_EQ(Read(ValueType::kFloat, "3.2e-310"), "3.2e-310");
  for (const char* text : {"", "1,5", "1.5x", "1e999", "-1e999", "1e-400x", "--1"}) {
    EXPECT_TRUE(Refuses(ValueType::kFloat, text)) << text;
  }
  EXPECT_EQ(Read(ValueType::kBoolean, "TRUE"), "true");
  EXPECT_EQ(Read(ValueType::kBoolean, "yes"),
            "error: \"yes\" is not a boolean: expected true or false");
}

TEST(ValueTextTest, Dates) {
  const std::pair<const char*, const char*> kRead[] = {{"2015-07-21", "2015-07-21"},
                                                       {"20150721", "2015-07-21"},
                                                       {"2015-07", "2015-07-01"},
                                                       {"201507", "2015-07-01"},
                                                       {"2015-W30-2", "2015-07-21"},
                                                       {"2015W302", "2015-07-21"},
                                                       {"2015-W30", "2015-07-20"},
                                                       {"2015W30", "2015-07-20"},
                                                       {"2015-Q2-60", "2015-05-30"},
                                                       {"2015-Q2", "2015-04-01"},
                                                       {"2015-202", "2015-07-21"},
                                                       {"2015202", "2015-07-21"},
                                                       {"2015", "2015-01-01"},
                                                       {"2016-366", "2016-12-31"},
                                                       {"1985-W01-1", "1984-12-31"},
                                                       {"2020-W53-7", "2021-01-03"},
                                                       {"2000-02-29", "2000-02-29"},
                                                       {"-0044-03-15", "-0044-03-15"},
                                                       {"+12015-07-21", "+12015-07-21"},
                                                       {"-999999999-01-01", "-999999999-01-01"},
                                                       {"+999999999-12-31", "+999999999-12-31"}};
  for (const auto& [text, expected] : kRead) {
    EXPECT_EQ(Read(ValueType::kDate, text), "date(\"" + std::string(expected) + "\")") << text;
  }
  for (const char* text :
       {"",          "2015-13-01",  "2015-00-01",  "2015-02-29",        "1900-02-29",
        "2015-W54",  "2014-W53-1",  "2015-W30-8",  "2015-Q5",           "2015-Q2-92",
        "2015-366",  "2015-000",    "15-07-21",    "2015-7-21",         "2015-07-2",
        "2015-0721", "2015-07-21T", "2015-07-21x", "+1000000000-01-01", "2015-",
        "20150",     "99999-01-01", "2015/07/21"}) {
    EXPECT_TRUE(Refuses(ValueType::kDate, text)) << text;
  }
  EXPECT_EQ(Read(ValueType::kDate, "2015-02-29"),
            "error: \"2015-02-29\" is not a date: the month does not have this day");
}

TEST(ValueTextTest, TimesOfDay) {
  const std::pair<const char*, const char*> kRead[] = {
      {"21:40:32.142", "21:40:32.142Z"},
      {"214032.142", "21:40:32.142Z"},
      {"21:40", "21:40Z"},
      {"2140", "21:40Z"},
      {"21", "21:00Z"},
      {"21:40:00", "21:40Z"},
      {"21:40-01:30", "21:40-01:30"},
      {"21:40+18:00", "21:40+18:00"},
      {"2140-0130", "21:40-01:30"},
      {"21+01", "21:00+01:00"},
      {"12:00:00.5Z", "12:00:00.500Z"},
      {"12:00:00,000000001", "12:00:00.000000001Z"},
      {"12:00+00:53:28", "12:00+00:53:28"}};
  for (const auto& [text, expected] : kRead) {
    EXPECT_EQ(Read(ValueType::kTime, text), "time(\"" + std::string(expected) + "\")") << text;
  }
  for (const char* text : {"", "24:00", "21:60", "21:40:60", "2:40", "21:4", "21:40:32.", "21:40 Z",
                           "21:40:32.1234567890", "214:0", "2140:32", "21:4032", "21:40+18:01",
                           "21:40+1", "21:40[Europe/Berlin]", "2140321"}) {
    EXPECT_TRUE(Refuses(ValueType::kTime, text)) << text;
  }
  EXPECT_EQ(Read(ValueType::kLocalTime, "21:40:32.14"), "localtime(\"21:40:32.140\")");
  EXPECT_TRUE(Refuses(ValueType::kLocalTime, "21:40Z"));
}

TEST(ValueTextTest, PointsInTime) {
  EXPECT_EQ(Read(ValueType::kLocalDateTime, "2015-W30-2T214032.142"),
            "localdatetime(\"2015-07-21T21:40:32.142\")");
  EXPECT_EQ(Read(ValueType::kLocalDateTime, "1969-12-31T23:59:59"),
            "localdatetime(\"1969-12-31T23:59:59\")");
  EXPECT_TRUE(Refuses(ValueType::kLocalDateTime, "2015-07-21T21:40Z"));
  EXPECT_TRUE(Refuses(ValueType::kLocalDateTime, "2015-07-21T"));
  const std::pair<const char*, const char*> kRead[] = {
      {"2015-07-21T21:40:32.142+0100", "2015-07-21T21:40:32.142+01:00"},
      {"2015-07-21T21:40", "2015-07-21T21:40Z"},
      {"2015-07-21T21:40[Europe/London]", "2015-07-21T21:40+01:00[Europe/London]"},
      {"2015-01-21T21:40[Europe/London]", "2015-01-21T21:40Z[Europe/London]"},
      {"1818-07-21T21:40:32.142[Europe/Berlin]", "1818-07-21T21:40:32.142+00:53:28[Europe/Berlin]"},
      // Twice: the first; with an offset, the one that is meant. In a gap: the offset before it.
      {"2020-10-25T02:30[Europe/Berlin]", "2020-10-25T02:30+02:00[Europe/Berlin]"},
      {"2020-10-25T02:30+01:00[Europe/Berlin]", "2020-10-25T02:30+01:00[Europe/Berlin]"},
      {"2020-03-29T02:30[Europe/Berlin]", "2020-03-29T02:30+01:00[Europe/Berlin]"}};
  for (const auto& [text, expected] : kRead) {
    EXPECT_EQ(Read(ValueType::kDateTime, text), "datetime(\"" + std::string(expected) + "\")");
  }
  for (const char* text :
       {"2015-07-21T21:40+02:00[Europe/London]", "2015-07-21T21:40[Nowhere/Land]",
        "2015-07-21T21:40[/etc/localtime]", "2015-07-21T21:40[../x]", "2015-07-21T21:40[localtime]",
        "2015-07-21T21:40[]", "2015-07-21T21:40[UTC", "2015-07-21T21:40[UTC]x",
        "-999999999-01-01T00:00+x", ""}) {
    EXPECT_TRUE(Refuses(ValueType::kDateTime, text)) << text;
  }
}

TEST(ValueTextTest, Durations) {
  const std::pair<const char*, const char*> kRead[] = {
      {"P14DT16H12M", "P14DT16H12M"},
      {"P5M1.5D", "P5M1DT12H"},
      {"P0.75M", "P22DT19H51M49.5S"},
      {"PT0.75M", "PT45S"},
      {"P2.5W", "P17DT12H"},
      {"P12Y5M14DT16H12M70S", "P12Y5M14DT16H13M10S"},
      {"P2012-02-02T14:37:21.545", "P2012Y2M2DT14H37M21.545S"},
      {"PT-0.5S", "PT-0.5S"},
      {"-P1Y", "P-1Y"},
      {"P-14M", "P-1Y-2M"},
      {"P1DT-1H", "P1DT-1H"},
      {"PT-1M0.000000001S", "PT-59.999999999S"},
      {"P0D", "PT0S"},
      {"P1.5Y", "P1Y6M"}};
  for (const auto& [text, expected] : kRead) {
    EXPECT_EQ(Read(ValueType::kDuration, text), "duration(\"" + std::string(expected) + "\")")
        << text;
  }
  for (const char* text : {"",
                           "P",
                           "PT",
                           "P1",
                           "P1H",
                           "PT1D",
                           "P1D1Y",
                           "P1YT",
                           "1Y",
                           "P1.Y",
                           "P1Y1Y",
                           "P1X",
                           "P99999999999999999999Y",
                           "P999999999999999999Y",
                           "PT1S1M",
                           "P1T",
                           "P1DT1M1H",
                           "P2012-02-02T25:00",
                           "P2012-02",
                           "P1T1S",
                           "P1h"}) {
    EXPECT_TRUE(Refuses(ValueType::kDuration, text)) << text;
  }
}

TEST(ValueTextTest, Points) {
  const std::pair<const char*, const char*> kRead[] = {
      {"{x:1,y:2}", "point({x: 1.0, y: 2.0, crs: \"cartesian\"})"},
      {" { X : 1 , Y : 2.5 , z: -3 } ", "point({x: 1.0, y: 2.5, z: -3.0, crs: \"cartesian-3D\"})"},
      {"{latitude:56.7, longitude:12.8}", "point({x: 12.8, y: 56.7, crs: \"WGS-84\"})"},
      {"{latitude:56.7, longitude:12.8, height:8}",
       "point({x: 12.8, y: 56.7, z: 8.0, crs: \"WGS-84-3D\"})"},
      {"{x:1,y:2,crs:'wgs-84'}", "point({x: 1.0, y: 2.0, crs: \"WGS-84\"})"},
      {"point({x:1,y:2,srid:4326})", "point({x: 1.0, y: 2.0, crs: \"WGS-84\"})"}};
  for (const auto& [text, expected] : kRead) EXPECT_EQ(Read(ValueType::kPoint, text), expected);
  for (const char* text :
       {"", "{}", "{x:1}", "{x:1,y:2", "{x:1,y:2}}", "{x:1,y:b}", "{x:1,y:NaN}", "{x:1,x:2,y:3}",
        "{x:1,latitude:2}", "{x:1,y:2,z:3,crs:cartesian}", "{x:1,y:2,crs:cartesian-3D}",
        "{x:1,y:2,crs:mars}", "{x:1,y:2,srid:1}", "{latitude:91,longitude:0}", "{x:1;y:2}",
        "{latitude:1,longitude:2,crs:cartesian}", "{x:1,y:2,crs:wgs-84,srid:7203}", "point{x:1}",
        "{x:1,y:2,q:3}"}) {
    EXPECT_TRUE(Refuses(ValueType::kPoint, text)) << text;
  }
}

TEST(ValueTextTest, EveryScalarReadsBack) {
  RandomValues random(11);
  for (int i = 0; i < 50'000; ++i) {
    const Value value = random.Scalar();
    // A random zone with a random offset is not a point in time of that zone.
    if (value.type() == ValueType::kDateTime && !value.date_time().zone.empty()) continue;
    if (value.type() == ValueType::kString) continue;
    std::string text = ToText(value);
    const size_t quote = text.find('"');
    if (value.type() != ValueType::kPoint && quote != std::string::npos) {
      text = text.substr(quote + 1, text.size() - quote - 3);
    }
    const auto back = ParseValue(value.type(), text);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(Compare(*back, value), 0) << text;
  }
}

TEST(ValueTextTest, DamagedTextNeverDies) {
  RandomValues random(12);
  for (int i = 0; i < 50'000; ++i) {
    const Value value = random.Scalar();
    if (value.type() == ValueType::kString) continue;
    std::string text = ToText(value);
    const size_t quote = text.find('"');
    if (value.type() != ValueType::kPoint && quote != std::string::npos) {
      text = text.substr(quote + 1, text.size() - quote - 3);
    }
    text = random.Damage(text);
    const auto back = ParseValue(value.type(), text);
    // What is accepted has one text.
    if (back.ok()) {
      ASSERT_EQ(back->type(), value.type());
    }
  }
}

TEST(ValueTextTest, ShowsEveryType) {
  const VertexId vertex(SlotId(4), 1);
  const VertexId other(SlotId(9), 7);
  const EdgeRef edge{EdgeId(SlotId(9), 3), other, vertex, TypeId(2)};
  const Value map = Value::Map({{"a", Value()}, {"b c", Value::Boolean(true)}, {"`", Value()}});
  EXPECT_EQ(ToText(map), "{````: null, a: null, `b c`: true}");
  EXPECT_EQ(ToText(Value::String("a\"\\\n\x01ß")), "\"a\\\"\\\\\\n\\u0001ß\"");
  EXPECT_EQ(ToText(Value::Bytes(std::string_view("\0\xff", 2))), "bytes(\"00ff\")");
  EXPECT_EQ(ToText(Value::Of(Path{{vertex, other}, {edge}})), "(4:1)<-[9:3]-(9:7)");
  EXPECT_EQ(ToText(Value::List({Value::Of(vertex), Value::Of(edge)})), "[(4:1), [9:3]]");
}

TEST(ValueTextTest, LongTextIsCut) {
  const std::vector<Value> many(1000, Value::Integer(1));
  EXPECT_EQ(ToText(Value::List(many), 8), "[1, 1, 1, ...]");
  EXPECT_EQ(ToText(Value::String("ßßßß"), 3), "\"ßß...\"");
  const std::string message = Read(ValueType::kInteger, std::string(10'000, 'x'));
  EXPECT_LT(message.size(), 200u);
}

TEST(ValueTextTest, DefaultsFillInWhatATextLeavesOut) {
  const auto read = [](ValueType type, std::string_view text, const TextDefaults& defaults) {
    const absl::StatusOr<Value> value = ParseValue(type, text, defaults);
    return value.ok() ? ToText(*value) : MessageOf(value.status());
  };
  TextDefaults offset;
  ASSERT_TRUE(SetDefaultZone("+02:00", &offset).ok());
  EXPECT_EQ(read(ValueType::kTime, "12:00", offset), "time(\"12:00+02:00\")");
  EXPECT_EQ(read(ValueType::kTime, "12:00Z", offset), "time(\"12:00Z\")");
  EXPECT_EQ(read(ValueType::kDateTime, "2015-07-21T12:00", offset),
            "datetime(\"2015-07-21T12:00+02:00\")");
  EXPECT_EQ(read(ValueType::kDateTime, "2015-07-21T12:00-01:00", offset),
            "datetime(\"2015-07-21T12:00-01:00\")");
  TextDefaults zone;
  ASSERT_TRUE(SetDefaultZone("Europe/Stockholm", &zone).ok());
  EXPECT_EQ(read(ValueType::kDateTime, "2015-07-21T12:00", zone),
            "datetime(\"2015-07-21T12:00+02:00[Europe/Stockholm]\")");
  EXPECT_EQ(read(ValueType::kDateTime, "2015-01-21T12:00", zone),
            "datetime(\"2015-01-21T12:00+01:00[Europe/Stockholm]\")");
  EXPECT_EQ(read(ValueType::kDateTime, "2015-01-21T12:00[Asia/Tokyo]", zone),
            "datetime(\"2015-01-21T12:00+09:00[Asia/Tokyo]\")");
  for (const char* text : {"", "Mars/Olympus", "+25:00", "+02:00x", "2"}) {
    TextDefaults none;
    EXPECT_FALSE(SetDefaultZone(text, &none).ok()) << text;
  }
  TextDefaults system;
  system.crs = *ParseCrs("wgs-84");
  EXPECT_EQ(read(ValueType::kPoint, "{x: 1, y: 2}", system),
            "point({x: 1.0, y: 2.0, crs: \"WGS-84\"})");
  EXPECT_EQ(read(ValueType::kPoint, "{x: 1, y: 2, crs: cartesian}", system),
            "point({x: 1.0, y: 2.0, crs: \"cartesian\"})");
  EXPECT_FALSE(ParseCrs("mars").ok());
}

}  // namespace
}  // namespace tidemark::graph
