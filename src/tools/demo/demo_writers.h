// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tools/demo/demo_client.h"

namespace tidemark::tools {

// Clients that write notes about people, each note with an edge, and remember what was
// acknowledged.
// Owner: the demo. Threads: main's; each writer has a thread of its own.
class DemoWriters {
 public:
  // What a writer runs for a note.
  static const char kStatement[];

  // Writers at a cluster with Bolt at `address`; `people` are ids of vertices to write about.
  DemoWriters(const std::string& address, std::vector<int64_t> people, int writer_count);
  ~DemoWriters() { Stop(); }

  // Lets the writers end after their current transaction and waits for them.
  void Stop();

  // Note numbers that were acknowledged, and those whose commit has an unknown outcome. After Stop.
  const std::vector<int64_t>& acknowledged() const { return acknowledged_; }
  const std::vector<int64_t>& unknown() const { return unknown_; }

 private:
  struct Writer {
    std::vector<int64_t> acknowledged;
    std::vector<int64_t> unknown;
    std::thread thread;
  };
  void Run(const std::string& address, Writer* writer, int number);

  const std::vector<int64_t> people_;
  std::atomic<bool> stop_{false};
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<int64_t> acknowledged_;
  std::vector<int64_t> unknown_;
};

}  // namespace tidemark::tools
