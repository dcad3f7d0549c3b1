
# ---- From beginning to end.

slipway_begin() {
  # Until the monitor has told what time it is, only how long something takes is asked for.
  [ -z "$slipway_monitor" ] || slipway_booted=0
  slipway_tell_time
  slipway_started=$slipway_now slipway_main_pid=$$ slipway_pace=$slipway_log_every
  [ -n "$slipway_monitor" ] || return 0
  [ -n "$slipway_curl_path" ] || {
    slipway_clean_up
    slipway_refuse 69 'this node has no curl, and the job could not tell of itself'
  }
  slipway_lines="session=$slipway_session
node=$slipway_node
protocol=1"
  { slipway_park || slipway_deliver POST start lines; } && [ "$slipway_action" != cancel ] || {
    slipway_unpark
    slipway_clean_up
    case $slipway_status in
      2?? | 410) slipway_refuse 77 'the job is not to run any more' ;;
      401 | 403 | 404) slipway_refuse 77 'the monitor refuses this job: it was begun elsewhere, or its token is not good' ;;
      *) slipway_refuse 74 "the monitor could not be reached: $(slipway_why_unreached)" ;;
    esac
  }
  slipway_set_clock
  # It may wake us before we listen to anything else.
  trap 'slipway_woken=1 slipway_nudged=1' USR2
  slipway_first_nap=$slipway_pace
  slipway_courier &
  slipway_courier_pid=$!
  # What the courier alone holds ends with it.
  exec 5<&- 8>&-
}

# By the monitor's clock, or where it does not say by the node's.
slipway_set_clock() {
  [ -n "$slipway_up" ] || return 0
  slipway_booted=
  [ -z "$slipway_told_now" ] || slipway_booted=$((slipway_told_now - slipway_up))
  slipway_tell_time
  slipway_started=$((slipway_started + slipway_booted))
}

slipway_finish() {
  # What the steps left running is over with them.
  ! slipway_any_left || slipway_end_tree
  slipway_stop_clock
  slipway_disk_is_full && slipway_notice "the disk of $slipway_node was full: the log may lack something"
  slipway_empty reserve
  if [ -n "$slipway_fault" ]; then slipway_notice_last "failed: $slipway_fault"; else slipway_notice_last 'succeeded'; fi
  slipway_end_lines
  if [ -z "$slipway_monitor" ]; then
    printf '%s\n' "$slipway_lines" >"$slipway_top/slipway-end.new" && mv "$slipway_top/slipway-end.new" "$slipway_top/slipway-end"
    return
  fi
  { printf '%s\n' "$slipway_lines" >end; } 2>/dev/null || slipway_empty end
  [ -n "$slipway_hurry" ] || kill -USR1 "$slipway_courier_pid"
  while :; do
    [ -z "$slipway_hurry" ] || kill -TERM "$slipway_courier_pid"
    if slipway_await "$slipway_courier_pid"; then break; fi
  done 2>/dev/null
  case $slipway_code in
    0) return 0 ;;
    3) return 1 ;;
    4)
      slipway_status=410
      return 1
      ;;
    # It was killed, or could not read what it was to tell.
    *) slipway_tell_end ;;
  esac
}

slipway_clean_up() {
  cd "$slipway_top" || return
  # What HTCondor made for this job it takes away itself, whatever is in it.
  [ "$slipway_top" != "${_CONDOR_SCRATCH_DIR-}" ] || return 0
  # A job may have made directories that not even their owner may empty.
  rm -rf "$slipway_base" "$slipway_own" 2>/dev/null || { chmod -R u+rwx "$slipway_base" && rm -rf "$slipway_base"; } 2>/dev/null
}

slipway_main() {
  slipway_read_settings "${1:-slipway-attempt.sh}"
  slipway_find_place "${2-}"
  slipway_make_directories
  slipway_begin
  slipway_listen
  slipway_notice "job $slipway_job_id, attempt $slipway_attempt, on $slipway_node"
  if slipway_find_image; then
    slipway_fetch_inputs
    [ -n "$slipway_fault" ] || slipway_run_steps
    slipway_collect_outputs
  fi
  slipway_finish
  slipway_told=$?
  slipway_clean_up
  slipway_say "${slipway_fault:-succeeded}${slipway_words:+: $slipway_words}"
  [ "$slipway_told" = 0 ] || [ "${slipway_status-}" = 410 ] ||
    slipway_refuse 74 'the monitor did not hear of the end of the job'
  case $slipway_fault in
    '') exit 0 ;;
    cancelled | evicted) exit 143 ;;
    script-timeout | wall-time-exceeded) exit 124 ;;
  esac
  [ "${slipway_exit:-0}" != 0 ] || exit 1
  exit "$slipway_exit"
}

slipway_main "$@"
