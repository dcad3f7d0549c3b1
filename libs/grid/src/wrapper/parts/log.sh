
# ---- The log: one file that the steps write to themselves, so that none waits for the network.

slipway_notice() { printf '\033[36;1m%s\033[0m\n' "slipway: $*" >>"$slipway_log" 2>/dev/null; }

# Sections as GitLab's job logs have them; others see an empty line.
slipway_section() { # start|end, name
  printf '\033[0Ksection_%s:%s:%s\r\033[0K' "$1" "$(slipway_now)" "$2" >>"$slipway_log" 2>/dev/null
  [ "$1" = start ] || printf '\n' >>"$slipway_log" 2>/dev/null
}

# The first fault is the cause; what follows from it is not.
slipway_fail() { # fault, words
  [ -n "$slipway_fault" ] || {
    slipway_fault=$1
    slipway_words=$2
  }
  slipway_notice "$2"
}

slipway_disk_is_full() {
  [ "$(slipway_size_of reserve)" -gt 0 ] || return 0
  dd if=/dev/zero of=probe bs=65536 count=1 2>/dev/null && rm -f probe && return 1
  rm -f probe reserve
  : >reserve
}

# ---- The courier: takes the log to the monitor and says that the job lives, beside whatever the job does.

slipway_courier() {
  trap 'slipway_ended=1' USR1
  trap 'slipway_ended=1 slipway_hurry=1' TERM
  trap '' INT HUP
  slipway_offset=0 slipway_wait=0 slipway_heard=$(slipway_now) slipway_log_is_full=
  while :; do
    if [ -z "$slipway_ended" ] && ! kill -0 "$slipway_main_pid" 2>/dev/null; then slipway_orphaned=1 slipway_ended=1; fi
    slipway_last=$slipway_ended
    slipway_length=$(slipway_size_of "$slipway_log")
    slipway_pause=$slipway_pace
    if [ "$slipway_length" -gt "$slipway_offset" ] && [ -z "$slipway_log_is_full" ]; then
      slipway_send_chunk
    elif [ $(($(slipway_now) - slipway_heard)) -ge "$slipway_heartbeat" ]; then
      slipway_call POST heartbeat
      slipway_hear
    fi
    if [ "$slipway_wait" -gt 0 ]; then
      slipway_pause=$slipway_wait
      if [ -n "$slipway_last" ] && { [ -n "$slipway_hurry" ] || slipway_refused || slipway_given_up; }; then break; fi
    elif [ "$slipway_offset" -lt "$slipway_length" ] && [ -z "$slipway_log_is_full" ]; then
      slipway_pause=0
    elif [ -n "$slipway_last" ]; then
      break
    fi
    [ "$slipway_pause" -eq 0 ] || {
      sleep "$slipway_pause" &
      wait "$!"
    }
  done
  [ -z "$slipway_orphaned" ] || slipway_bury
  exit 0
}

# Begins at a whole block, for a skip in blocks is what every dd can do: the monitor drops what it has already.
slipway_send_chunk() {
  slipway_from=$((slipway_offset / 4096))
  slipway_call PUT "log?offset=$((slipway_from * 4096))" log
  slipway_hear
  case $slipway_status in 2?? | 409) ;; *) return ;; esac
  slipway_is_number "$slipway_next" || return
  # The monitor may have lost its end when it was restored: then it is told again.
  [ "$slipway_next" -gt "$slipway_length" ] || slipway_offset=$slipway_next
}

# What an answer means for the courier: when to come again, and whether the job is to go on.
slipway_hear() {
  case $slipway_status in
    2?? | 409 | 410)
      slipway_wait=0
      slipway_heard=$(slipway_now)
      ;;
    *)
      if [ "$slipway_wait" -eq 0 ]; then slipway_unheard=$(slipway_now); fi
      slipway_wait=$((slipway_wait * 2 + 1))
      [ "$slipway_wait" -le "$slipway_most_wait" ] || slipway_wait=$slipway_most_wait
      # Ten thousand jobs that were cut off together do not come back together.
      slipway_wait=$((slipway_wait + $$ % (slipway_wait / 2 + 1)))
      ;;
  esac
  if [ "$slipway_status" = 410 ]; then slipway_log_is_full=1; fi
  if [ "$slipway_action" = cancel ]; then kill -USR1 "$slipway_main_pid" 2>/dev/null; fi
}

# Asked again, the monitor would say the same.
slipway_refused() { case $slipway_status in 400 | 403 | 404 | 413 | 422) return 0 ;; *) return 1 ;; esac; }

slipway_given_up() { [ $(($(slipway_now) - slipway_unheard)) -ge "$slipway_patience" ]; }

# The supervising shell is gone, and nobody else will say so.
slipway_bury() {
  slipway_kill_tree KILL
  slipway_fault=node-failed slipway_words='the shell that watched over the job was killed' slipway_hurry=1
  slipway_tell_end
  slipway_clean_up
}
