# SPDX-License-Identifier: Apache-2.0
"""Direct calls that go around a seam, with the replacement that the message names."""

import dataclasses
import re

# Rooms that may. The logic of a node reaches the system through env and rpc
# alone, so that it runs under the simulator. What only ever runs in a real process may do what its
# work is: clients and servers of sockets set deadlines, a client waits, subcommands run several
# clients at once, src/host starts processes and talks to them over descriptors.
COMMANDS = frozenset({"host", "import", "drill", "bench", "tools"})
ENV = frozenset({"env"})
FILES = ENV | {"host"}
SYSTEM = frozenset({"env", "rpc"})
TIME = SYSTEM | {"api", "client", "bolt_client"}
WAITS = SYSTEM | COMMANDS | {"client"}
THREADS = SYSTEM | COMMANDS
SOCKETS = SYSTEM | {"net", "api", "client", "bolt_client", "host"}
PROCESSES = ENV | {"host", "drill", "bench", "tools", "shell"}
ENVIRONMENT = frozenset({"cli", "tools", "shell"})
NOWHERE = frozenset()


@dataclasses.dataclass(frozen=True)
class Ban:
    """`names` are C functions when `call` is set, else a pattern over the code."""

    rule: str
    allowed: frozenset
    replacement: str
    names: tuple = ()
    pattern: str = ""


BANS = (
    Ban("files", FILES, "env::FileSystem",
        names=("open", "openat", "creat", "close", "read", "write", "pread", "pwrite", "readv",
               "writev", "fsync", "fdatasync", "syncfs", "ftruncate", "fallocate",
               "posix_fallocate", "rename", "renameat", "unlink", "unlinkat", "remove", "mkdir",
               "mkdtemp", "mkstemp", "rmdir", "opendir", "readdir", "stat", "fstat", "statvfs",
               "flock", "mmap", "munmap", "lseek", "fopen", "freopen",
               "tmpfile")),
    Ban("files", FILES, "env::FileSystem", pattern=r"\bstd::(?:basic_)?[io]?fstream\b|"
        r"\bstd::filesystem\b|#\s*include\s*<(?:fstream|filesystem|fcntl\.h|sys/mman\.h)>"),
    Ban("time", TIME, "env::Clock",
        names=("time", "gettimeofday", "clock_gettime", "localtime", "gmtime")),
    Ban("time", TIME, "env::Clock", pattern=r"(?:std::|(?<!\w)::)clock\(\)|"
        r"\b(?:system|steady|high_resolution)_clock\b|"
        r"\babsl::(?:Now|GetCurrentTimeNanos)\b|\bgpr_now\b"),
    Ban("sleep", WAITS, "env::Executor::RunAfter",
        names=("sleep", "usleep", "nanosleep", "clock_nanosleep")),
    Ban("sleep", WAITS, "env::Executor::RunAfter",
        pattern=r"\bsleep_(?:for|until)\b|\babsl::SleepFor\b"),
    Ban("random", SYSTEM, "env::Random",
        names=("rand", "srand", "srandom", "drand48", "getrandom", "getentropy")),
    Ban("random", SYSTEM, "env::Random",
        pattern=r"(?<!\w)::random\(\)|\bstd::(?:random_device|rand|default_random_engine)\b|"
        r"\babsl::\w*BitGen\b"),
    Ban("threads", THREADS, "env::Executor", pattern=r"\bstd::(?:jthread|thread|async|promise|"
        r"future|mutex|shared_mutex|recursive_mutex|condition_variable|latch|barrier|"
        r"counting_semaphore|lock_guard|unique_lock|scoped_lock|shared_lock)\b|"
        r"\babsl::(?:Mutex|MutexLock|CondVar|Notification|BlockingCounter)\b|\bthread_local\b|"
        r"\bpthread_\w+"),
    Ban("sockets", SOCKETS, "rpc::Transport",
        names=("socket", "bind", "listen", "accept", "accept4", "connect", "send", "recv",
               "sendto", "recvfrom", "sendmsg", "recvmsg", "setsockopt", "getaddrinfo", "poll",
               "epoll_create1", "epoll_ctl", "epoll_wait", "select", "shutdown")),
    Ban("processes", PROCESSES, "src/host or env::Executor::Fail",
        names=("fork", "vfork", "execv", "execve", "execvp", "posix_spawn", "waitpid", "kill",
               "system", "popen", "signal", "sigaction", "exit", "_exit", "quick_exit", "abort",
               "getpid")),
    Ban("environment", ENVIRONMENT, "an Options struct filled by cli::FlagSet",
        names=("getenv", "secure_getenv", "setenv")),
    Ban("flags", frozenset({"tools", "sim"}),
        "an Options struct; flags are read once per binary",
        pattern=r"#\s*include\s*<gflags/|\bFLAGS_\w+|\bDEFINE_\w+\("),
    Ban("exceptions", NOWHERE, "absl::Status", pattern=r"\b(?:throw|catch|try)\b(?=\s*[^\s;,)=])"),
)

# A word in front of a name makes it a declaration, unless it is one of these.
_STATEMENT_WORDS = frozenset({"return", "co_return", "co_await", "else", "do", "and", "or", "not"})
# In namespace std these are algorithms.
_STD_ALGORITHMS = frozenset({"bind", "remove"})


def _is_call(code, start, qualifier, name):
    """Whether `name(` at `start` calls the C function, judged by what stands before it."""
    if qualifier == "std::" and name in _STD_ALGORITHMS:
        return False
    before = code[max(0, start - 80):start]
    if re.search(r"(?:[\w.:]|->)$", before):
        return False  # a member, or qualified by something else
    word = re.search(r"(\w+)\s+$", before)
    if word:
        return word.group(1) in _STATEMENT_WORDS
    # "int* open(" and "vector<int> read(" declare; "a * open(" and "a > open(" call.
    return not re.search(r"[^\s&][*>]\s*$|\w&\s*$", before)


def _compile(ban):
    if ban.pattern:
        return re.compile(ban.pattern)
    names = "|".join(ban.names)
    return re.compile(rf"(?P<qualifier>std::|::)?\b(?P<name>{names})\s*\(")


_COMPILED = tuple((ban, _compile(ban)) for ban in BANS)


def _uses(ban, pattern, code):
    """(offset, what was found) of every use."""
    for match in pattern.finditer(code):
        if ban.pattern:
            yield match.end() - 1, match.group(0).strip()
        elif _is_call(code, match.start(), match.group("qualifier"), match.group("name")):
            yield match.end() - 1, match.group("name")


def check_calls(tree):
    for file in tree.cpp():
        if file.room is None:
            continue
        for ban, pattern in _COMPILED:
            if file.room in ban.allowed:
                continue
            for offset, found in _uses(ban, pattern, file.code):
                yield file.problem(file.line_of(offset), ban.rule,
                                   f"{found}: use {ban.replacement}")


def check_proto_maps(tree):
    for file in tree.files:
        if not file.path.endswith(".proto"):
            continue
        for number, line in enumerate(file.lines, 1):
            if re.search(r"\bmap\s*<", line.split("//")[0]):
                yield file.problem(number, "proto-map", "use a repeated message with an order")
