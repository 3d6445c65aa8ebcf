// SPDX-License-Identifier: Apache-2.0
#include "tests/damage/runner.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace tidemark::damage {
namespace {

constexpr size_t kProcessCount = 2;
constexpr size_t kMaxListedCount = 60;
constexpr size_t kProblemBytes = 600;
// A run of more cases than this says how far it is, this often.
constexpr size_t kReportedCount = 10'000;

// What the children tell: one of these per case, in shared memory.
struct Answer {
  enum State : uint8_t { kWaiting, kBegun, kDone, kCrashed };
  State state = kWaiting;
  bool refused = false;
  bool verify_found = false;
  bool problem = false;
};
// The texts of the first problems of a child.
struct Texts {
  size_t count = 0;
  struct One {
    size_t index;
    char text[kProblemBytes];
  };
  One ones[kMaxListedCount];
};

template <typename T>
T* MakeShared(size_t count) {
  void* memory =
      mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  return static_cast<T*>(memory);  // zeroes are the initial state
}

void RunChild(const Judge& judge, const std::vector<DamageCase>& cases, size_t child,
              Answer* answers, Texts* texts) {
  // Memory stays here from case to case.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  for (size_t i = child; i < cases.size(); i += kProcessCount) {
    if (answers[i].state != Answer::kWaiting) continue;
    answers[i].state = Answer::kBegun;
    const Verdict verdict = judge.Try(cases[i]);
    answers[i].refused = verdict.refused;
    answers[i].verify_found = verdict.verify_found;
    answers[i].problem = !verdict.problem.empty();
    if (answers[i].problem && texts->count < kMaxListedCount) {
      Texts::One& one = texts->ones[texts->count];
      one.index = i;
      std::snprintf(one.text, sizeof one.text, "%s", verdict.problem.c_str());
      ++texts->count;
    }
    answers[i].state = Answer::kDone;
    if (child == 0 && i > 0 && i % kReportedCount == 0) {
      std::printf("%zu of %zu cases\n", i, cases.size());
      std::fflush(stdout);
    }
  }
}

RunFigures Collect(const std::vector<DamageCase>& cases, const Answer* answers,
                   const Texts* texts) {
  RunFigures figures;
  for (size_t i = 0; i < cases.size(); ++i) {
    RunFigures::File& file = figures.files[cases[i].path];
    ++file.tried;
    file.refused += answers[i].refused ? 1 : 0;
    file.verify_found += answers[i].verify_found ? 1 : 0;
    figures.problem_count += answers[i].problem ? 1 : 0;
    if (answers[i].state == Answer::kDone) continue;
    ++figures.signal_count;
    if (figures.problems.size() < kMaxListedCount) {
      figures.problems.push_back(DebugString(cases[i]) + ": ended by a signal");
    }
  }
  for (size_t child = 0; child < kProcessCount; ++child) {
    for (size_t i = 0; i < texts[child].count; ++i) {
      const Texts::One& one = texts[child].ones[i];
      figures.problems.push_back(DebugString(cases[one.index]) + ": " + one.text);
    }
  }
  return figures;
}

}  // namespace

uint64_t RunFigures::tried() const {
  uint64_t sum = 0;
  for (const auto& [path, file] : files) sum += file.tried;
  return sum;
}

RunFigures RunCases(const DataDirectory& directory, const std::vector<DamageCase>& cases) {
  const Judge judge(&directory);
  auto* answers = MakeShared<Answer>(cases.size());
  auto* texts = MakeShared<Texts>(kProcessCount);
  std::map<pid_t, size_t> children;
  const auto start = [&](size_t child) {
    std::fflush(nullptr);
    const pid_t pid = fork();
    CHECK_GE(pid, 0);
    if (pid == 0) {
      RunChild(judge, cases, child, answers, &texts[child]);
      _exit(0);
    }
    children[pid] = child;
  };
  for (size_t child = 0; child < kProcessCount; ++child) start(child);
  while (!children.empty()) {
    int status = 0;
    const pid_t pid = wait(&status);
    const auto it = children.find(pid);
    if (it == children.end()) continue;
    const size_t child = it->second;
    children.erase(it);
    if (status == 0) continue;
    // Ended in the middle of a case: that one is not tried again.
    for (size_t i = child; i < cases.size(); i += kProcessCount) {
      if (answers[i].state == Answer::kBegun) answers[i].state = Answer::kCrashed;
    }
    start(child);
  }
  RunFigures figures = Collect(cases, answers, texts);
  munmap(answers, cases.size() * sizeof(Answer));
  munmap(texts, kProcessCount * sizeof(Texts));
  return figures;
}

void Print(const std::string& title, const RunFigures& figures) {
  std::printf("%s: %llu tried, %llu problems, %llu signals\n", title.c_str(),
              static_cast<unsigned long long>(figures.tried()),
              static_cast<unsigned long long>(figures.problem_count),
              static_cast<unsigned long long>(figures.signal_count));
  for (const auto& [path, file] : figures.files) {
    std::printf("  %-64s tried %7llu, refused %7llu, same %7llu, verify found %7llu\n",
                path.c_str(), static_cast<unsigned long long>(file.tried),
                static_cast<unsigned long long>(file.refused),
                static_cast<unsigned long long>(file.tried - file.refused),
                static_cast<unsigned long long>(file.verify_found));
  }
  for (const std::string& problem : figures.problems) std::printf("  %s\n", problem.c_str());
}

}  // namespace tidemark::damage
