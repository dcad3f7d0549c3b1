
# ---- The protocol: plain HTTP calls, answers of key=value lines.

# The token goes in by a file descriptor, for an argument list is everybody's to read. Nothing is written to the disk,
# which may be full.
slipway_call() { # method, path, what to send: nothing, log, outputs, or lines
  slipway_body=
  case ${3-} in
    '') slipway_body='data = ""' ;;
    log | lines) slipway_body='upload-file = "-"' ;;
    outputs) slipway_body='upload-file = "outputs.tar.gz"' ;;
  esac
  slipway_answer=$(slipway_send_body "$@" | slipway_curl "$1" "$2")
  slipway_action='' slipway_next='' slipway_status=000
  while IFS='=' read -r slipway_key slipway_value; do
    case $slipway_key in
      action) slipway_action=$slipway_value ;;
      next) slipway_next=$slipway_value ;;
      log) [ "$slipway_value" != full ] || slipway_log_is_full=1 ;;
      pace) if slipway_is_number "$slipway_value" && [ "$slipway_value" -gt 0 ]; then slipway_pace=$slipway_value; fi ;;
      outputs) if slipway_is_number "$slipway_value"; then slipway_most_outputs=$slipway_value; fi ;;
      status) slipway_status=$slipway_value ;;
    esac
  done <<END
$slipway_answer
END
}

slipway_send_body() {
  case ${3-} in
    log) dd if="$slipway_log" bs=4096 skip="$slipway_from" count="$slipway_chunk_blocks" 2>/dev/null ;;
    lines) printf '%s\n' "$slipway_lines" ;;
  esac
}

slipway_curl() { # method, path
  "$slipway_curl_path" -q --config /dev/fd/3 2>/dev/null 3<<END
silent
request = "$1"
url = "$slipway_monitor/worker/v1/attempts/$slipway_attempt_id/$2"
header = "Authorization: Bearer $slipway_token"
header = "X-Slipway-Session: $slipway_session"
header = "Content-Type: application/octet-stream"
header = "Expect:"
$slipway_body
write-out = "\nstatus=%{http_code}\n"
connect-timeout = 10
speed-limit = 100
speed-time = $slipway_silence
${slipway_ca:+cacert = "ca.pem"}
END
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
  slipway_tried=0 slipway_wait=0 slipway_since=$(slipway_now)
  while :; do
    slipway_call "$@"
    case $slipway_status in
      2??) return 0 ;;
      400 | 403 | 404 | 409 | 410 | 413 | 422) return 1 ;;
    esac
    slipway_most=$slipway_patience
    [ -z "$slipway_hurry" ] || slipway_most=$slipway_grace
    [ $(($(slipway_now) - slipway_since)) -lt "$slipway_most" ] || return 1
    slipway_wait=$((slipway_wait * 2 + 1))
    [ "$slipway_wait" -le "$slipway_most_wait" ] || slipway_wait=$slipway_most_wait
    sleep $((slipway_wait + $$ % (slipway_wait / 2 + 1)))
  done
}

slipway_end_lines() {
  printf '%s\n' "exit=$slipway_exit" "signal=$slipway_signal" "fault=$slipway_fault" "step=$slipway_failed_step" \
    "words=$(printf '%s' "$slipway_words" | tr '\n\r' '  ')" "log=$(slipway_size_of "$slipway_log")" \
    "outputs=$slipway_outputs_bytes" "sha256=$slipway_outputs_sha256" "node=$slipway_node" \
    "started=$slipway_started" "ended=$(slipway_now)"
}

slipway_tell_end() {
  slipway_lines=$(slipway_end_lines)
  slipway_deliver POST end lines
}
