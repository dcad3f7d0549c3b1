
# ---- What the job consists of: its environment, steps and outputs.

slipway_environment() {
  slipway_group_environment
  slipway_attempt_environment
  export SLIPWAY_GROUP_ID="$slipway_group_id" SLIPWAY_JOB_ID="$slipway_job_id" \
    SLIPWAY_ATTEMPT_ID="$slipway_attempt_id" SLIPWAY_ATTEMPT="$slipway_attempt" SLIPWAY_INDEX="$slipway_index" \
    SLIPWAY_ITEM="$slipway_item" SLIPWAY_ITEM_VARIABLES="$slipway_item_variables" SLIPWAY_PROJECT="$slipway_project" SLIPWAY_GROUP_NAME="$slipway_group_name" \
    SLIPWAY_BACKEND="$slipway_backend" SLIPWAY_CPUS="$slipway_cpus" SLIPWAY_MEMORY_BYTES="$slipway_memory_bytes" \
    SLIPWAY_DISK_BYTES="$slipway_disk_bytes" SLIPWAY_WALL_TIME_SECONDS="$slipway_wall_time" \
    SLIPWAY_STATUS="$slipway_so_far" SLIPWAY_WORK_DIRECTORY="$slipway_work" TMPDIR="$slipway_base/tmp" \
    SLIPWAY_STEP_STARTED="$slipway_now" SLIPWAY_MARK="$slipway_mark"
}

# Sets slipway_enter: what stands before a command so that it runs inside the image.
slipway_find_image() {
  [ -n "$slipway_image" ] || return 0
  # The batch system has put all of this into the image already.
  [ "${SLIPWAY_IMAGE_ENTERED-}" != "$slipway_image" ] || { slipway_image='' && return 0; }
  slipway_find apptainer
  [ -n "$slipway_found" ] || slipway_find singularity
  slipway_engine=$slipway_found
  [ -n "$slipway_engine" ] || {
    slipway_engine=/cvmfs/oasis.opensciencegrid.org/mis/apptainer/current/bin/apptainer
    [ -x "$slipway_engine" ] || slipway_engine=
  }
  [ -n "$slipway_engine" ] || {
    slipway_fail node-failed "the image $slipway_image needs apptainer or singularity, and this node has neither"
    return 1
  }
  case $slipway_image in
    /*) [ -e "$slipway_image" ] || {
      slipway_fail node-failed "the image $slipway_image is not there on this node"
      return 1
    } ;;
    *://*) ;;
    *) slipway_image=docker://$slipway_image ;;
  esac
}

# An engine lets the image's own variables stand over those that it finds, and takes expressions of a shell in what it is
# told to put over them for its own: neither is what a job's variables mean. HOME and its own settings it keeps.
slipway_set_over_image() {
  slipway_prefix=APPTAINERENV_
  case $slipway_engine in */singularity) slipway_prefix=SINGULARITYENV_ ;; esac
  export APPTAINER_NO_EVAL=1 SINGULARITY_NO_EVAL=1
  for slipway_variable in $slipway_variables $slipway_item_variables; do
    case $slipway_variable in HOME | APPTAINER* | SINGULARITY*) continue ;; esac
    eval "export \"$slipway_prefix$slipway_variable=\${$slipway_variable-}\""
  done
}

# In place of this shell: in a session of its own, in the image where there is one.
slipway_become() {
  [ -z "$slipway_image" ] || [ "$slipway_where" = node ] || {
    slipway_set_over_image
    set -- --bind "$slipway_base" --pwd "$slipway_work" "$slipway_image" "$@"
    [ ! -d /cvmfs ] || set -- --bind /cvmfs "$@"
    set -- "$slipway_engine" exec "$@"
  }
  if [ -n "$slipway_setsid" ]; then exec "$slipway_setsid" "$@"; else exec "$@"; fi
}

slipway_run_steps() {
  slipway_state=success slipway_step=0
  while [ "$slipway_step" -lt "$slipway_steps" ]; do
    slipway_step=$((slipway_step + 1))
    eval "slipway_name=\$slipway_step_name_$slipway_step slipway_when=\$slipway_step_when_$slipway_step \
      slipway_where=\$slipway_step_where_$slipway_step slipway_spared=\$slipway_step_spared_$slipway_step \
      slipway_timeout=\$slipway_step_timeout_$slipway_step slipway_title=\$slipway_step_section_$slipway_step"
    slipway_may_run && slipway_run_step
    [ -z "$slipway_fault" ] || slipway_state=failure
  done
  slipway_spared=
  slipway_settle
}

# Whether its turn comes. After a cancellation that of the spared ones does; after any other end none does.
slipway_may_run() {
  slipway_so_far=$slipway_state
  [ -z "$slipway_cancelled" ] || {
    slipway_note_cancel
    slipway_state=failure slipway_so_far=cancelled
    [ -n "$slipway_spared" ] && [ -z "$slipway_stopped" ] || return 1
    # What it ended is over, and the next one has its own time.
    [ "$slipway_event" != cancelled ] || slipway_event=
  }
  slipway_settle
  [ -z "$slipway_event" ] || return 1
  case $slipway_when in always | "$slipway_state") ;; *) return 1 ;; esac
}

slipway_run_step() {
  # What is spared by a cancellation may have left something to bring back.
  [ -z "$slipway_cancelled" ] || slipway_saves=1
  slipway_file=$slipway_base/step-$slipway_step
  eval "slipway_script=\$slipway_step_script_$slipway_step"
  printf '%s\n' "$slipway_script" >"$slipway_file"
  # The script says what runs it, or it is the shell.
  case $slipway_script in '#!'*) chmod 700 "$slipway_file" ;; esac
  slipway_count_memory_kills
  slipway_killed_before=$slipway_kills
  slipway_section start "$slipway_title"
  (
    trap - TERM INT HUP USR1 USR2
    umask "$slipway_umask"
    cd "$slipway_work" || exit 126
    slipway_environment
    case $slipway_script in
      '#!'*) slipway_become "$slipway_file" ;;
      *)
        # Where the node has its shell says nothing of the image: this is where every one has it.
        [ -z "$slipway_image" ] || [ "$slipway_where" = node ] || slipway_shell=/bin/sh
        slipway_become "$slipway_shell" -e "$slipway_file"
        ;;
    esac
  ) </dev/null >>"$slipway_log" 2>&1 &
  slipway_sessions="$slipway_sessions $!"
  if slipway_supervise "$!" "$slipway_timeout" "the step $slipway_name"; then
    [ "$slipway_code" = 0 ] || slipway_step_failed
  else
    slipway_blame
  fi
  slipway_section end "$slipway_title"
}

slipway_step_failed() {
  slipway_blame
  slipway_count_memory_kills
  if slipway_disk_is_full; then
    slipway_fail disk-exceeded "no space was left on the disk of $slipway_node when the step $slipway_name failed"
  elif [ "$slipway_kills" != "$slipway_killed_before" ]; then
    slipway_fail memory-exceeded "a process of the step $slipway_name was killed for the memory that it took"
  elif [ "$slipway_code" -gt 128 ] && [ "$slipway_code" -le 192 ]; then
    slipway_fail script-failed "the step $slipway_name was ended by signal $((slipway_code - 128))"
  else
    slipway_fail script-failed "the step $slipway_name ended with exit status $slipway_code"
  fi
}

# The exit status that counts is that of the first step that failed.
slipway_blame() {
  [ -z "$slipway_failed_step" ] || return 0
  slipway_failed_step=$slipway_name slipway_exit=$slipway_code
  # A shell shows no more than this of a signal.
  if [ "$slipway_code" -gt 128 ] && [ "$slipway_code" -le 192 ]; then slipway_signal=$((slipway_code - 128)); fi
}

# How often the kernel killed something in our control group.
slipway_count_memory_kills() {
  slipway_kills=
  IFS=: read -r _ _ slipway_cgroup 2>/dev/null </proc/self/cgroup || return 0
  [ -r "/sys/fs/cgroup$slipway_cgroup/memory.events" ] || return 0
  while read -r slipway_key slipway_value; do
    [ "$slipway_key" != oom_kill ] || slipway_kills=$slipway_value
  done <"/sys/fs/cgroup$slipway_cgroup/memory.events"
}

# ---- Outputs: a tar that every node can make; the monitor turns it into the zip that people get.

slipway_collect_outputs() {
  [ "$slipway_outputs" -gt 0 ] || return 0
  slipway_settle
  [ "$slipway_event" != ended ] || return 0
  [ -z "$slipway_cancelled" ] || {
    [ -n "$slipway_saves" ] && [ -z "$slipway_stopped" ] || return 0
    slipway_spared=1
    [ "$slipway_event" != cancelled ] || slipway_event=
  }
  slipway_section start slipway_outputs
  slipway_list_outputs
  if [ -n "$slipway_missing" ] && [ -z "$slipway_fault" ]; then
    slipway_fail output-missing "these outputs are not there: $slipway_missing"
  fi
  if [ -n "$slipway_listed" ]; then slipway_send_outputs; fi
  slipway_section end slipway_outputs
  slipway_spared=
}

slipway_list_outputs() {
  slipway_number=0 slipway_missing='' slipway_listed=''
  : >list
  cd work || return
  while [ "$slipway_number" -lt "$slipway_outputs" ]; do
    slipway_number=$((slipway_number + 1))
    eval "slipway_pattern=\$slipway_output_$slipway_number"
    slipway_matched=
    IFS=
    for slipway_path in ./$slipway_pattern; do
      case $slipway_path in *"$slipway_line"*) continue ;; esac
      [ -e "$slipway_path" ] || [ -L "$slipway_path" ] || continue
      printf '%s\n' "$slipway_path" >>../list
      slipway_matched=1 slipway_listed=1
    done
    IFS=$slipway_blanks
    [ -n "$slipway_matched" ] || eval "slipway_missing=\"\$slipway_missing \$slipway_output_name_$slipway_number\""
  done
  cd "$slipway_base" || return
}

# Where a batch system has put all of this into an image, its tar may be one that reads no list.
slipway_tar() {
  case $(tar --help 2>&1) in
    *-T*) tar -cf "$1" -C work -T list ;;
    *)
      slipway_archive=$1
      shift
      while IFS= read -r slipway_path; do set -- "$@" "$slipway_path"; done <list
      tar -cf "$slipway_archive" -C work "$@"
      ;;
  esac
}

slipway_send_outputs() {
  (
    trap - TERM INT HUP USR1 USR2
    export SLIPWAY_MARK="$slipway_mark"
    if command -v gzip >/dev/null; then
      { slipway_tar - || echo failed >tar-failed; } | gzip -1 >outputs.tar.gz && [ ! -e tar-failed ]
    else
      slipway_tar outputs.tar.gz
    fi
  ) >>"$slipway_log" 2>&1 &
  slipway_supervise "$!" 0 'packing the outputs' || return
  if [ "$slipway_code" != 0 ]; then
    if slipway_disk_is_full; then
      rm -f outputs.tar.gz
      slipway_fail disk-exceeded "no space was left on the disk of $slipway_node to pack the outputs"
    else
      slipway_fail output-missing 'the outputs could not be read: the log says why'
    fi
    return
  fi
  slipway_measure outputs.tar.gz
  slipway_outputs_bytes=$slipway_size slipway_outputs_sha256=$(slipway_digest_of outputs.tar.gz)
  if [ -z "$slipway_monitor" ]; then
    mv outputs.tar.gz "$slipway_top/slipway-outputs.tar.gz" && return
    slipway_fail node-failed 'the outputs could not be put beside the job'
    return
  fi
  if [ -n "$slipway_most_outputs" ] && [ "$slipway_outputs_bytes" -gt "$slipway_most_outputs" ]; then
    slipway_fail output-missing "the outputs ($slipway_outputs_bytes bytes packed) are larger than the $slipway_most_outputs that are allowed"
    return
  fi
  (
    trap - TERM INT HUP USR1 USR2
    export SLIPWAY_MARK="$slipway_mark"
    slipway_deliver PUT "outputs?size=$slipway_outputs_bytes&sha256=$slipway_outputs_sha256" outputs && exit 0
    case $slipway_status in 413) exit 13 ;; *) exit 1 ;; esac
  ) &
  slipway_supervise "$!" 0 'sending the outputs' || return
  case $slipway_code in
    0) slipway_notice "outputs: $slipway_outputs_bytes bytes packed" ;;
    13) slipway_fail output-missing "the outputs ($slipway_outputs_bytes bytes packed) are larger than is allowed" ;;
    *) slipway_fail node-failed 'the outputs could not be delivered' ;;
  esac
}
