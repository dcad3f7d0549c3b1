
# ---- Inputs: given by content, fetched from anywhere, or what other jobs brought back, from the monitor.

slipway_fetch_inputs() {
  [ "$slipway_inputs" -gt 0 ] || return 0
  slipway_section start slipway_inputs
  if slipway_are_given; then
    slipway_place_inputs >>"$slipway_log" 2>&1
    slipway_code=$?
    slipway_fetched=0
    slipway_settle
  else
    slipway_supervise_inputs
    slipway_fetched=$?
  fi
  if [ "$slipway_fetched" = 0 ] && [ "$slipway_code" != 0 ]; then
    if slipway_disk_is_full; then
      slipway_fail disk-exceeded "no space is left on the disk of $slipway_node"
    else
      slipway_fail input-missing 'an input could not be had: the log says which'
    fi
  fi
  slipway_section end slipway_inputs
}

# Whether the settings hold all of them: then there is nothing to wait for.
slipway_are_given() {
  slipway_number=0
  while [ "$slipway_number" -lt "$slipway_inputs" ]; do
    slipway_number=$((slipway_number + 1))
    eval "slipway_elsewhere=\$slipway_input_url_$slipway_number\$slipway_input_outputs_$slipway_number"
    [ -z "$slipway_elsewhere" ] || return 1
  done
}

slipway_place_inputs() {
  slipway_number=0
  while [ "$slipway_number" -lt "$slipway_inputs" ]; do
    slipway_number=$((slipway_number + 1))
    slipway_fetch_input || return 1
  done
}

slipway_supervise_inputs() {
  (
    trap - TERM INT HUP USR1 USR2
    # Its own children carry the mark, so that they are ended with it.
    export SLIPWAY_MARK="$slipway_mark"
    slipway_place_inputs || exit 1
  ) </dev/null >>"$slipway_log" 2>&1 &
  slipway_supervise "$!" 0 'fetching the inputs'
}

slipway_fetch_input() {
  eval "slipway_path=\$slipway_input_path_$slipway_number slipway_url=\$slipway_input_url_$slipway_number \
    slipway_content=\$slipway_input_content_$slipway_number slipway_is_outputs=\$slipway_input_outputs_$slipway_number \
    slipway_sha256=\$slipway_input_sha256_$slipway_number \
    slipway_executable=\$slipway_input_executable_$slipway_number"
  slipway_target=work/$slipway_path
  [ -z "$slipway_is_outputs" ] || {
    slipway_fetch_outputs
    return
  }
  [ -d "${slipway_target%/*}" ] || mkdir -p -- "${slipway_target%/*}" || return 1
  # As any file of the user's would be.
  umask "$slipway_umask"
  slipway_empty "$slipway_target"
  umask 077
  if [ -z "$slipway_url" ]; then
    printf '%s' "$slipway_content" >"$slipway_target" || return 1
    slipway_check_input || return 1
  else
    slipway_tried=0
    until slipway_download && slipway_check_input; do
      slipway_tried=$((slipway_tried + 1))
      [ "$slipway_tried" -lt "$slipway_input_tries" ] || return 1
      sleep $((slipway_tried * 2))
    done
  fi
  [ "$slipway_executable" != 1 ] || (umask "$slipway_umask" && chmod +x "$slipway_target")
  # What the house itself puts there is nobody's news.
  case $slipway_path in
    .slipway-*) ;;
    *)
      slipway_measure "$slipway_target"
      slipway_say "input $slipway_path: $slipway_size bytes"
      slipway_note_size
      ;;
  esac
}

# For the last word of the job, which another process may have to say.
slipway_note_size() { { printf '%s:%s\n' "$slipway_number" "$slipway_size" >>sizes; } 2>/dev/null || :; }

# What other jobs brought back, as a tar from the monitor; it says which by the number of the input alone.
slipway_fetch_outputs() {
  [ -n "$slipway_monitor" ] || {
    slipway_say "input $slipway_path: this job has no way to fetch what others brought back"
    return 1
  }
  slipway_packed=
  command -v gzip >/dev/null || slipway_packed='?packed=no'
  slipway_tried=0
  until slipway_curl_to input.tar "inputs/$slipway_number$slipway_packed"; do
    slipway_say "input $slipway_path: not fetched (HTTP status $slipway_status)$(slipway_error_in input.tar)"
    case $slipway_status in 400 | 401 | 403 | 404 | 410) return 1 ;; esac
    slipway_tried=$((slipway_tried + 1))
    [ "$slipway_tried" -lt "$slipway_input_tries" ] || return 1
    sleep $((slipway_tried * 2))
  done
  (
    umask "$slipway_umask"
    mkdir -p -- "$slipway_target" || exit 1
    if [ -n "$slipway_packed" ]; then
      tar -xof input.tar -C "$slipway_target"
    else
      gzip -dc <input.tar | tar -xof - -C "$slipway_target"
    fi
  ) || {
    slipway_say "input $slipway_path: not unpacked"
    return 1
  }
  slipway_measure input.tar
  slipway_say "input $slipway_path: $slipway_size bytes packed"
  slipway_note_size
  rm -f input.tar
}

slipway_error_in() {
  [ "$slipway_status" != 000 ] || return 0
  head -c 1000 "$1" 2>/dev/null | while IFS='=' read -r slipway_key slipway_value; do
    [ "$slipway_key" != error ] || printf ': %s' "$slipway_value"
  done
}

# An address may hold a signature: neither argument list nor log shows it.
slipway_download() {
  "$slipway_curl_path" -q --config /dev/fd/3 >"$slipway_target" 3<<END || {
silent
show-error
fail
location
url = "$slipway_url"
connect-timeout = 20
speed-limit = 1
speed-time = 60
END
    slipway_say "input $slipway_path: not fetched"
    return 1
  }
}

slipway_check_input() {
  [ -n "$slipway_sha256" ] || return 0
  slipway_found=$(slipway_digest_of "$slipway_target")
  [ "$slipway_found" = "$slipway_sha256" ] || {
    slipway_say "input $slipway_path: its SHA-256 is ${slipway_found:-not to be had on this node}, not $slipway_sha256"
    return 1
  }
}
