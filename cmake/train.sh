#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# train.sh PROGRAM: puts the load of `bench bolt` on PROGRAM in all its forms, so that a build that
# counts its branches counts those of a server at work. Uses ports that are free.
set -euo pipefail
program="$1"
folder="$(mktemp -d)"
# Flags of whoever calls are not for these servers.
for name in "${!TIDEMARK_@}"; do unset "$name"; done
server=

clean_up() {
  [[ -z "$server" ]] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap clean_up EXIT

free_port() {
  python3 -c '
import socket
port = socket.socket()
port.bind(("127.0.0.1", 0))
print(port.getsockname()[1])'
}

# train NAME CONNECTIONS COMMAND...
train() {
  local name="$1" connections="$2" log="$folder/$1.log" address='' bolt_port grpc_port i
  shift 2
  bolt_port="$(free_port)"
  grpc_port="$(free_port)"
  : >"$log"
  "$program" "$@" --data-dir="$folder/$name" --bolt-port="$bolt_port" \
    --grpc-port="$grpc_port" >"$log" 2>&1 &
  server=$!
  for ((i = 0; i < 600; ++i)); do
    address="$(sed -n 's/^ready bolt:\/\/\([^ ]*\).*/\1/p' "$log")"
    [[ -z "$address" ]] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  if [[ -z "$address" ]]; then
    cat "$log" >&2
    echo "train.sh: $name did not start" >&2
    exit 1
  fi
  "$program" bench bolt --address="$address" --connections="$connections" --seconds=1 --runs=1
  # The counts are written at the end of the process.
  kill -TERM "$server"
  wait "$server"
  server=
}

train server 1,8 server
train synchronous 1,8 server --synchronous-commit
train cluster 8 cluster --workers=2
