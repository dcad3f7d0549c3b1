# How the stand-in shows a repository. `overlay` (root): a real overlay mount, read-only outside transactions. `copy`
# (any user): a plain directory with a copy of the revision, its "mount" being a line in a file of its own; outside a
# transaction only its top is unwritable.

best_mode() {
  if [ "$(id -u)" != 0 ]; then say copy; return; fi
  trial=$(mktemp -d "$CVMFS_STANDIN/trial.XXXXXX")
  mkdir "$trial/lower" "$trial/upper" "$trial/work" "$trial/at"
  if mount -t overlay -o "lowerdir=$trial/lower,upperdir=$trial/upper,workdir=$trial/work" overlay "$trial/at" 2>/dev/null
  then umount "$trial/at"; say overlay; else say copy; fi
  rm -rf "$trial"
}

mount_table() { if [ "$mode" = copy ]; then say "$CVMFS_STANDIN/mountinfo"; else say /proc/self/mountinfo; fi; }

mounted() { # ro|rw
  [ -e "$(mount_table)" ] && awk -v at="$mountpoint" -v how="$1" \
    '$5 == at { state = substr($6, 1, 2) } END { exit state != how }' "$(mount_table)"
}

write_line() { # ro|rw
  erase_line
  say "1 1 0:1 / $mountpoint $1,relatime - overlay overlay_$repo $1" >> "$CVMFS_STANDIN/mountinfo"
}
erase_line() {
  [ -e "$CVMFS_STANDIN/mountinfo" ] || : > "$CVMFS_STANDIN/mountinfo"
  awk -v at="$mountpoint" '$5 != at' "$CVMFS_STANDIN/mountinfo" > "$CVMFS_STANDIN/mountinfo.new"
  mv "$CVMFS_STANDIN/mountinfo.new" "$CVMFS_STANDIN/mountinfo"
}

clear_scratch() {
  [ "$mode" = overlay ] || return 0
  # A container's file systems may leave a scratch area that only root's rm can empty; so can this user's.
  rm -rf "$spool/scratch"
  mkdir -p "$spool/scratch/upper" "$spool/scratch/work"
}

# rm -rf that minds no unwritable directory, whoever runs it.
discard() {
  [ -e "$1" ] || return 0
  find "$1" -type d ! -perm -u+rwx -exec chmod u+rwx {} +
  rm -rf "$1"
}

mount_revision() { # ro|rw
  if [ "$mode" = overlay ]; then
    mount -t overlay \
      -o "$1,lowerdir=$srv/revisions/$(published S),upperdir=$spool/scratch/upper,workdir=$spool/scratch/work" \
      "overlay_$repo" "$mountpoint"
  else
    mkdir -p "$mountpoint"
    # With `rw` the unpublished changes are kept, as the scratch area of the real one does.
    if [ "$1" = rw ] && [ -d "$spool/unmounted" ]; then
      discard "$mountpoint"
      mv "$spool/unmounted" "$mountpoint"
    elif [ "$1" = ro ]; then
      find "$mountpoint" -type d ! -perm -u+rwx -exec chmod u+rwx {} +
      find "$mountpoint" -mindepth 1 -delete
      cp -a "$srv/revisions/$(published S)/." "$mountpoint"
      discard "$spool/unmounted"
    fi
    remount "$1"
  fi
}

remount() { # ro|rw
  if [ "$mode" = overlay ]; then mount -o "remount,$1" "$mountpoint"; return; fi
  if [ "$1" = ro ]; then chmod u-w "$mountpoint"; else chmod u+w "$mountpoint"; fi
  write_line "$1"
}

unmount() {
  if [ "$mode" = overlay ]; then
    umount "$mountpoint" 2>/dev/null || umount --lazy "$mountpoint" 2>/dev/null || :
  else
    # What is not mounted is not seen.
    if mounted ro || mounted rw; then
      chmod u+w "$mountpoint"
      discard "$spool/unmounted"
      mv "$mountpoint" "$spool/unmounted"
      mkdir "$mountpoint"
    fi
    erase_line
  fi
}
