// SPDX-License-Identifier: Apache-2.0
// Runs tests/bolt/scenarios/*.txt: what a client sends, each with the whole trace of what it led
// to. With TIDEMARK_REWRITE_SCENARIOS set the traces in the files are replaced by the present ones,
// to be read before they are committed. The language: tests/bolt/scenarios/README.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "env/posix_random.h"
#include "tests/bolt/test_connection.h"

namespace tidemark::bolt {
namespace {

using Lines = std::vector<std::string>;

// One conversation.
class Scenario {
 public:
  void Step(const std::string& line) {
    const Lines words = absl::StrSplit(line, ' ');
    if (words[0] == "password") {
      authenticator_ = std::make_unique<Authenticator>(words.at(1), words.at(2), &random_);
    } else if (words[0] == "connect") {
      const bool later = absl::StrContains(line, " later");
      connection_ = std::make_unique<TestConnection>(later, authenticator_.get());
      const Lines numbers = absl::StrSplit(words.at(1), '.');
      connection_->Open(std::stoi(numbers.at(0)), std::stoi(numbers.at(1)));
    } else if (words[0] == "answer") {
      EXPECT_TRUE(connection_->Answer()) << "nothing waits";
    } else if (words[0] == "raw") {
      connection_->connection().OnBytes(absl::HexStringToBytes(words.at(1)));
    } else {
      std::string bytes;
      for (const auto& message : absl::StrSplit(line, absl::ByString(" ; "))) {
        bytes.append(RequestBytes(std::string(message)));
      }
      connection_->connection().OnBytes(bytes);
    }
  }

  Lines TakeTrace() {
    Lines trace;
    if (connection_ == nullptr) return trace;
    for (const std::string& line : connection_->front().TakeLog()) {
      trace.push_back(absl::StrCat("session: ", line));
    }
    for (std::string& reply : connection_->TakeReplies()) trace.push_back(std::move(reply));
    for (const std::string& end : connection_->TakeEnds()) trace.push_back("end: " + end);
    return trace;
  }

 private:
  env::PosixRandom random_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<TestConnection> connection_;
};

// The file with the traces that its steps have now.
std::string Replay(std::istream& file) {
  Scenario scenario;
  std::string text;
  std::string line;
  while (std::getline(file, line)) {
    if (absl::StartsWith(line, "  ")) continue;  // a trace
    absl::StrAppend(&text, line, "\n");
    if (line.empty() || line[0] == '#') continue;
    scenario.Step(line);
    for (const std::string& trace : scenario.TakeTrace()) absl::StrAppend(&text, "  ", trace, "\n");
  }
  return text;
}

std::string FileText(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(BoltScenarioTest, TracesAreAsWritten) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TIDEMARK_BOLT_SCENARIOS_DIR)) {
    if (entry.path().extension() != ".txt") continue;
    SCOPED_TRACE(entry.path().filename());
    ++count;
    std::ifstream file(entry.path());
    const std::string present = Replay(file);
    if (std::getenv("TIDEMARK_REWRITE_SCENARIOS") != nullptr) {
      std::ofstream(entry.path()) << present;
    } else {
      EXPECT_EQ(present, FileText(entry.path()));
    }
  }
  EXPECT_GE(count, 10);
}

}  // namespace
}  // namespace tidemark::bolt
