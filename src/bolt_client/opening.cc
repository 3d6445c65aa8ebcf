// SPDX-License-Identifier: Apache-2.0
// The first bytes of a connection: which version of Bolt both sides speak.
#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt_client/connection.h"

namespace tidemark::bolt_client {
namespace {

// The manifest; and for servers that do not know it 5.8 to 5.0 but 5.5, and 4.4.
constexpr std::string_view kOpening(
    "\x60\x60\xb0\x17"
    "\x00\x00\x01\xff"
    "\x00\x02\x08\x05"
    "\x00\x04\x04\x05"
    "\x00\x00\x04\x04",
    20);
constexpr std::string_view kManifest("\x00\x00\x01\xff", 4);
constexpr size_t kProposalBytes = 4;
constexpr int kMaxVarintBytes = 9;

uint8_t ByteOf(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

}  // namespace

absl::Status Connection::ReadBytes(size_t count, const Patience& patience, std::string* bytes) {
  bytes->resize(count);
  for (size_t done = 0; done < count;) {
    ASSIGN_OR_RETURN(const size_t part,
                     socket_->Read(bytes->data() + done, count - done, patience));
    done += part;
  }
  return absl::OkStatus();
}

absl::Status Connection::ShakeHands(const Patience& patience) {
  RETURN_IF_ERROR(socket_->Write(kOpening, patience));
  std::string answer;
  RETURN_IF_ERROR(ReadBytes(kProposalBytes, patience, &answer));
  if (answer == kManifest) return ChooseFromManifest(patience);
  if (answer == "HTTP") {
    return absl::FailedPreconditionError("it speaks HTTP there; give the address of its Bolt port");
  }
  version_ = {ByteOf(answer, 3), ByteOf(answer, 2)};
  if (bolt::IsSpoken(version_)) return absl::OkStatus();
  version_ = {};
  return absl::FailedPreconditionError(
      "the server speaks none of the versions of Bolt 4.4, 5.0 to 5.4 and 5.6 to 5.8");
}

// The server's ranges of versions, and its capabilities, of which none is taken.
absl::Status Connection::ChooseFromManifest(const Patience& patience) {
  std::string bytes;
  RETURN_IF_ERROR(ReadBytes(1, patience, &bytes));
  const int range_count = ByteOf(bytes, 0) & 0x7f;
  bolt::Version best;
  for (int i = 0; i < range_count; ++i) {
    RETURN_IF_ERROR(ReadBytes(kProposalBytes, patience, &bytes));
    const int last = ByteOf(bytes, 2);
    for (int minor = last; minor >= std::max(0, last - ByteOf(bytes, 1)); --minor) {
      const bolt::Version version{ByteOf(bytes, 3), static_cast<uint8_t>(minor)};
      if (bolt::IsSpoken(version)) best = std::max(best, version);
    }
  }
  for (int i = 0; i < kMaxVarintBytes; ++i) {
    RETURN_IF_ERROR(ReadBytes(1, patience, &bytes));
    if ((ByteOf(bytes, 0) & 0x80) == 0) break;
  }
  if (best == bolt::Version{}) {
    return absl::FailedPreconditionError(
        "the server speaks none of the versions of Bolt 4.4, 5.0 to 5.4 and 5.6 to 5.8");
  }
  const char choice[] = {0, 0, static_cast<char>(best.minor_number),
                         static_cast<char>(best.major_number), 0};
  version_ = best;
  return socket_->Write({choice, sizeof choice}, patience);
}

}  // namespace tidemark::bolt_client
