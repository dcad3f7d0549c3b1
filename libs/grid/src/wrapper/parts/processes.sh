
# ---- Processes: each step is a session of its own, and is ended with everything that came of it.

# Everything that carries our mark in its environment, in whatever session it hides.
slipway_marked() {
  grep -slzxF "SLIPWAY_MARK=$slipway_mark" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ slipway_pid _; do
    printf '%s ' "$slipway_pid"
  done
}

slipway_kill_tree() { # signal
  [ -z "$slipway_child" ] || kill -"$1" "-$slipway_child" 2>/dev/null || kill -"$1" "$slipway_child" 2>/dev/null
  # More than once, for a process may have begun another in between.
  for _ in 1 2 3 4 5; do
    slipway_others=$(slipway_marked)
    [ -n "$slipway_others" ] || break
    # shellcheck disable=SC2086 # one argument for each
    kill -"$1" $slipway_others 2>/dev/null
    [ "$1" = KILL ] || break
  done
}

slipway_end_tree() {
  slipway_kill_tree TERM
  slipway_graced=0
  while slipway_lives "$slipway_child" || slipway_any_marked; do
    [ "$slipway_graced" -lt "$slipway_grace" ] || break
    sleep 1
    slipway_graced=$((slipway_graced + 1))
  done
  slipway_kill_tree KILL
}

# Whether anything of the steps goes on. HTCondor ends what is left of a job itself, wherever it hides: then those that
# have left their step's session without a word are its to find, and not all processes of the node are looked through.
slipway_any_left() {
  [ "$slipway_top" = "${_CONDOR_SCRATCH_DIR-}" ] || {
    slipway_any_marked
    return
  }
  for slipway_found in $slipway_sessions; do
    ! kill -0 "-$slipway_found" 2>/dev/null || return 0
  done
  return 1
}

slipway_any_marked() { grep -sqzxF "SLIPWAY_MARK=$slipway_mark" /proc/[0-9]*/environ 2>/dev/null; }

# For who watches beside the supervisor: what that one was waiting for.
slipway_recall_child() { read -r slipway_child 2>/dev/null <child || slipway_child=''; }

# A child that nobody has waited for still answers to kill -0.
slipway_lives() {
  [ -n "$1" ] && kill -0 "$1" 2>/dev/null || return 1
  read -r slipway_stat 2>/dev/null <"/proc/$1/stat" || return 0
  case ${slipway_stat##*)} in ' Z'*) return 1 ;; esac
}

# Wakes the supervisor every five seconds, for what it was told between looking and waiting, and when time is up; when
# that one is gone, ends what it watched. One goes on as long as there is the same time to keep.
slipway_wind_clock() {
  [ "$slipway_until" != "$slipway_wound" ] || return 0
  ! slipway_courier_wakes || return 0
  slipway_stop_clock
  slipway_wound=$slipway_until
  slipway_clock &
  slipway_clock_pid=$!
}

# Until the courier has slept once, it is the clock: most short jobs end before, and need no process more.
slipway_courier_wakes() {
  [ -z "$slipway_woken" ] && [ -n "$slipway_courier_pid" ] && [ "$slipway_first_nap" -le 5 ] &&
    [ $((slipway_until - slipway_now)) -gt "$slipway_first_nap" ] && kill -0 "$slipway_courier_pid" 2>/dev/null
}

slipway_stop_clock() {
  [ -n "$slipway_clock_pid" ] || return 0
  kill "$slipway_clock_pid" 2>/dev/null
  wait "$slipway_clock_pid" 2>/dev/null
  slipway_clock_pid=''
}

slipway_clock() {
  trap '' USR1 USR2 INT HUP
  slipway_sleeper=''
  trap 'kill "$slipway_sleeper" 2>/dev/null; exit 0' TERM
  while :; do
    slipway_tell_time
    slipway_doze=$((slipway_until - slipway_now))
    [ "$slipway_doze" -le 5 ] || slipway_doze=5
    [ "$slipway_doze" -ge 1 ] || slipway_doze=1
    slipway_nap "$slipway_doze"
    kill -USR2 "$slipway_main_pid" 2>/dev/null || {
      slipway_recall_child
      slipway_kill_tree KILL
      exit 0
    }
  done
}

# The exit status of a child of ours, in slipway_code; 1: a signal to us ended the waiting, not the child.
slipway_await() { # process id
  slipway_nudged=
  wait "$1"
  slipway_code=$?
  ! kill -0 "$1" 2>/dev/null || return 1
  # It may have heard of its end and of the clock at once: asked again it tells the exit status, which may be 127.
  if [ "$slipway_code" = 140 ] && [ -n "$slipway_nudged" ]; then
    wait "$1"
    slipway_code=$?
  fi
}

# Waits for a child of ours, at most so long; sets slipway_code. 1: it was ended, and the fault says why.
slipway_supervise() { # process id, seconds (0: as long as the wall time), what runs out of time
  slipway_child=$1
  { printf '%s\n' "$1" >child; } 2>/dev/null
  slipway_until=$((slipway_started + slipway_wall_time)) slipway_time_over=wall-time-exceeded
  slipway_tell_time
  if [ "$2" -gt 0 ] && [ $((slipway_now + $2)) -lt "$slipway_until" ]; then
    slipway_until=$((slipway_now + $2)) slipway_time_over=script-timeout
  fi
  slipway_settled=
  while :; do
    slipway_heed_cancel
    slipway_tell_time
    if [ -z "$slipway_event" ] && [ "$slipway_now" -ge "$slipway_until" ]; then slipway_event=time; fi
    if [ -n "$slipway_event" ] && [ -z "$slipway_settled" ]; then
      slipway_end_tree
      slipway_settled=1
    fi
    slipway_wind_clock
    if slipway_await "$slipway_child"; then break; fi
  done
  slipway_child=
  slipway_empty child
  case $slipway_event in
    '') return 0 ;;
    time)
      if [ "$slipway_time_over" = script-timeout ]; then
        # Steps that clean up come after it.
        slipway_event=
        slipway_fail script-timeout "$3 did not end within $2 s"
      else
        slipway_fail wall-time-exceeded "the job did not end within its wall time of $slipway_wall_time s"
      fi
      ;;
    *) slipway_settle ;;
  esac
  return 1
}

# What runs is ended by a cancellation unless it is spared; the batch system's own word spares nothing.
slipway_heed_cancel() {
  [ -n "$slipway_cancelled" ] && [ -z "$slipway_event" ] || return 0
  if [ -z "$slipway_spared" ] || [ -n "$slipway_stopped" ]; then slipway_event=cancelled; fi
}

slipway_outside_word() { # signal
  slipway_stopped=1
  [ -z "$slipway_event$slipway_cancelled" ] || return 0
  slipway_event=ended slipway_outside=$1 slipway_hurry=1
}

# What came between two things that can be ended: nothing after it is begun, and the job says so.
slipway_settle() {
  slipway_heed_cancel
  case $slipway_event in
    cancelled) slipway_note_cancel ;;
    ended) slipway_fail evicted "ended from outside (signal $slipway_outside)" ;;
  esac
}

slipway_note_cancel() {
  [ -n "$slipway_noted" ] || slipway_fail cancelled 'cancelled'
  slipway_noted=1
}

# From here on signals are heard; a cancelled job stays so, whatever comes after.
slipway_listen() {
  trap 'slipway_cancelled=1' USR1
  trap 'slipway_woken=1 slipway_nudged=1' USR2
  trap 'slipway_outside_word TERM' TERM
  trap 'slipway_outside_word INT' INT
  trap 'slipway_outside_word HUP' HUP
}
