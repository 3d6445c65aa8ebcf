// SPDX-License-Identifier: Apache-2.0
#include "tests/txn/frame_text.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::txn {

namespace {

std::string Text(const wire::Attempt& attempt) {
  return absl::StrCat("attempt ", attempt.master_boot_id(), "#", attempt.number());
}

std::string Text(const wire::Hello& hello) {
  std::string text = absl::StrCat("Hello boot ", hello.boot_id(), " epoch ", hello.epoch());
  if (hello.fresh()) absl::StrAppend(&text, " fresh");
  if (hello.node() > 0) absl::StrAppend(&text, " node ", hello.node());
  if (hello.assigned_node() > 0) absl::StrAppend(&text, " assigned ", hello.assigned_node());
  return text;
}

std::string Text(const wire::Register& frame) {
  std::string text = absl::StrCat("Register ", Text(frame.attempt()), " boot ", frame.boot_id(),
                                  " epoch ", frame.last_epoch(), " W ", frame.watermark(),
                                  frame.in_memory() ? " in memory" : " restarted", " last ",
                                  frame.last_csn(), " <= ", frame.tail_after(), " tail");
  for (const auto& record : frame.tail()) {
    absl::StrAppend(&text, " ", record.epoch(), "/", record.csn(), "{",
                    NodeSet(record.participants()).ToString(), "}");
  }
  for (const auto& file : frame.snapshots()) {
    absl::StrAppend(&text, " snapshot ", file.epoch(), "/", file.csn());
  }
  if (frame.more()) absl::StrAppend(&text, " more");
  return text;
}

std::string Text(const wire::Converge& frame) {
  std::string text = absl::StrCat("Converge ", Text(frame.attempt()), " boot ", frame.boot_id(),
                                  " to epoch ", frame.new_epoch(), " csn ", frame.csn());
  if (frame.snapshot_csn() > 0) {
    absl::StrAppend(&text, " from snapshot ", frame.snapshot_epoch(), "/", frame.snapshot_csn());
  }
  for (const auto& dead : frame.dead()) {
    absl::StrAppend(&text, " dead ", dead.epoch(), "/", dead.csn());
  }
  if (frame.reload()) absl::StrAppend(&text, " reload");
  return text;
}

std::string Text(const wire::SnapshotTaken& frame) {
  if (!frame.error().empty()) {
    return absl::StrCat("SnapshotTaken csn ", frame.csn(), " error: ", frame.error());
  }
  return absl::StrCat("SnapshotTaken csn ", frame.csn(), " boot ", frame.boot_id(), " last ",
                      frame.last_csn());
}

std::string Text(const wire::Retain& frame) {
  std::string text = absl::StrCat("Retain through ", frame.through());
  for (const auto& file : frame.snapshots()) {
    absl::StrAppend(&text, " ", file.epoch(), "/", file.csn());
  }
  return text;
}

std::string BodyText(const wire::Frame& frame) {
  switch (frame.body_case()) {
    case wire::Frame::kHello:
      return Text(frame.hello());
    case wire::Frame::kRefused:
      return absl::StrCat("Refused", frame.refused().permanent() ? " for ever: " : " for now: ",
                          frame.refused().reason());
    case wire::Frame::kHeartbeat:
      return "Heartbeat";
    case wire::Frame::kHeartbeatReply:
      return "HeartbeatReply";
    case wire::Frame::kReport:
      return absl::StrCat("Report ", Text(frame.report().attempt()));
    case wire::Frame::kRegister:
      return Text(frame.register_());
    case wire::Frame::kConverge:
      return Text(frame.converge());
    case wire::Frame::kConverged:
      return absl::StrCat("Converged ", Text(frame.converged().attempt()), " boot ",
                          frame.converged().boot_id(), " epoch ", frame.converged().new_epoch(),
                          " last ", frame.converged().last_csn(), " undone ",
                          frame.converged().undone_count());
    case wire::Frame::kAbort:
      return absl::StrCat("Abort tx ", TextOfTx(frame.abort().tx()));
    case wire::Frame::kCommit:
      return absl::StrCat("Commit tx ", TextOfTx(frame.commit().tx()), " csn ",
                          frame.commit().csn(), " for ",
                          NodeSet(frame.commit().participants()).ToString(),
                          frame.commit().mutations().empty() ? "" : " with schema");
    case wire::Frame::kApplied:
      return absl::StrCat("Applied csn ", frame.applied().csn(), " boot ",
                          frame.applied().boot_id());
    case wire::Frame::kFlush:
      return absl::StrCat("Flush csn ", frame.flush().csn());
    case wire::Frame::kFlushed:
      return absl::StrCat("Flushed csn ", frame.flushed().csn(), " boot ",
                          frame.flushed().boot_id());
    case wire::Frame::kTakeSnapshot:
      return absl::StrCat("TakeSnapshot csn ", frame.take_snapshot().csn());
    case wire::Frame::kSnapshotTaken:
      return Text(frame.snapshot_taken());
    case wire::Frame::kProgress:
      return absl::StrCat("Progress W ", frame.progress().watermark(), " horizon ",
                          frame.progress().horizon());
    case wire::Frame::kRetain:
      return Text(frame.retain());
    case wire::Frame::kShutdown:
      return "Shutdown";
    default:
      return absl::StrCat("frame ", frame.body_case());
  }
}

}  // namespace

std::string TextOfTx(uint64_t tx) {
  return absl::StrCat(tx >> 40, ".", tx & ((uint64_t{1} << 40) - 1));
}

std::string TextOf(const wire::Frame& frame) {
  return absl::StrCat("e", frame.epoch(), " ", BodyText(frame));
}

}  // namespace tidemark::txn
