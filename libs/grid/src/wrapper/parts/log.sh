
# ---- The log: one file that the steps write to themselves, so that none waits for the network.

slipway_format_notice() { printf '\033[36;1m%s\033[0m\n' "slipway: $*"; }

slipway_notice() { slipway_format_notice "$*" >>"$slipway_log" 2>/dev/null; }

# Sections as GitLab's job logs have them; others see an empty line.
slipway_section() { # start|end, name
  slipway_tell_time
  slipway_break=
  [ "$1" = start ] || slipway_break=$slipway_line
  printf '\033[0Ksection_%s:%s:%s\r\033[0K%s' "$1" "$slipway_now" "$2" "$slipway_break" >>"$slipway_log" 2>/dev/null
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
  [ -s reserve ] || return 0
  slipway_full=
  { printf %s "$slipway_block" >probe; } 2>/dev/null || slipway_full=1
  slipway_empty probe
  [ -n "$slipway_full" ] || return 1
  slipway_empty reserve
}

slipway_empty() { { printf '' >"$1"; } 2>/dev/null; }

# ---- The courier: takes the log to the monitor and says that the job lives, beside whatever the job does, and at last
# the end. It exits with 0 when that was heard, 3 when it was not, 4 when it was news to nobody, and else never tried.

slipway_courier() {
  trap 'slipway_ended=1' USR1
  trap 'slipway_ended=1 slipway_hurry=1' TERM
  trap '' INT HUP
  slipway_tell_time
  slipway_offset=0 slipway_length=0 slipway_wait=0 slipway_heard=$slipway_now slipway_log_is_full='' slipway_idle=0
  slipway_attending='' slipway_attend_at=$((slipway_now + slipway_silent))
  slipway_pause=$slipway_pace slipway_wakes=0
  while :; do
    if [ "$slipway_pause" -gt 0 ] && [ -z "$slipway_ended" ]; then slipway_nap "$slipway_pause"; fi
    if [ -z "$slipway_ended" ] && ! kill -0 "$slipway_main_pid" 2>/dev/null; then slipway_orphaned=1 slipway_ended=1; fi
    # What it is told between looking and waiting is lost: so it is told more than once.
    if [ "$slipway_wakes" -lt 3 ]; then
      slipway_wakes=$((slipway_wakes + 1))
      [ -n "$slipway_ended" ] || kill -USR2 "$slipway_main_pid" 2>/dev/null
    fi
    slipway_last=$slipway_ended
    [ -z "$slipway_last" ] || slipway_dismiss
    if [ -n "$slipway_last" ] && slipway_tell_all; then exit 0; fi
    [ -z "$slipway_parked" ] || slipway_unpark
    slipway_pause=$slipway_pace
    slipway_look
    if [ "$slipway_length" -gt "$slipway_offset" ] && [ -z "$slipway_log_is_full" ]; then
      slipway_idle=0
      slipway_send_chunk
    else
      slipway_rest
    fi
    if [ "$slipway_wait" -gt 0 ]; then
      slipway_pause=$slipway_wait
      if [ -n "$slipway_last" ]; then
        if [ -n "$slipway_hurry" ] || slipway_refused || slipway_given_up; then break; fi
        slipway_nap "$slipway_pause"
      fi
    elif [ "$slipway_offset" -lt "$slipway_length" ] && [ -z "$slipway_log_is_full" ]; then
      slipway_pause=0
    elif [ -n "$slipway_last" ]; then
      break
    fi
  done
  [ -z "$slipway_orphaned" ] || slipway_bury
  [ -s end ] || exit 5
  slipway_deliver POST end end && exit 0
  [ "$slipway_status" != 410 ] || exit 4
  exit 3
}

# As long as nothing is heard that ends it.
slipway_nap() { # seconds
  # Nothing else holds a pipe open by which others hear of the end.
  sleep "$1" 5<&- 8>&- &
  slipway_sleeper=$!
  wait "$slipway_sleeper" || kill "$slipway_sleeper" 2>/dev/null
}

# Nothing to send: says that the job lives, and comes less often to a log in which nothing happens.
slipway_rest() {
  slipway_tell_time
  if [ -n "$slipway_attending" ]; then
    slipway_attended
  elif [ $((slipway_now - slipway_heard)) -ge "$slipway_heartbeat" ]; then
    slipway_call POST heartbeat
    slipway_hear
  elif [ "$slipway_now" -ge "$slipway_attend_at" ]; then
    slipway_attend
  fi
  slipway_idle=$((slipway_idle + 1))
  [ "$slipway_idle" -lt 10 ] || [ "$slipway_pace" -gt 1 ] || slipway_pause=2
}

# A call that the monitor holds until the job is to end: so a silent job hears of it as soon as one that logs. Short jobs
# are spared it.
slipway_attend() {
  slipway_hold=$slipway_heartbeat slipway_attend_since=$slipway_now
  [ "$slipway_hold" -le 25 ] || slipway_hold=25
  slipway_transfer POST "heartbeat?hold=$slipway_hold"
  slipway_empty held
  "$slipway_curl_path" -q --config /dev/fd/3 2>/dev/null >held 3<<END &
$slipway_transfer
END
  slipway_attending=$!
}

# What came of it, once it is answered. A monitor that holds nothing is asked again when the job has to say that it lives.
slipway_attended() {
  slipway_answer=''
  while read -r slipway_word; do slipway_answer=$slipway_answer$slipway_word$slipway_line; done <held
  case $slipway_answer in
    *status=*) ;;
    *)
      [ $((slipway_now - slipway_attend_since)) -lt $((slipway_hold + slipway_silence)) ] || slipway_dismiss
      return
      ;;
  esac
  slipway_dismiss
  slipway_attend_at=$slipway_now
  [ $((slipway_now - slipway_attend_since)) -ge $((slipway_hold - 2)) ] || slipway_attend_at=$((slipway_now + slipway_heartbeat))
  slipway_understand
  slipway_hear
  [ "$slipway_wait" -eq 0 ] || slipway_heard=$((slipway_now - slipway_heartbeat))
}

slipway_dismiss() {
  [ -n "$slipway_attending" ] || return 0
  kill "$slipway_attending" 2>/dev/null
  wait "$slipway_attending" 2>/dev/null
  slipway_attending=''
}

# How long the log is. A file of ours that is younger than it says that nothing was written since the last look, and
# costs no process; one that is as old says nothing.
slipway_look() {
  if [ -z "$slipway_last" ] && [ "$slipway_length" = "$slipway_offset" ] && [ seen -nt "$slipway_log" ] 2>/dev/null; then return; fi
  slipway_empty seen
  slipway_measure "$slipway_log"
  slipway_length=$slipway_size
}

# The rest where it is a small one: curl itself begins in the middle of a file, but knows no end before that of the file.
# Else a piece that begins at a whole block, for a skip in blocks is what every dd can do: the monitor drops what it has.
slipway_send_chunk() {
  if [ $((slipway_length - slipway_offset)) -le $((slipway_chunk_blocks * 4096)) ]; then
    slipway_call PUT "log?offset=$slipway_offset" log
  else
    slipway_from=$((slipway_offset / 4096))
    slipway_call PUT "log?offset=$((slipway_from * 4096))" piece
  fi
  slipway_hear
  slipway_attend_at=$((slipway_now + slipway_silent))
  case $slipway_status in 2?? | 409) ;; *) return ;; esac
  slipway_is_number "$slipway_next" || return
  # It grew while it was sent.
  if [ "$slipway_next" -gt "$slipway_length" ]; then
    slipway_measure "$slipway_log"
    slipway_length=$slipway_size
  fi
  # The monitor may have lost its end when it was restored: then it is told again.
  [ "$slipway_next" -gt "$slipway_length" ] || slipway_offset=$slipway_next
}

# What an answer means for the courier: when to come again, and whether the job is to go on.
slipway_hear() {
  slipway_tell_time
  case $slipway_status in
    2?? | 409 | 410)
      slipway_wait=0
      slipway_heard=$slipway_now
      ;;
    *)
      if [ "$slipway_wait" -eq 0 ]; then slipway_unheard=$slipway_now; fi
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

slipway_given_up() {
  slipway_tell_time
  [ $((slipway_now - slipway_unheard)) -ge "$slipway_patience" ]
}

# The supervising shell is gone, and nobody else will say so.
slipway_bury() {
  slipway_recall_child
  slipway_kill_tree KILL
  slipway_fault=node-failed slipway_words='the shell that watched over the job was killed' slipway_hurry=1
  slipway_measure "$slipway_log"
  slipway_end_lines
  slipway_tell_end
  slipway_clean_up
  exit 0
}
