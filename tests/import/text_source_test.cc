// SPDX-License-Identifier: Apache-2.0
#include "import/csv/text_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "base/status.h"
#include "env/posix_file_system.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

using ::testing::HasSubstr;

std::string Pack(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class TextSourceTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> ReadAll(const std::string& content, size_t piece_bytes) {
    ASSIGN_OR_RETURN(const auto source, TextSource::Open(&files_, folder_.Write("input", content)));
    std::string text;
    std::string piece(piece_bytes, '\0');
    for (;;) {
      ASSIGN_OR_RETURN(const size_t got, source->Read(piece.data(), piece.size()));
      text.append(piece, 0, got);
      if (got < piece.size()) break;
    }
    EXPECT_EQ(source->position_bytes(), content.size());
    return text;
  }

  env::PosixFileSystem files_;
  TemporaryFolder folder_;
};

std::string SomeText(size_t bytes) {
  std::string text;
  for (uint32_t i = 0; text.size() < bytes; ++i) text += std::to_string(i * 2654435761u) + ",\n";
  return text;
}

TEST_F(TextSourceTest, PlainAndPackedTextIsTheSameInPiecesOfAnySize) {
  const std::string text = SomeText(700'000);
  for (const size_t piece_bytes : {size_t{1000}, size_t{65536}, size_t{1} << 20}) {
    EXPECT_EQ(*ReadAll(text, piece_bytes), text);
    EXPECT_EQ(*ReadAll(Pack(text), piece_bytes), text);
    // Several packed files one behind the other are one, and zeroes may follow.
    const std::string twice = Pack(text) + Pack(text) + std::string(100, '\0');
    EXPECT_EQ(*ReadAll(twice, piece_bytes), text + text);
  }
  EXPECT_EQ(*ReadAll("", 10), "");
  EXPECT_EQ(*ReadAll(Pack(""), 10), "");
}

TEST_F(TextSourceTest, APackedFileThatIsCutOrDamagedIsNeverTakenForAShorterOne) {
  const std::string text = SomeText(2000);
  const std::string packed = Pack(text);
  for (size_t size = 2; size < packed.size(); ++size) {
    const absl::Status status = ReadAll(packed.substr(0, size), 1000).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << size;
    EXPECT_THAT(MessageOf(status), HasSubstr("ends early"));
  }
  // From the 11th byte on there is packed text, then its checksum and size. A few bits are filling.
  for (size_t at = 10; at < packed.size(); at += 7) {
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    const absl::StatusOr<std::string> read = ReadAll(damaged, 1000);
    if (read.ok()) {
      EXPECT_EQ(*read, text) << at;
    } else {
      EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << at;
    }
  }
  EXPECT_THAT(MessageOf(ReadAll(packed + "more", 1000).status()), HasSubstr("damaged"));
}

TEST_F(TextSourceTest, OtherPackingsAreNamed) {
  for (const std::string_view first : {"\x28\xb5\x2f\xfd", "BZh9", "PK\x03\x04"}) {
    const absl::Status status = ReadAll(std::string(first) + "rest", 100).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(MessageOf(status), HasSubstr("is packed with"));
  }
}

}  // namespace
}  // namespace tidemark::csv_import
