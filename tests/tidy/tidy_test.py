#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants a violation of every rule into a small clean tree and sees that it is found."""

import pathlib
import shutil
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

import formatting  # noqa: E402
import functions  # noqa: E402
import tidy  # noqa: E402

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = LICENCE + "#pragma once\n"
CLEAN = {
    "src/CMakeLists.txt": "tidemark_room(base DEPS absl::status)\n"
                          "tidemark_room(env DEPS room_base)\n"
                          "tidemark_room(storage DEPS room_env)\n"
                          "tidemark_room(rpc DEPS room_base room_proto)\n",
    "src/base/ids.h": HEADER,
    "src/env/clock.h": HEADER + '\n#include <time.h>\n\n#include "absl/status/status.h"\n'
                                '#include "base/ids.h"\n',
    "src/storage/shard.h": HEADER + '\n#include "env/clock.h"\n\n'
                                    "// Owns a part of the graph.\nclass Shard {};\n",
    "src/rpc/transport.h": HEADER + '\n#include <grpcpp/grpcpp.h>\n\n#include "base/ids.h"\n'
                                    '#include "proto/cluster.pb.h"\n',
    "proto/cluster.proto": LICENCE + "// Asks.\nmessage Ask {}\n",
    "docs/protocols/ask.md": "`Ask` goes to the master.\n",
    "README.md": "A graph.\n",
}


def rules_of(files):
    """The rules that a tree of CLEAN and `files` breaks."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        shutil.copy(FOLDER.parents[1] / ".clang-format", root)
        for path, text in {**CLEAN, **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        return sorted({problem.rule for problem in tidy.problems_of(root)[0]})


def body(text, room="storage"):
    """A formatted .cc file in a room with one line in a function."""
    return {f"src/{room}/planted.cc": LICENCE + f"void Planted() {{ {text} }}\n"}


class TidyTest(unittest.TestCase):
    def expect(self, rules, files):
        self.assertEqual(rules_of(files), sorted(rules), files)

    def test_clean_tree(self):
        self.expect([], {})

    def test_arrows(self):
        for room, include in (("env", "storage/shard.h"), ("storage", "rpc/transport.h"),
                              ("base", "nowhere/x.h"), ("base", "ids.h")):
            planted = {f"src/{room}/a.cc": LICENCE + f'#include "{include}"\n'}
            self.assertIn("rows", rules_of(planted), planted)

    def test_unknown_room(self):
        self.assertIn("rows", rules_of({"src/attic/a.h": HEADER}))

    def test_arrows_inside_a_room(self):
        cmake = {"src/CMakeLists.txt": CLEAN["src/CMakeLists.txt"] + "tidemark_room(query DEPS)\n"}
        for folder, include, rules in (("parser", "query/text/error.h", []),
                                       ("parser", "query/parser/ast.h", []),
                                       ("text", "query/parser/ast.h", ["rows"]),
                                       ("parser", "query/functions/registry.h", ["rows"]),
                                       ("parser", "query/attic/a.h", ["rows"]),
                                       ("attic", "query/text/error.h", ["rows"])):
            planted = {f"src/query/{folder}/a.cc": LICENCE + f'#include "{include}"\n'}
            self.expect(rules, {**cmake, **planted})

    def test_grpc_and_protobuf_stay_in_their_rooms(self):
        for room, include in (("storage", "<grpcpp/grpcpp.h>"), ("env", '"proto/a.grpc.pb.h"'),
                              ("storage", '"proto/cluster.pb.h"'),
                              ("base", "<google/protobuf/message.h>")):
            planted = {f"src/{room}/a.cc": LICENCE + f"#include {include}\n"}
            self.assertIn("rows", rules_of(planted), planted)

    def test_boost_stays_in_net(self):
        include = LICENCE + "#include <boost/asio/buffer.hpp>\n"
        self.assertIn("rows", rules_of({"src/storage/a.cc": include}))
        self.assertNotIn("rows", rules_of({"src/net/a.cc": include}))

    def test_include_cycle(self):
        self.expect(["cycle"], {
            "src/base/a.h": HEADER + '\n#include "base/b.h"\n',
            "src/base/b.h": HEADER + '\n#include "base/c.h"\n',
            "src/base/c.h": HEADER + '\n#include "base/a.h"\n'})

    def test_cmake_agrees_with_the_includes(self):
        clean = CLEAN["src/CMakeLists.txt"]
        for old, new in (("storage DEPS room_env", "storage DEPS absl::status"),  # missing
                         ("env DEPS room_base", "env DEPS room_base room_rpc"),  # up
                         ("rpc DEPS room_base", "rpc DEPS room_base room_env"),  # idle
                         ("tidemark_room(env DEPS room_base)\n", "")):  # no library
            self.assertIn(old, clean)
            self.expect(["cmake"], {"src/CMakeLists.txt": clean.replace(old, new)})

    def test_banned_calls(self):
        for text, rule in (
                ('::open("a", 0);', "files"), ("int n = read(0, p, 1);", "files"),
                ("return fsync(fd);", "files"), ("std::rename(a, b);", "files"),
                ('FILE* f = fopen("a", "r");', "files"), ("std::ifstream in;", "files"),
                ('std::filesystem::exists("a");', "files"),
                ("auto now = time(nullptr);", "time"), ("::clock_gettime(0, &t);", "time"),
                ("std::chrono::system_clock::now();", "time"),
                ("std::chrono::steady_clock::now();", "time"), ("if (x > time(0)) F();", "time"),
                ("usleep(1);", "sleep"), ("std::this_thread::sleep_for(x);", "sleep"),
                ("int x = rand();", "random"),
                ("int x = ::random();", "random"), ("auto c = std::clock();", "time"),
                ("std::random_device d;", "random"),
                ("std::thread t(F);", "threads"), ("std::mutex m;", "threads"),
                ("absl::Mutex m;", "threads"), ("int s = socket(1, 2, 3);", "sockets"),
                ("exit(1);", "processes"), ("if (fork() == 0) F();", "processes"),
                ('auto e = std::getenv("A");', "environment"), ("F(FLAGS_port);", "flags"),
                ("throw 1;", "exceptions"), ("try { F(); } catch (...) {}", "exceptions")):
            with self.subTest(text):
                self.assertIn(rule, rules_of(body(text)))

    def test_what_looks_like_a_banned_call(self):
        for text in ("file->open(1);", "file.read(1);", "Own::time(1);", "int64_t time(int x);",
                     "std::vector<int> read(int x);", "char* open(int x);", "retry(1);",
                     "S::S() : clock(1), random(2) {}",
                     "int x = random();", "auto c = clock();",
                     "// time(nullptr)", 'F("throw time(0)");'):
            with self.subTest(text):
                found = rules_of({"src/storage/planted.cc": LICENCE + text + "\n"})
                self.assertEqual([rule for rule in found if rule != "format"], [])

    def test_rooms_that_may(self):
        for room, text in (("env", "::fsync(1);"), ("env", "std::thread t(F);"),
                           ("rpc", "int s = socket(1, 2, 3);"), ("rpc", "std::mutex m;")):
            self.expect([], body(text, room))
        self.assertIn("files", rules_of(body("::close(1);", "tools")))
        self.assertNotIn("files", rules_of(body("::close(1);", "host")))

    def test_tests_may_use_the_system(self):
        self.expect([], {"tests/base/a_test.cc": LICENCE + "std::thread t(F);\n"})

    def test_anonymous_names_of_a_room(self):
        def planted(text, namespace="storage"):
            return (f"{LICENCE}namespace tidemark::{namespace} {{\nnamespace {{\n{text}\n"
                    f"}}  // namespace\n}}  // namespace tidemark::{namespace}\n")
        for text in ("constexpr int kSize = 1;", "void F() {}", "struct Node {};",
                     "using Row = int;", 'const char kText[] = "a";'):
            with self.subTest(text):
                two = {"src/storage/a.cc": planted(text), "src/storage/b.cc": planted(text)}
                self.expect(["anonymous"], two)
                self.expect([], {"src/storage/a.cc": planted(text),
                                 "src/storage/b.cc": planted(text, "other")})
                self.expect([], {"src/storage/a.cc": planted(text), "src/env/b.cc": planted(text)})
        self.expect(["anonymous"], {
            "src/storage/a.cc": planted("constexpr int kSize = 1;"),
            "src/storage/b.h": HEADER + "namespace tidemark::storage {\n"
                                        "inline constexpr int kSize = 1;\n}\n"})

    def test_proto_map(self):
        self.expect(["proto-map"], {"proto/cluster.proto": CLEAN["proto/cluster.proto"].replace(
            "{}", "{\n  map<string, int32> m = 1;\n}")})

    def test_proto_messages(self):
        clean = CLEAN["proto/cluster.proto"]
        self.expect(["message-comment"], {"proto/cluster.proto": clean.replace("// Asks.\n", "\n")})
        self.expect(["message-page"], {"docs/protocols/ask.md": "`Asking` is other.\n"})

    def test_sizes(self):
        path = "tests/base/a_test.cc"
        lines = "".join(f"  F({i});\n" for i in range(59))
        self.expect(["function-size"], {path: LICENCE + "void G() {\n" + lines + "}\n"})
        self.expect([], {path: LICENCE + "void G() {\n" + lines[8:] + "}\n"})
        self.expect(["file-size"], {path: LICENCE + "// x\n" * 500})
        self.expect([], {path: LICENCE + "// x\n" * 499})
        self.expect(["line-size"], {path: LICENCE + "int " + "x" * 96 + ";\n"})
        self.expect(["parameters"], {path: LICENCE + "void F(int, int, int, int, int, int);\n"})
        self.expect([], {path: LICENCE + "void F(A<int, int>, int, int, int, int);\n"})

    def test_texts(self):
        path = "src/base/ids.h"
        self.expect(["licence"], {path: "#pragma once\n"})
        self.expect(["licence"], {"tests/tidy/x.py": "pass\n"})
        self.expect(["pragma-once"], {path: LICENCE + "int x;\n"})
        self.expect(["class-comment"], {path: HEADER + "\nclass A {};\n"})
        self.expect(["class-comment"], {path: HEADER + "template <typename T>\nclass A {};\n"})
        self.expect([], {path: HEADER + "// Says.\ntemplate <typename T>\nclass A {};\n"})
        self.expect([], {path: HEADER + "class A;\n"})
        self.expect(["unfinished"], {path: HEADER + "// TO" + "DO: more\n"})
        self.expect(["unfinished"], {"docs/a.md": "FIX" + "ME\n"})
        self.expect(["conflict"], {"README.md": "<" * 7 + " HEAD\na\n"})
        self.expect(["conflict"], {"docs/a.md": "a\n" + ">" * 7 + " other\n"})
        self.expect([], {"README.md": "a <" + "<" * 7 + " b\n"})
        self.expect(["outside"], {"docs/a.md": "see ../sha" + "red/x\n"})
        self.expect(["outside"], {"README.md": "see issue" + " 2\n"})
        self.expect(["version-in-name"], {path: HEADER + "int encode_v2;\n"})
        self.expect(["version-in-name"], {path: HEADER + "int EncodeV2();\n"})
        self.expect(["version-in-name"], {"docs/wal_v2.md": "x\n"})
        self.expect([], {path: HEADER + "int IsIPv4();\n"})

    @unittest.skipUnless(formatting.is_available(), "SKIPPED format: clang-format is missing")
    def test_format(self):
        self.expect(["format"], {"tests/base/a_test.cc": LICENCE + "int   x;\n"})


class ScannerTest(unittest.TestCase):
    """The parser on shapes that are easy to get wrong."""

    def functions(self, code):
        return [(f.name, f.first_line, f.last_line, f.parameter_count)
                for f in functions.Scanner(code).functions]

    def test_constructor_with_initializers(self):
        code = "A::A(int x, int y)\n    : a_{x}, b_(y), c_{1, 2} {\n  F();\n}\nvoid B() {}\n"
        self.assertEqual(self.functions(code), [("A::A", 1, 4, 2), ("B", 5, 5, 0)])

    def test_lambdas_tables_and_macros(self):
        code = ("const int kTable[] = {\n1,\n};\n"
                "const auto kF = [](int a) {\n  return a;\n};\n"
                "#define M(x) \\\n  do {    \\\n  } while (0)\n"
                "TEST(A, B) {\n  auto f = [&](int x) { return x; };\n}\n"
                "enum class E : int { kA };\n"
                "void G(std::function<void(int, int)> f = {}, int n = F(1, 2));\n")
        self.assertEqual(self.functions(code), [
            ("kF", 4, 6, 0), ("TEST", 10, 12, 0), ("G", 14, 14, 2)])

    def test_nested_classes_and_operators(self):
        code = ("namespace a {\nclass A final : public B<C, D> {\n public:\n"
                "  struct E {\n    int x = 0;\n  };\n  bool operator()(int a, int b) const;\n"
                "  A& operator=(const A&) = delete;\n  static constexpr int kA = F(1);\n"
                " private:\n  int G() const override { return 1; }\n};\n}\n")
        scanner = functions.Scanner(code)
        self.assertEqual([(c.name, c.is_nested) for c in scanner.classes],
                         [("A", False), ("E", True)])
        self.assertEqual([(f.name, f.parameter_count) for f in scanner.functions],
                         [("operator()", 2), ("operator=", 1), ("G", 0)])


if __name__ == "__main__":
    unittest.main()
