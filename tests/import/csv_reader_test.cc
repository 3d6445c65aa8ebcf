// SPDX-License-Identifier: Apache-2.0
#include "import/csv/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "env/posix_file_system.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CsvReaderTest : public ::testing::Test {
 protected:
  std::unique_ptr<CsvReader> Open(std::string_view content, CsvFormat format = {}) {
    auto reader = CsvReader::Open(&files_, folder_.Write("a.csv", content), format);
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }
  // "line: a|b" for good rows, "line! problem" for bad ones; quoted fields in brackets.
  std::vector<std::string> Rows(CsvReader* reader) {
    std::vector<std::string> rows;
    for (;;) {
      const auto row = reader->Next();
      EXPECT_TRUE(row.ok()) << row.status();
      if (!row.ok() || *row == CsvReader::Row::kEnd) return rows;
      std::string text = std::to_string(reader->line());
      if (*row == CsvReader::Row::kBad) {
        rows.push_back(text + "! " + reader->problem());
        continue;
      }
      text += ": ";
      for (const CsvField& field : reader->fields()) {
        if (text.back() != ' ') text += "|";
        text += field.quoted ? "[" + std::string(field.text) + "]" : std::string(field.text);
      }
      rows.push_back(text);
    }
  }
  std::vector<std::string> Rows(std::string_view content, CsvFormat format = {}) {
    const auto reader = Open(content, format);
    return Rows(reader.get());
  }

  env::PosixFileSystem files_;
  TemporaryFolder folder_;
};

TEST_F(CsvReaderTest, FieldsQuotesAndLineEnds) {
  EXPECT_THAT(Rows("a,b\r\nc,\"d,e\"\n\"f \"\"g\"\"\",h"),
              ElementsAre("1: a|b", "2: c|[d,e]", "3: [f \"g\"]|h"));
  EXPECT_THAT(Rows("a b|\"x\n", {.delimiter = '|', .quote = '\0'}), ElementsAre("1: a b|\"x"));
  EXPECT_THAT(Rows("\xef\xbb\xbfx\n"), ElementsAre("1: x"));
  EXPECT_THAT(Rows("a\rb\n"), ElementsAre("1: a\rb"));
  EXPECT_THAT(Rows("it's \"fine\"\n"), ElementsAre("1: it's \"fine\""));
}

TEST_F(CsvReaderTest, LinesMayEndWithACarriageReturnAlone) {
  EXPECT_THAT(Rows("id:ID,text\r1,one\r2,two\r"),
              ElementsAre("1: id:ID|text", "2: 1|one", "3: 2|two"));
  EXPECT_THAT(Rows("a,\"b\rc\"\r\rd,e"), ElementsAre("1: a|[b\rc]", "4: d|e"));
  EXPECT_THAT(Rows("a\r"), ElementsAre("1: a"));
  // Where there is a line feed, a carriage return alone is text.
  EXPECT_THAT(Rows("a\nb\rc\n"), ElementsAre("1: a", "2: b\rc"));
  const auto reader = Open("a\rb\rc\r");
  ASSERT_TRUE(reader->SkipLines(1).ok());
  EXPECT_THAT(Rows(reader.get()), ElementsAre("2: b", "3: c"));
}

TEST_F(CsvReaderTest, OtherEncodingsAreNamed) {
  for (const std::string_view mark : {"\xff\xfe", "\xfe\xff"}) {
    const auto reader = CsvReader::Open(
        &files_, folder_.Write("a.csv", std::string(mark) + std::string("i\0d\0", 4)), {});
    EXPECT_EQ(reader.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(reader.status()), HasSubstr("UTF-16"));
    EXPECT_THAT(MessageOf(reader.status()), HasSubstr("convert it to UTF-8"));
  }
}

TEST_F(CsvReaderTest, LinesAreCountedThroughQuotesAndEmptyLines) {
  EXPECT_THAT(Rows("\n\"a\nb\"\n\r\nc\n"), ElementsAre("2: [a\nb]", "5: c"));
  EXPECT_THAT(Rows(""), ElementsAre());
  EXPECT_THAT(Rows("\n\n"), ElementsAre());
}

TEST_F(CsvReaderTest, EmptyFieldsAndEmptyQuotesDiffer) {
  const auto reader = Open(",\"\",\n");
  ASSERT_EQ(*reader->Next(), CsvReader::Row::kGood);
  ASSERT_EQ(reader->fields().size(), 3u);
  EXPECT_FALSE(reader->fields()[0].quoted);
  EXPECT_TRUE(reader->fields()[1].quoted);
  EXPECT_EQ(reader->fields()[1].text, "");
}

TEST_F(CsvReaderTest, BadRowsAreNamedAndReadingGoesOn) {
  EXPECT_THAT(Rows("a\n\"b\"c,d\ne\n"),
              ElementsAre("1: a", "2! text behind a closing quote", "3: e"));
  EXPECT_THAT(Rows("a\n\"b\nc\n"), ElementsAre("1: a", "2! a quote is not closed"));
}

TEST_F(CsvReaderTest, SkipLines) {
  auto reader = Open("head\nsecond\na\n");
  ASSERT_TRUE(reader->SkipLines(2).ok());
  EXPECT_THAT(Rows(reader.get()), ElementsAre("3: a"));
  reader = Open("head");
  ASSERT_TRUE(reader->SkipLines(2).ok());
  EXPECT_THAT(Rows(reader.get()), ElementsAre());
}

TEST_F(CsvReaderTest, RowsOfEveryLengthAcrossBlockBoundaries) {
  // Around one block, with every kind of byte at the boundary.
  for (const std::string_view tail : {"\n", "\r\n", ",x\r\n", "\",\"\"\"\"\n", "\"\r\nlast\r\n"}) {
    for (size_t gap = 0; gap < 4; ++gap) {
      const std::string long_text(kCsvBlockBytes - gap, 'x');
      const bool quoted = tail.front() == '"';
      const std::string content = (quoted ? "\"" : "") + long_text + std::string(tail);
      const std::vector<std::string> rows = Rows(content);
      ASSERT_FALSE(rows.empty());
      ASSERT_EQ(rows.front().find('!'), std::string::npos);
      EXPECT_TRUE(rows.front().starts_with("1: " + std::string(quoted ? "[" : "") + long_text));
      EXPECT_EQ(rows.size(), tail.find("last") == std::string_view::npos ? 1u : 2u);
    }
  }
}

TEST_F(CsvReaderTest, LongRowsAreRefused) {
  std::string content = "\"";
  content.append(kMaxCsvRowBytes + 2 * kCsvBlockBytes, 'x');
  const std::vector<std::string> rows = Rows(content + "\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].starts_with("1! the row has more than"));
}

TEST_F(CsvReaderTest, PositionReachesTheSize) {
  const auto reader = Open("a\nb\n");
  ASSERT_TRUE(reader->Next().ok());
  EXPECT_EQ(reader->text_bytes(), 2u);
  Rows(reader.get());
  EXPECT_EQ(reader->text_bytes(), 4u);
}

TEST_F(CsvReaderTest, AMissingFileIsNamed) {
  const auto reader = CsvReader::Open(&files_, folder_.path() + "/none.csv", {});
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(reader.status().ToString().find("none.csv"), std::string::npos);
}

}  // namespace
}  // namespace tidemark::csv_import
