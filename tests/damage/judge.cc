// SPDX-License-Identifier: Apache-2.0
#include "tests/damage/judge.h"

#include <charconv>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/status.h"
#include "tests/damage/test_cluster.h"
#include "tools/verify/verifier.h"

namespace tidemark::damage {
namespace {

struct StartResult {
  bool opened = false;
  std::string state;
  std::string refusal;
};

StartResult Start(const DataDirectory& directory, const Image& image) {
  TestCluster cluster(directory.options);
  cluster.Fill(image);
  cluster.StartAll();
  StartResult result;
  result.opened = cluster.WaitForOpen();
  if (result.opened) result.state = cluster.State();
  result.refusal = absl::StrJoin(cluster.deaths(), "; ");
  return result;
}

struct VerifyResult {
  std::string found;
  std::string graph_digest;
  uint64_t watermark = 0;
};

VerifyResult Verify(const Image& image) {
  ImageFiles files(&image);
  const absl::StatusOr<tools::VerifyReport> report = tools::VerifyPath(&files, "");
  if (!report.ok()) return {MessageOf(report.status()), "", 0};
  return {absl::StrJoin(report->errors, "; "), report->graph_digest, report->watermark};
}

// The number behind "<path>, offset ", the first one.
std::optional<uint64_t> OffsetIn(const std::string& message, const std::string& path) {
  const std::string head = path + ", offset ";
  const size_t at = message.find(head);
  if (at == std::string::npos) return std::nullopt;
  uint64_t value = 0;
  const char* begin = message.data() + at + head.size();
  if (std::from_chars(begin, message.data() + message.size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Judge::Judge(const DataDirectory* directory) : directory_(directory) {
  const StartResult start = Start(*directory, directory->image);
  CHECK(start.opened) << start.refusal;
  states_.insert(start.state);
  if (directory->options.coordinator.recovery_point == txn::RecoveryPoint::kLongest) {
    CHECK(start.state == directory->prefixes.back());
    states_.insert(directory->prefixes.begin(), directory->prefixes.end());
  }
  const VerifyResult verify = Verify(directory->image);
  CHECK(verify.found.empty()) << verify.found;
  graph_digest_ = verify.graph_digest;
  watermark_ = verify.watermark;
  for (const auto& [path, content] : directory->image) {
    pieces_[path] = PiecesOf(directory->image, path);
  }
}

// A flip is to be named by its file and the piece it hit, a truncation by its file and a place that
// is not behind it.
std::string Judge::CheckMessage(const DamageCase& damage, const std::string& message) const {
  if (damage.kind != DamageKind::kFlip && damage.kind != DamageKind::kTruncate) return "";
  const std::optional<uint64_t> offset = OffsetIn(message, damage.path);
  if (!offset.has_value()) return "names no file and offset: " + message;
  if (*offset > damage.offset) return "names an offset behind the damage: " + message;
  if (damage.kind == DamageKind::kTruncate) return "";
  uint64_t expected = 0;
  for (const Piece& piece : pieces_.at(damage.path)) {
    if (piece.offset <= damage.offset) expected = piece.offset;
  }
  if (*offset != expected) return absl::StrCat("does not name offset ", expected, ": ", message);
  return "";
}

Verdict Judge::Try(const DamageCase& damage) const {
  const Image image = Apply(*directory_, damage);
  const StartResult start = Start(*directory_, image);
  const VerifyResult verify = Verify(image);
  Verdict verdict;
  verdict.refused = !start.opened;
  verdict.verify_found = !verify.found.empty();
  std::vector<std::string> problems;
  if (start.opened && !states_.contains(start.state)) {
    problems.push_back("SILENT: the start shows another graph");
  } else if (!start.opened && start.refusal.empty()) {
    problems.push_back("the start neither opens nor refuses");
  } else if (!start.opened) {
    const std::string wrong = CheckMessage(damage, start.refusal);
    if (!wrong.empty()) problems.push_back("the start's refusal " + wrong);
  }
  if (verdict.verify_found) {
    const std::string wrong = CheckMessage(damage, verify.found);
    if (!wrong.empty()) problems.push_back("verify " + wrong);
  } else if (verdict.refused) {
    problems.push_back("verify finds nothing, the start refuses: " + start.refusal);
  } else if (verify.graph_digest != graph_digest_ || verify.watermark != watermark_) {
    problems.push_back("SILENT: verify shows another graph");
  }
  verdict.problem = absl::StrJoin(problems, "; ");
  return verdict;
}

}  // namespace tidemark::damage
