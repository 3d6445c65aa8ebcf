// SPDX-License-Identifier: Apache-2.0
#include "bolt/handshake.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

namespace tidemark::bolt {
namespace {

constexpr std::string_view kMagic("\x60\x60\xb0\x17", 4);
constexpr size_t kProposalBytes = 4;
constexpr size_t kProposalCount = 4;
constexpr size_t kOpeningBytes = kMagic.size() + kProposalCount * kProposalBytes;
constexpr std::string_view kManifest("\x00\x00\x01\xff", 4);
constexpr std::string_view kNoVersion("\x00\x00\x00\x00", 4);
constexpr size_t kMaxCapabilityBytes = 9;

void AppendRange(const VersionRange& range, std::string* out) {
  out->push_back(0);
  out->push_back(static_cast<char>(range.count - 1));
  out->push_back(static_cast<char>(range.last.minor_number));
  out->push_back(static_cast<char>(range.last.major_number));
}

// The best version of a proposal: zero, how many minor numbers below are meant too, minor, major.
std::optional<Version> BestOf(std::string_view proposal) {
  const auto byte = [proposal](size_t i) { return static_cast<uint8_t>(proposal[i]); };
  const uint8_t lowest = byte(2) - std::min(byte(1), byte(2));
  for (int minor = byte(2); minor >= lowest; --minor) {
    const Version version{byte(3), static_cast<uint8_t>(minor)};
    if (IsSpoken(version)) return version;
  }
  return std::nullopt;
}

void AppendManifest(std::string* out) {
  out->append(kManifest);
  out->push_back(static_cast<char>(kVersions.size()));
  for (const VersionRange& range : kVersions) AppendRange(range, out);
  out->push_back(0);  // no capabilities
}

}  // namespace

absl::Status Handshake::Consume(std::string_view* bytes, std::string* answer) {
  if (!manifest_sent_) {
    const size_t count = std::min(bytes->size(), kOpeningBytes - buffer_.size());
    buffer_.append(bytes->substr(0, count));
    bytes->remove_prefix(count);
    const size_t magic_bytes = std::min(buffer_.size(), kMagic.size());
    if (buffer_.compare(0, magic_bytes, kMagic.substr(0, magic_bytes)) != 0) {
      return absl::InvalidArgumentError("the client does not speak Bolt");
    }
    if (buffer_.size() < kOpeningBytes) return absl::OkStatus();
    const std::string opening = std::move(buffer_);
    buffer_.clear();
    const absl::Status status =
        ReadProposals(std::string_view(opening).substr(kMagic.size()), answer);
    if (!status.ok() || done_) return status;
  }
  return ReadChoice(bytes);
}

absl::Status Handshake::ReadProposals(std::string_view proposals, std::string* answer) {
  for (size_t i = 0; i < kProposalCount; ++i) {
    const std::string_view proposal = proposals.substr(i * kProposalBytes, kProposalBytes);
    if (proposal == kManifest) {
      AppendManifest(answer);
      manifest_sent_ = true;
      return absl::OkStatus();
    }
    if (const std::optional<Version> version = BestOf(proposal)) {
      AppendRange({.last = *version}, answer);
      version_ = *version;
      done_ = true;
      return absl::OkStatus();
    }
  }
  answer->append(kNoVersion);
  return absl::InvalidArgumentError(
      "the client speaks no version of Bolt that is served: 4.4, 5.0 to 5.4, 5.6 to 5.8");
}

// A version, then the capabilities that the client takes, of which there are none.
absl::Status Handshake::ReadChoice(std::string_view* bytes) {
  while (!bytes->empty()) {
    buffer_.push_back(bytes->front());
    bytes->remove_prefix(1);
    if (buffer_.size() <= kProposalBytes) continue;
    if ((static_cast<uint8_t>(buffer_.back()) & 0x80) != 0) {
      if (buffer_.size() < kProposalBytes + kMaxCapabilityBytes) continue;
      return absl::InvalidArgumentError("the client's choice of capabilities does not end");
    }
    version_ = {static_cast<uint8_t>(buffer_[3]), static_cast<uint8_t>(buffer_[2])};
    if (buffer_[0] != 0 || buffer_[1] != 0 || !IsSpoken(version_)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the client chose Bolt ", version_.major_number, ".", version_.minor_number,
                       ", which was not offered"));
    }
    done_ = true;
    buffer_.clear();
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace tidemark::bolt
