// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bolt/pack_writer.h"
#include "bolt/structures.h"
#include "bolt/value_writer.h"
#include "bolt/versions.h"
#include "session/front.h"

namespace tidemark::bolt {

// A map of at most 15 entries that are counted while they are written, until it is destroyed.
// Owner: a function that writes a message. Threads: one.
class SmallMap {
 public:
  explicit SmallMap(std::string* out) : out_(out), at_(out->size()), pack_(out) { pack_.Map(0); }
  ~SmallMap();
  SmallMap(const SmallMap&) = delete;
  SmallMap& operator=(const SmallMap&) = delete;

  // The value of the key is to be written next.
  PackWriter& Key(std::string_view key);
  std::string* out() { return out_; }

 private:
  std::string* const out_;
  const size_t at_;
  size_t count_ = 0;
  PackWriter pack_;
};

// The messages of the server, as chunks, in the forms of a version.
// Owner: a connection. Threads: one.
class Replies {
 public:
  Replies() : values_(&out_, {}) {}

  void SetVersion(Version version, ValueForms forms);

  void Success(absl::FunctionRef<void(SmallMap*)> write_metadata);
  void Success();
  void Ignored();
  void Failure(const session::Failure& failure);
  // A value for each column goes into the sink; then EndRecord. A large record comes in pieces,
  // with PauseRecord between them. A session does not hear at once that its connection has ended:
  // what it says of a record that is dropped goes nowhere.
  graph::ValueSink* BeginRecord(size_t column_count);
  void PauseRecord();
  void EndRecord();
  // Takes back what was written of it.
  void DropRecord();

  // What is to be sent. While a record is open, only what is before it. Otherwise the connection
  // takes the pieces, of which there are some when a record was large, and what is behind them, and
  // clears this.
  bool has_open_record() const { return has_open_record_; }
  std::string TakeComplete();
  size_t size() const { return pieces_bytes_ + out_.size(); }
  std::vector<std::string>* pieces() { return &pieces_; }
  std::string* out() { return &out_; }
  void Clear();

 private:
  void Begin(uint8_t tag, size_t field_count);
  void End();

  std::vector<std::string> pieces_;  // before out_; of one record
  size_t pieces_bytes_ = 0;
  std::string out_;
  size_t start_ = 0;  // of the message, in the first piece when there is one
  size_t chunk_ = 0;  // that is being written, in out_
  bool has_open_record_ = false;
  Version version_;
  ValueWriter values_;
};

// A position in a text, as a map.
void WritePosition(const session::TextPosition& position, PackWriter* pack);

}  // namespace tidemark::bolt
