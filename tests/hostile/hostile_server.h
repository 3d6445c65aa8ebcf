// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bolt_client/connection.h"
#include "tests/hostile/point_reader.h"
#include "tests/integration/process.h"

namespace tidemark::hostile {

// A server with a small graph and small limits, and a client that reads points beside whatever
// else is done to it. Threads: the test's.
class HostileServer {
 public:
  HostileServer();

  std::string address() const;
  std::unique_ptr<bolt_client::Connection> Open() const;
  PointReader& reader() { return *reader_; }
  // What the reader saw while there was nobody else.
  const ReadTimes& alone() const { return alone_; }
  // What it saw beside a program that needs a core, as the server does for a statement; and beside
  // a statement that is long and does nothing unusual.
  const ReadTimes& beside_program() const { return beside_program_; }
  const ReadTimes& beside_statement() const { return beside_statement_; }
  // Measures again alone and beside a program, for a shorter time: a machine is not always the
  // same.
  void MeasureAgain();
  bool Runs() { return !process_->WaitForExit(0).has_value(); }
  int64_t ResidentBytes() const;
  // The most that it ever had.
  int64_t PeakBytes() const;
  std::string output() const { return process_->output(); }

 private:
  // What the reader sees while `work` is done again and again.
  ReadTimes MeasureBeside(int64_t micros, const std::function<void()>& work);

  integration::TestDirectory directory_;
  const int port_ = integration::FreePort();
  std::unique_ptr<integration::Process> process_;
  std::unique_ptr<PointReader> reader_;
  ReadTimes alone_;
  ReadTimes beside_program_;
  ReadTimes beside_statement_;
};

}  // namespace tidemark::hostile
