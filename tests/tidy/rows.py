# SPDX-License-Identifier: Apache-2.0
"""The arrows: an include may only point to a lower row, and CMake must say the same."""

import re

# The one row table (docs/architecture.md explains it).
ROWS = {
    "base": 1,
    "env": 2, "graph": 2, "proto": 2,
    "catalog": 3, "storage": 3, "durability": 3, "rpc": 3, "net": 3,
    "query": 4, "check": 4, "txn": 4,
    "exec": 5,
    "session": 6,
    "bolt": 7, "http": 7, "api": 7, "client": 7,
    "master": 8, "worker": 8, "cli": 8, "bolt_client": 8,
    "sim": 9, "host": 9, "import": 9, "shell": 9,
    "drill": 10, "bench": 10,
    "tools": 11,
}

# The rows of the folders inside a room, by the same rule.
INNER_ROWS = {
    "query": {
        "text": 1, "batch": 1,
        "parser": 2, "functions": 2,
        "binder": 3,
        "eval": 4,
        "plan": 5,
        "planner": 6,
    },
}

GRPC_ROOMS = ("rpc", "api", "client")
PROTOBUF_FREE_ROOMS = ("base", "env", "graph", "storage", "durability", "query", "net", "bolt",
                        "bolt_client", "shell")
BOOST_ROOMS = ("net",)

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
_ROOM = re.compile(r"^tidemark_room\((\w+)\s+DEPS([^)]*)\)", re.MULTILINE)
CMAKE_PATH = "src/CMakeLists.txt"


def includes(file):
    """(offset, quoted, name) of every include of a file."""
    for match in _INCLUDE.finditer(file.text):
        yield match.start(), match.group(1) == '"', match.group(2)


def check_arrows(tree):
    for file in tree.cpp():
        if file.room is None:
            continue
        if file.room not in ROWS:
            yield file.problem(1, "rows", f"room {file.room} is not in the row table of rows.py")
            continue
        for offset, quoted, name in includes(file):
            text = _arrow_problem(file.room, quoted, name) or _inner_problem(file, quoted, name)
            if text:
                yield file.problem(file.line_of(offset), "rows", text)


def _arrow_problem(room, quoted, name):
    if (name.startswith(("grpc/", "grpcpp/", "grpc++/")) or name.endswith(".grpc.pb.h")) and (
            room not in GRPC_ROOMS):
        return f"{name}: gRPC belongs to {', '.join(GRPC_ROOMS)} only"
    if (name.endswith(".pb.h") or name.startswith("google/protobuf/")) and (
            room in PROTOBUF_FREE_ROOMS):
        return f"{name}: no protobuf types in {room}; use plain structs"
    if name.startswith("boost/") and room not in BOOST_ROOMS:
        return f"{name}: Boost belongs to {', '.join(BOOST_ROOMS)} only; use net/byte_stream.h"
    if not quoted or name.startswith("absl/"):
        return None
    target = name.split("/")[0]
    if target not in ROWS or "/" not in name:
        return f'"{name}" does not name a room; write it relative to src, or with <>'
    if target != room and ROWS[target] >= ROWS[room]:
        return (f"{room} (row {ROWS[room]}) includes {name} of row {ROWS[target]}; "
                "an include points to a lower row")
    return None


def _inner_problem(file, quoted, name):
    rows = INNER_ROWS.get(file.room)
    folder, parts = file.path.split("/")[2], name.split("/")
    if rows is None:
        return None
    if folder not in rows:
        return f"{file.room}/{folder} is not in the table INNER_ROWS of rows.py"
    if not quoted or parts[0] != file.room or parts[1] == folder:
        return None
    if rows.get(parts[1], rows[folder]) >= rows[folder]:
        return (f"{file.room}/{folder} (row {rows[folder]}) includes {name}; inside the room an "
                "include points to a lower row of INNER_ROWS")
    return None


def check_cycles(tree):
    """No file includes itself over others."""
    graph = {}
    for file in tree.cpp():
        graph[file.path] = ["src/" + name for _, quoted, name in includes(file) if quoted]
    state = {}
    for start in sorted(graph):
        cycle = _find_cycle(graph, start, state)
        if cycle:
            yield tree.by_path[cycle[0]].problem(1, "cycle", " -> ".join(cycle))


def _find_cycle(graph, start, state):
    """Depth first without recursion; `state` is 1 while on the path and 2 when done."""
    if state.get(start):
        return None
    path, iterators = [start], [iter(graph[start])]
    state[start] = 1
    while path:
        target = next((t for t in iterators[-1] if t in graph and state.get(t) != 2), None)
        if target is None:
            state[path.pop()] = 2
            iterators.pop()
        elif state.get(target) == 1:
            for node in path:
                state[node] = 2
            return path[path.index(target):] + [target]
        else:
            state[target] = 1
            path.append(target)
            iterators.append(iter(graph[target]))
    return None


def _cmake_rooms(cmake):
    text = re.sub(r"#[^\n]*", "", cmake.text)
    rooms = {}
    for match in _ROOM.finditer(text):
        deps = [d[len("room_"):] for d in match.group(2).split() if d.startswith("room_")]
        rooms[match.group(1)] = (text.count("\n", 0, match.start()) + 1, deps)
    return rooms


def _closure(rooms, room):
    seen, todo = set(), [room]
    while todo:
        for dep in rooms.get(todo.pop(), (0, []))[1]:
            if dep not in seen:
                seen.add(dep)
                todo.append(dep)
    return seen


def check_cmake(tree):
    """Dependencies in src/CMakeLists.txt follow the rows and are exactly what is included."""
    cmake = tree.by_path.get(CMAKE_PATH)
    if cmake is None:
        return
    rooms = _cmake_rooms(cmake)
    used = {}
    for file in tree.cpp():
        if file.room:
            targets = used.setdefault(file.room, set())
            targets.update(n.split("/")[0] for _, quoted, n in includes(file) if quoted)
    for room in sorted(used):
        if room not in rooms:
            yield cmake.problem(1, "cmake", f"src/{room} has files and no tidemark_room")
            continue
        line, deps = rooms[room]
        for dep in deps:
            if dep not in ROWS or ROWS[dep] >= ROWS.get(room, 0):
                yield cmake.problem(line, "cmake", f"{room} depends on {dep} of no lower row")
            elif dep not in used[room]:
                yield cmake.problem(line, "cmake", f"{room} depends on {dep} and includes nothing "
                                    "of it; drop the dependency")
        for target in sorted(used[room] & set(ROWS) - {room} - _closure(rooms, room)):
            yield cmake.problem(line, "cmake", f"{room} includes {target}/ and does not depend on "
                                f"room_{target}")
