#!/bin/sh
# Runs one attempt of a Slipway job in the current directory: sh slipway-job.sh [name of the attempt's settings [scratch]]
# Beside it lie its settings, slipway-group.sh and slipway-attempt.sh. It needs a POSIX shell, curl, and the basic tools
# of any node. What a job sees of all this is in docs/grid-jobs.md.

# Nothing of ours comes from the environment, where it would be the batch system's or somebody else's word.
unset slipway_token slipway_session slipway_fault slipway_words slipway_exit slipway_signal slipway_failed_step \
  slipway_event slipway_cancelled slipway_stopped slipway_spared slipway_saves slipway_noted slipway_hurry slipway_ended slipway_child slipway_courier_pid slipway_outputs_bytes slipway_outputs_sha256 \
  slipway_most_outputs slipway_orphaned slipway_log_is_full slipway_booted slipway_lines slipway_told_all slipway_wound slipway_clock_pid \
  slipway_parked slipway_status_as slipway_up slipway_told_now slipway_woken slipway_sessions
# With a value in IFS of its own, a name with a space in it would be two.
slipway_blanks=' 	
'
IFS=$slipway_blanks
slipway_line='
'
# Told by the kernel, for a substitution costs a process.
{ read -r _ && read -r slipway_key slipway_umask; } 2>/dev/null </proc/self/status
[ "$slipway_key" = Umask: ] || slipway_umask=$(umask)
umask 077

slipway_say() { printf '%s\n' "slipway: $*"; }

# What ends it before there is a log, in words for the batch system's own output.
slipway_refuse() { # exit status, words
  slipway_say "$2" >&2
  exit "$1"
}

# Where a program is, in slipway_found; nothing where it is nowhere. A substitution would cost a process.
slipway_find() {
  slipway_found='' IFS=:
  for slipway_found in $PATH; do
    slipway_found=${slipway_found:-.}/$1
    [ ! -f "$slipway_found" ] || [ ! -x "$slipway_found" ] || break
    slipway_found=
  done
  IFS=$slipway_blanks
}

# Values that came over the network become arithmetic only when they are digits.
slipway_is_number() { case $1 in '' | *[!0-9]* | ????????????????*) return 1 ;; esac; }

# Seconds since 1970, in slipway_now: told by the monitor, or asked of a program once, and then counted by the kernel's
# clock, which is read without any and which nobody sets.
slipway_tell_time() {
  if read -r slipway_up _ 2>/dev/null </proc/uptime; then
    slipway_up=${slipway_up%%.*}
    [ -n "$slipway_booted" ] || slipway_booted=$(($(date +%s) - slipway_up))
    slipway_now=$((slipway_booted + slipway_up))
  else
    slipway_now=$(date +%s)
  fi
}

# Bytes in a file, in slipway_size: POSIX has no other way that reads no whole file.
slipway_measure() {
  # shellcheck disable=SC2046 # the fields are what is wanted
  set -- $(ls -ln -- "$1" 2>/dev/null)
  slipway_size=${5:-0}
}

# How long the log is with a last notice in it, in slipway_size: where a file is appended to, the kernel tells it of whoever
# has just done so, and no program is needed.
slipway_notice_last() {
  slipway_size=
  { slipway_format_notice "$1" >&9 && read -r _ slipway_size </proc/self/fdinfo/9; } 2>/dev/null 9>>"$slipway_log"
  slipway_is_number "$slipway_size" || slipway_measure "$slipway_log"
}

slipway_digest_of() {
  if command -v sha256sum >/dev/null; then
    set -- "$(sha256sum <"$1")"
  elif command -v shasum >/dev/null; then
    set -- "$(shasum -a 256 <"$1")"
  else
    set -- "$(openssl dgst -sha256 -r <"$1" 2>/dev/null)"
  fi
  printf '%s' "${1%% *}"
}

# 32 hexadecimal digits, in slipway_digits.
slipway_random() {
  if [ -r /proc/sys/kernel/random/uuid ]; then
    IFS=- read -r slipway_a slipway_b slipway_c slipway_d slipway_e </proc/sys/kernel/random/uuid
    slipway_digits=$slipway_a$slipway_b$slipway_c$slipway_d$slipway_e
  else
    slipway_digits=$(od -An -N16 -tx1 /dev/urandom | tr -d -c '0-9a-f')
  fi
}

slipway_name_node() {
  read -r slipway_node 2>/dev/null </proc/sys/kernel/hostname || slipway_node=$(uname -n 2>/dev/null)
  case $slipway_node in *[!A-Za-z0-9._-]*) slipway_node=$(printf %s "$slipway_node" | tr -d -c 'A-Za-z0-9._-') ;; esac
}

# In a shell some names are the shell's own.
slipway_no_variable() { slipway_notice "the variable $1 cannot be set on this node: its shell keeps it"; }

slipway_read_settings() { # name of the attempt's
  slipway_own=./$1
  [ -r ./slipway-group.sh ] && [ -r "$slipway_own" ] && [ -s "$slipway_own" ] ||
    slipway_refuse 69 "slipway-group.sh and $1 are not beside slipway-job.sh"
  . ./slipway-group.sh
  . "$slipway_own"
  # It holds the token, and the steps to come are not to find it; what is left of it goes with everything else.
  { printf '' >"$slipway_own"; } 2>/dev/null || rm -f "$slipway_own"
  [ "$slipway_protocol" = 1 ] || slipway_refuse 69 "settings of protocol $slipway_protocol, but this is 1"
}

# Beside the settings, or where those are on a disk that many nodes share, in the directory that HTCondor made for it.
slipway_find_place() { # scratch, or nothing
  [ "$1" = scratch ] && [ -n "${_CONDOR_SCRATCH_DIR-}" ] || return 0
  cd "$_CONDOR_SCRATCH_DIR" || slipway_refuse 73 'the directory that HTCondor made for the job is not there'
}

slipway_make_directories() {
  cd -P . || exit 73
  slipway_top=$PWD
  slipway_base=$slipway_top/slipway.$$
  slipway_work=$slipway_base/work
  slipway_make "$slipway_base" "$slipway_work" "$slipway_base/tmp" ||
    slipway_refuse 73 "no directory could be made in $slipway_top"
  if [ -n "$slipway_monitor" ]; then slipway_log=$slipway_base/log; else slipway_log=$slipway_top/slipway.log; fi
  : >"$slipway_log" || slipway_refuse 73 "nothing can be written in $slipway_top"
  # From here on every path of ours is relative to it: none needs quoting in curl's settings.
  cd "$slipway_base" || exit 73
  slipway_reserve_space
  [ -z "$slipway_ca" ] || printf '%s\n' "$slipway_ca" >ca.pem
  slipway_random
  slipway_session=$slipway_digits
  # Found in the environment of whatever the steps begin, wherever it has gone.
  slipway_random
  slipway_mark=$slipway_digits
  slipway_find curl
  slipway_curl_path=$slipway_found
  slipway_find setsid
  slipway_setsid=$slipway_found
  slipway_find sh
  slipway_shell=${slipway_found:-sh}
  slipway_name_node
}

# 64 KiB, given back when the disk is full, so that there is room to say so.
slipway_reserve_space() {
  slipway_block=................................................................
  for _ in 1 2 3 4; do slipway_block=$slipway_block$slipway_block$slipway_block$slipway_block; done
  for _ in 1 2 3 4; do printf %s "$slipway_block"; done >reserve 2>/dev/null
}
