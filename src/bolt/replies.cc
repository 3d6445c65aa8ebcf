// SPDX-License-Identifier: Apache-2.0
#include "bolt/replies.h"

#include <utility>

#include "base/check.h"
#include "bolt/chunks.h"
#include "bolt/failures.h"

namespace tidemark::bolt {
namespace {

constexpr uint8_t kSuccessTag = 0x70;
constexpr uint8_t kRecordTag = 0x71;
constexpr uint8_t kIgnoredTag = 0x7e;
constexpr uint8_t kFailureTag = 0x7f;
constexpr size_t kMaxEntries = 15;
// A text that grew to the megabytes of a large record would be moved as a whole again and again.
constexpr size_t kPieceBytes = 256 << 10;
// What is kept of memory for later replies.
constexpr size_t kMaxIdleBytes = 1 << 20;

}  // namespace

SmallMap::~SmallMap() {
  CHECK_LE(count_, kMaxEntries);
  (*out_)[at_] = static_cast<char>(static_cast<uint8_t>((*out_)[at_]) | count_);
}

PackWriter& SmallMap::Key(std::string_view key) {
  ++count_;
  pack_.String(key);
  return pack_;
}

void Replies::SetVersion(Version version, ValueForms forms) {
  version_ = version;
  values_.set_forms(forms);
}

void Replies::Begin(uint8_t tag, size_t field_count) {
  start_ = out_.size();
  chunk_ = start_;
  out_.append(kChunkHeaderBytes, '\0');
  PackWriter(&out_).Structure(tag, field_count);
}

void Replies::End() { FinishMessage(chunk_, &out_); }

void Replies::Success(absl::FunctionRef<void(SmallMap*)> write_metadata) {
  Begin(kSuccessTag, 1);
  {
    SmallMap metadata(&out_);
    write_metadata(&metadata);
  }
  End();
}

void Replies::Success() {
  Success([](SmallMap*) {});
}

void Replies::Ignored() {
  Begin(kIgnoredTag, 0);
  End();
}

void Replies::Failure(const session::Failure& failure) {
  Begin(kFailureTag, 1);
  {
    SmallMap map(&out_);
    if (!version_.has_gql_failures()) {
      map.Key("code").String(failure.code);
      map.Key("message").String(failure.message);
    } else {
      const GqlStatus gql = GqlStatusOf(failure);
      map.Key("neo4j_code").String(failure.code);
      map.Key("message").String(failure.message);
      map.Key("gql_status").String(gql.status);
      map.Key("description").String(gql.description);
      map.Key("diagnostic_record");
      SmallMap record(&out_);
      record.Key("OPERATION").String("");
      record.Key("OPERATION_CODE").String("0");
      record.Key("CURRENT_SCHEMA").String("/");
      record.Key("_classification").String(ClassificationOf(failure.code));
      if (failure.position.has_value()) {
        WritePosition(*failure.position, &record.Key("_position"));
      }
    }
  }
  End();
}

graph::ValueSink* Replies::BeginRecord(size_t column_count) {
  DCHECK(pieces_.empty());
  Begin(kRecordTag, 1);
  values_.Start(session::kMaxRowBytes);
  values_.BeginList(column_count);
  has_open_record_ = true;
  return &values_;
}

void Replies::PauseRecord() {
  if (!has_open_record_) return;
  const size_t bytes = out_.size();
  chunk_ = FinishChunks(chunk_, &out_);
  values_.NoteAdded(out_.size() - bytes);
  if (chunk_ < kPieceBytes) return;
  std::string rest = out_.substr(chunk_);
  out_.resize(chunk_);
  values_.NoteTaken(chunk_);
  pieces_bytes_ += chunk_;
  pieces_.push_back(std::exchange(out_, std::move(rest)));
  chunk_ = 0;
}

void Replies::EndRecord() {
  if (std::exchange(has_open_record_, false)) End();
}

void Replies::DropRecord() {
  if (!std::exchange(has_open_record_, false)) return;
  if (!pieces_.empty()) {
    out_ = std::move(pieces_.front());
    pieces_.clear();
    pieces_bytes_ = 0;
  }
  out_.resize(start_);
  out_.shrink_to_fit();
}

std::string Replies::TakeComplete() {
  if (start_ == 0) return {};
  std::string& first = pieces_.empty() ? out_ : pieces_.front();
  std::string complete = first.substr(0, start_);
  first.erase(0, start_);
  if (pieces_.empty()) {
    chunk_ -= start_;
    values_.NoteTaken(start_);
  } else {
    pieces_bytes_ -= start_;
  }
  start_ = 0;
  return complete;
}

void Replies::Clear() {
  pieces_.clear();
  pieces_bytes_ = 0;
  out_.clear();
  if (out_.capacity() > kMaxIdleBytes) out_ = std::string();
}

void WritePosition(const session::TextPosition& position, PackWriter* pack) {
  pack->Map(3);
  pack->Entry("offset", position.offset);
  pack->Entry("line", position.line);
  pack->Entry("column", position.column);
}

}  // namespace tidemark::bolt
