// SPDX-License-Identifier: Apache-2.0
#include "bolt/handshake.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tidemark::bolt {
namespace {

constexpr char kMagic[] = "6060b017";
constexpr char kManifestAnswer[] =
    "000001ff"
    "03"
    "00020805"
    "00040405"
    "00000404"
    "00";

struct Outcome {
  absl::Status status;
  std::string answer;
  Version version;
  size_t bytes_left = 0;
};

// A client that sends these bytes, one at a time or all at once.
Outcome Shake(const std::string& hex, bool one_by_one = false) {
  const std::string bytes = absl::HexStringToBytes(hex);
  Outcome outcome;
  Handshake handshake;
  std::string_view rest = bytes;
  while (!rest.empty() && !handshake.done() && outcome.status.ok()) {
    std::string_view piece = one_by_one ? rest.substr(0, 1) : rest;
    const size_t before = piece.size();
    outcome.status = handshake.Consume(&piece, &outcome.answer);
    rest.remove_prefix(before - piece.size());
  }
  outcome.answer = absl::BytesToHexString(outcome.answer);
  outcome.bytes_left = rest.size();
  if (handshake.done()) outcome.version = handshake.version();
  return outcome;
}

std::string Proposals(const std::string& first, const std::string& second = "00000000") {
  return absl::StrCat(kMagic, first, second, "0000000000000000");
}

TEST(HandshakeTest, EveryVersionAlone) {
  for (const Version version :
       {Version{4, 4}, {5, 0}, {5, 1}, {5, 2}, {5, 3}, {5, 4}, {5, 6}, {5, 7}, {5, 8}}) {
    const std::string proposal =
        absl::StrCat("0000", absl::Hex(version.minor_number, absl::kZeroPad2),
                     absl::Hex(version.major_number, absl::kZeroPad2));
    for (const bool one_by_one : {false, true}) {
      const Outcome outcome = Shake(Proposals(proposal), one_by_one);
      EXPECT_TRUE(outcome.status.ok()) << outcome.status;
      EXPECT_EQ(outcome.answer, proposal);
      EXPECT_EQ(outcome.version, version);
    }
  }
}

TEST(HandshakeTest, VersionsThatAreNotSpoken) {
  for (const char* proposal : {"00000505", "00000905", "00000006", "00000304", "00000003",
                               "00000001", "000000ff", "00000000"}) {
    const Outcome outcome = Shake(Proposals(proposal));
    EXPECT_TRUE(absl::IsInvalidArgument(outcome.status)) << proposal;
    EXPECT_EQ(outcome.answer, "00000000");
  }
}

TEST(HandshakeTest, OfARangeTheBestIsTaken) {
  EXPECT_EQ(Shake(Proposals("00080805")).version, (Version{5, 8}));
  EXPECT_EQ(Shake(Proposals("000f0f05")).version, (Version{5, 8}));
  EXPECT_EQ(Shake(Proposals("00050505")).version, (Version{5, 4}));  // never 5.5
  EXPECT_EQ(Shake(Proposals("00ff0405")).version, (Version{5, 4}));  // a range below zero
  EXPECT_EQ(Shake(Proposals("00020404")).version, (Version{4, 4}));
  EXPECT_EQ(Shake(Proposals("00020404")).answer, "00000404");
}

TEST(HandshakeTest, TheFirstProposalThatFitsWins) {
  EXPECT_EQ(Shake(Proposals("00000404", "00080805")).version, (Version{4, 4}));
  EXPECT_EQ(Shake(Proposals("00000006", "00030305")).version, (Version{5, 3}));
}

TEST(HandshakeTest, ManifestOffersEverythingAndTheClientChooses) {
  for (const bool one_by_one : {false, true}) {
    const Outcome outcome =
        Shake(absl::StrCat(Proposals("000001ff", "00080805"), "00000705", "00"), one_by_one);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(outcome.answer, kManifestAnswer);
    EXPECT_EQ(outcome.version, (Version{5, 7}));
  }
  // Capabilities may take several bytes; what follows is not touched.
  const Outcome outcome = Shake(absl::StrCat(Proposals("000001ff"), "00000404", "808001", "abcd"));
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.version, (Version{4, 4}));
  EXPECT_EQ(outcome.bytes_left, 2u);
}

TEST(HandshakeTest, ManifestWithABadChoice) {
  for (const char* choice :
       {"0000050500", "0000000000", "0001070500", "0100070500", "00000705ffffffffffffffffffff"}) {
    const Outcome outcome = Shake(absl::StrCat(Proposals("000001ff"), choice));
    EXPECT_TRUE(absl::IsInvalidArgument(outcome.status)) << choice;
  }
}

TEST(HandshakeTest, OtherProtocolsAreRefusedAtTheirFirstBytes) {
  for (const char* bytes : {"474554202f", "160301", "61", "6060b018"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Shake(bytes).status)) << bytes;
    EXPECT_EQ(Shake(bytes).answer, "");
  }
}

}  // namespace
}  // namespace tidemark::bolt
