#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# timed.sh LOG COMMAND...: runs a compiler and adds a line "USER SYSTEM OBJECT" to LOG, in processor
# seconds. tests/tidy/build_cost.py adds them up.
log="$1"
shift
object="$*"
object="${object##* -o }"
object="${object%% *}"
TIMEFORMAT="%U %S ${object//%/}"
{ time "$@" 2>&3; } 3>&2 2>>"$log"
