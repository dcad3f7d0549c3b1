
# ---- The protocol: plain HTTP calls, answers of key=value lines.

# The token goes in by a file descriptor, for an argument list is everybody's to read. Nothing is written to the disk,
# which may be full.
slipway_call() { # method, path, what to send: nothing, log (from the offset on), piece (of it), outputs, end, or lines
  slipway_transfer "$@"
  if [ "${3-}" = piece ]; then
    slipway_answer=$(slipway_curl_piece)
  else
    slipway_answer=$(
      "$slipway_curl_path" -q --config /dev/fd/3 2>/dev/null 3<<END <<LINES
$slipway_transfer
END
$slipway_lines
LINES
    )
  fi
  slipway_curl_exit=$?
  slipway_understand
}

slipway_curl_piece() {
  dd if="$slipway_log" bs=4096 skip="$slipway_from" count="$slipway_chunk_blocks" 2>/dev/null |
    "$slipway_curl_path" -q --config /dev/fd/3 2>/dev/null 3<<END
$slipway_transfer
END
}

# Settings of curl for one call, in slipway_transfer.
slipway_transfer() { # as of slipway_call; start: its lines, written into the settings
  slipway_body=
  case ${3-} in
    '') slipway_body='data = ""' ;;
    log)
      slipway_body='upload-file = "log"'
      [ "$slipway_offset" -eq 0 ] || slipway_body="$slipway_body
continue-at = $slipway_offset
header = \"Content-Range:\""
      ;;
    outputs) slipway_body='upload-file = "outputs.tar.gz"' ;;
    end) slipway_body='upload-file = "end"' ;;
    start) slipway_body="data = \"session=$slipway_session\\nnode=$slipway_node\\nprotocol=1\"" ;;
    *) slipway_body='upload-file = "-"' ;;
  esac
  slipway_transfer="silent
request = \"$1\"
url = \"$slipway_monitor/worker/v1/attempts/$slipway_attempt_id/$2\"
header = \"Authorization: Bearer $slipway_token\"
header = \"X-Slipway-Session: $slipway_session\"
header = \"Content-Type: application/octet-stream\"
header = \"Expect:\"
$slipway_body
write-out = \"\\n${slipway_status_as:-status}=%{http_code}\\n\"
connect-timeout = 10
speed-limit = 100
speed-time = $slipway_silence
${slipway_ca:+cacert = \"ca.pem\"}"
}

slipway_understand() {
  slipway_read_answer <<END
$slipway_answer
END
}

slipway_read_answer() {
  slipway_action='' slipway_next='' slipway_status=000
  while IFS='=' read -r slipway_key slipway_value; do
    case $slipway_key in
      action) slipway_action=$slipway_value ;;
      next) slipway_next=$slipway_value ;;
      log) [ "$slipway_value" != full ] || slipway_log_is_full=1 ;;
      pace) if slipway_is_number "$slipway_value" && [ "$slipway_value" -gt 0 ]; then slipway_pace=$slipway_value; fi ;;
      outputs) if slipway_is_number "$slipway_value"; then slipway_most_outputs=$slipway_value; fi ;;
      now) if slipway_is_number "$slipway_value"; then slipway_told_now=$slipway_value; fi ;;
      status) slipway_status=$slipway_value ;;
    esac
  done
}

# One curl for the first word of a job and its last ones, since loading it costs a node as much as a short script does:
# in between it reads from a pipe until that ends. The pipes come of here-documents, opened again for writing, and need
# no program. 1: nothing was begun so, and each call is to be made by itself: where there are no such pipes, curl is too
# old (before 7.52), or anything is not as simple as it mostly is.
slipway_park() {
  exec 5<<END 7<<LINES
pipe
END
pipe
LINES
  if [ -p /proc/self/fd/5 ] && [ -p /proc/self/fd/7 ] && [ -w /proc/self/fd/5 ] && [ -w /proc/self/fd/7 ] &&
    read -r _ <&5 && read -r _ <&7; then
    exec 6>/proc/self/fd/5 8>/proc/self/fd/7
    slipway_status_as=passed slipway_offset=0
    slipway_transfer POST start start
    slipway_parking="fail
include
no-buffer
$slipway_transfer
next
fail
silent
url = \"file:///dev/null\"
upload-file = \"-\"
next
fail"
    slipway_transfer PUT 'log?offset=0' log
    slipway_status_as=status
    slipway_parking="$slipway_parking
$slipway_transfer
next
fail"
    slipway_transfer POST end end
    "$slipway_curl_path" -q --fail-early --config /dev/fd/3 <&7 7<&- >&6 6>&- 5<&- 8>&- 2>/dev/null 3<<END &
$slipway_parking
$slipway_transfer
END
    slipway_parked=$!
    exec 6>&- 7<&-
    slipway_read_head <&5 && return 0
  else
    exec 7<&-
  fi
  slipway_unpark
  return 1
}

# Nothing more is sent by it: who ends it otherwise than so has it send what there is.
slipway_unpark() {
  [ -z "$slipway_parked" ] || kill "$slipway_parked" 2>/dev/null
  slipway_parked=''
  exec 5<&- 8>&-
}

# An answer whose end is known by its length alone, for what sends it goes on; 1: it is not a good one.
slipway_read_head() {
  read -r _ slipway_status _ || return 1
  slipway_left='' slipway_answer=''
  while read -r slipway_key slipway_value; do
    case $slipway_key in
      # The end of a line is two characters.
      ?) break ;;
      [Cc]ontent-[Ll]ength:) slipway_left=${slipway_value%?} ;;
    esac
  done
  case $slipway_status in 2??) slipway_is_number "$slipway_left" || return 1 ;; *) return 1 ;; esac
  while [ "$slipway_left" -gt 0 ]; do
    IFS= read -r slipway_value || return 1
    slipway_left=$((slipway_left - ${#slipway_value} - 1))
    slipway_answer=$slipway_answer$slipway_value$slipway_line
  done
  slipway_understand
  slipway_status=200
}

# The last words, by what has waited for them.
slipway_tell_parked() {
  [ "$slipway_length" -le $((slipway_chunk_blocks * 4096)) ] || return 1
  exec 8>&-
  slipway_read_answer <&5
  case $slipway_status in 2??) ;; *) return 1 ;; esac
  [ "$slipway_next" = "$slipway_length" ] || [ -n "$slipway_log_is_full" ]
}

# What is left of the log, and the end, over one connection. Whatever goes wrong with it, or is not so simple, is done
# again call by call: also where curl is so old (before 7.52) that it knows no such thing.
slipway_tell_all() {
  [ -z "$slipway_orphaned$slipway_hurry" ] && [ "$slipway_wait" -eq 0 ] && [ -z "$slipway_told_all" ] && [ -s end ] || return 1
  slipway_told_all=1
  while IFS='=' read -r slipway_key slipway_value; do
    [ "$slipway_key" != log ] || slipway_length=$slipway_value
  done <end
  [ -z "$slipway_parked" ] || {
    slipway_tell_parked
    return
  }
  slipway_transfer POST end end
  slipway_both="fail
$slipway_transfer"
  if [ "$slipway_length" -gt "$slipway_offset" ] && [ -z "$slipway_log_is_full" ]; then
    [ $((slipway_length - slipway_offset)) -le $((slipway_chunk_blocks * 4096)) ] || return 1
    slipway_transfer PUT "log?offset=$slipway_offset" log
    slipway_both="fail
$slipway_transfer
next
$slipway_both"
  fi
  slipway_answer=$(
    "$slipway_curl_path" -q --fail-early --config /dev/fd/3 2>/dev/null 3<<END
$slipway_both
END
  ) || return 1
  slipway_understand
  [ -z "$slipway_next" ] || [ "$slipway_next" = "$slipway_length" ] || [ -n "$slipway_log_is_full" ]
}

# A file from the monitor; 1 where it is not whole.
slipway_curl_to() { # file, path
  slipway_status=$(
    "$slipway_curl_path" -q --config /dev/fd/3 2>/dev/null 3<<END
silent
url = "$slipway_monitor/worker/v1/attempts/$slipway_attempt_id/$2"
header = "Authorization: Bearer $slipway_token"
header = "X-Slipway-Session: $slipway_session"
output = "$1"
write-out = "%{http_code}"
connect-timeout = 10
speed-limit = 1
speed-time = $slipway_silence
${slipway_ca:+cacert = "ca.pem"}
END
  ) || {
    [ -n "$slipway_status" ] || slipway_status=000
    return 1
  }
  case $slipway_status in 2??) ;; *) return 1 ;; esac
}

# Until it is answered. 1: it was refused for good, or nobody answered for as long as we may wait.
slipway_deliver() {
  slipway_tell_time
  slipway_wait=0 slipway_since=$slipway_now
  while :; do
    slipway_call "$@"
    case $slipway_status in
      2??) return 0 ;;
      400 | 403 | 404 | 409 | 410 | 413 | 422) return 1 ;;
    esac
    slipway_most=$slipway_patience
    [ -z "$slipway_hurry" ] || slipway_most=$slipway_grace
    slipway_tell_time
    [ $((slipway_now - slipway_since)) -lt "$slipway_most" ] || return 1
    slipway_wait=$((slipway_wait * 2 + 1))
    [ "$slipway_wait" -le "$slipway_most_wait" ] || slipway_wait=$slipway_most_wait
    slipway_nap $((slipway_wait + $$ % (slipway_wait / 2 + 1)))
  done
}

# What came of the last call that nobody answered; curl(1), "EXIT CODES".
slipway_why_unreached() {
  case $slipway_curl_exit in
    6) printf 'its name is not known here' ;;
    7) printf 'nobody listens there' ;;
    28) printf 'it does not answer' ;;
    35) printf 'no TLS connection came to be' ;;
    51 | 60) printf 'its certificate is not one that this job trusts' ;;
    *) printf 'HTTP status %s, curl exit status %s' "$slipway_status" "$slipway_curl_exit" ;;
  esac
}

# The body of that call, in slipway_lines; slipway_size is that of the log.
slipway_end_lines() {
  slipway_tell_time
  case $slipway_words in
    *[[:cntrl:]]*) slipway_words=$(printf '%s' "$slipway_words" | tr '\n\r' '  ') ;;
  esac
  slipway_sizes=
  [ ! -s sizes ] || while [ "${#slipway_sizes}" -lt 8000 ] && read -r slipway_key; do
    slipway_sizes="$slipway_sizes $slipway_key"
  done <sizes
  slipway_lines="exit=$slipway_exit
signal=$slipway_signal
fault=$slipway_fault
step=$slipway_failed_step
words=$slipway_words
log=$slipway_size
inputs=${slipway_sizes# }
outputs=$slipway_outputs_bytes
sha256=$slipway_outputs_sha256
node=$slipway_node
started=$slipway_started
ended=$slipway_now"
}

slipway_tell_end() { slipway_deliver POST end lines; }
