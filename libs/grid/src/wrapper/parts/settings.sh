#!/bin/sh
# Runs one attempt of a Slipway job in the current directory: sh slipway-job.sh
# Beside it lie slipway-group.sh and slipway-attempt.sh, its settings. It needs a POSIX shell, curl, and the basic tools
# of any node. What a job sees of all this is in docs/grid-jobs.md.

# Nothing of ours comes from the environment, where it would be the batch system's or somebody else's word.
unset slipway_token slipway_session slipway_fault slipway_words slipway_exit slipway_signal slipway_failed_step \
  slipway_event slipway_cancelled slipway_stopped slipway_spared slipway_saves slipway_noted slipway_hurry slipway_ended slipway_child slipway_courier_pid slipway_outputs_bytes slipway_outputs_sha256 \
  slipway_most_outputs slipway_orphaned slipway_log_is_full
# With a value in IFS of its own, a name with a space in it would be two.
IFS=' 	
'
slipway_line='
'
slipway_umask=$(umask)
umask 077

slipway_say() { printf '%s\n' "slipway: $*"; }

# What ends it before there is a log, in words for the batch system's own output.
slipway_refuse() { # exit status, words
  slipway_say "$2" >&2
  exit "$1"
}

slipway_path_of() { command -v "$1" 2>/dev/null; }

# Values that came over the network become arithmetic only when they are digits.
slipway_is_number() { case $1 in '' | *[!0-9]* | ????????????????*) return 1 ;; esac; }

slipway_now() { date +%s; }

# POSIX has no other way that reads no whole file.
slipway_size_of() {
  # shellcheck disable=SC2046 # the fields are what is wanted
  set -- $(ls -ln -- "$1" 2>/dev/null)
  printf '%s' "${5:-0}"
}

slipway_digest_of() {
  if [ -n "$(slipway_path_of sha256sum)" ]; then
    set -- "$(sha256sum <"$1")"
  elif [ -n "$(slipway_path_of shasum)" ]; then
    set -- "$(shasum -a 256 <"$1")"
  else
    set -- "$(openssl dgst -sha256 -r <"$1" 2>/dev/null)"
  fi
  printf '%s' "${1%% *}"
}

slipway_random() {
  if [ -r /proc/sys/kernel/random/uuid ]; then
    read -r slipway_uuid </proc/sys/kernel/random/uuid
    printf '%s' "$slipway_uuid" | tr -d -c '0-9a-f'
  else
    od -An -N16 -tx1 /dev/urandom | tr -d -c '0-9a-f'
  fi
}

# In a shell some names are the shell's own.
slipway_no_variable() { slipway_notice "the variable $1 cannot be set on this node: its shell keeps it"; }

slipway_read_settings() {
  [ -r ./slipway-group.sh ] && [ -r ./slipway-attempt.sh ] ||
    slipway_refuse 69 'slipway-group.sh and slipway-attempt.sh are not beside slipway-job.sh'
  . ./slipway-group.sh
  . ./slipway-attempt.sh
  # It holds the token, and the steps to come are not to find it.
  rm -f ./slipway-attempt.sh
  [ "$slipway_protocol" = 1 ] || slipway_refuse 69 "settings of protocol $slipway_protocol, but this is 1"
}

slipway_make_directories() {
  slipway_top=$(pwd -P)
  slipway_base=$slipway_top/slipway.$$
  mkdir "$slipway_base" || slipway_refuse 73 "no directory could be made in $slipway_top"
  slipway_work=$slipway_base/work
  mkdir "$slipway_work" "$slipway_base/tmp" "$slipway_base/steps"
  if [ -n "$slipway_monitor" ]; then slipway_log=$slipway_base/log; else slipway_log=$slipway_top/slipway.log; fi
  : >"$slipway_log" || slipway_refuse 73 "nothing can be written in $slipway_top"
  # Given back when the disk is full, so that there is room to say so.
  dd if=/dev/zero of="$slipway_base/reserve" bs=65536 count=16 2>/dev/null
  [ -z "$slipway_ca" ] || printf '%s\n' "$slipway_ca" >"$slipway_base/ca.pem"
  # From here on every path of ours is relative to it: none needs quoting in curl's settings.
  cd "$slipway_base" || exit 73
  slipway_session=$(slipway_random)
  # Found in the environment of whatever the steps begin, wherever it has gone.
  slipway_mark=$(slipway_random)
  slipway_curl_path=$(slipway_path_of curl)
  slipway_setsid=$(slipway_path_of setsid)
  slipway_shell=$(slipway_path_of sh)
  slipway_node=$(uname -n 2>/dev/null | tr -d -c 'A-Za-z0-9._-')
}
