import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Enters a directory as Apptainer does, by mounts of its own: the image is the root, the directories that were
 * asked for are bound into it. What it does not know it refuses, as Apptainer does what is wrong: other commands and
 * options, an image or a directory to bind that is not there.
 *
 * Apptainer does more: it pulls images; binds the caller's home, /tmp, /sys and what its administrator says; applies the
 * image's own variables, `APPTAINERENV_…` and its start-up files; lets nothing of the image be written.
 */
const engine = `#!/bin/sh
fatal() { echo "FATAL:   $*" >&2; exit 255; }
[ "$1" = exec ] || fatal "the stand-in has no command $1"
shift
binds=
directory=
while :; do
  case $1 in
    --bind) [ -d "$2" ] || fatal "mount source $2 doesn't exist"
      binds="$binds $2" && shift 2 ;;
    --pwd) directory=$2 && shift 2 ;;
    -*) fatal "unknown flag: $1" ;;
    *) break ;;
  esac
done
image=$1
shift
case $image in *://*) fatal "the engine would pull $image" ;; esac
[ -d "$image" ] || fatal "could not open image $image: no such file or directory"
[ -n "$directory" ] || fatal 'the stand-in has to be told --pwd'
[ "$(id -u)" = 0 ] && own=-m || own=-rm
exec unshare $own sh -ec '
  image=$1 directory=$2 binds=$3
  shift 3
  root=$(mktemp -d)
  mount -t tmpfs image "$root"
  for entry in "$image"/*; do
    [ -d "$entry" ] && [ ! -L "$entry" ] || { cp -P "$entry" "$root/" && continue; }
    mkdir "$root/\${entry##*/}"
    case \${entry##*/} in tmp | dev | proc | cvmfs) continue ;; esac
    mount --rbind "$entry" "$root/\${entry##*/}"
  done
  for bind in /dev /proc $binds; do
    mkdir -p "$root$bind"
    mount --rbind "$bind" "$root$bind"
  done
  cd "$root$directory"
  exec chroot "$root" sh -c "cd \\"\\$0\\" && exec \\"\\$@\\"" "$directory" "$@"
' engine "$image" "$directory" "$binds" "$@"
`;

/** Makes it a program, which stands alone in its directory, and gives its path. */
export async function standInApptainer(directory: string): Promise<string> {
  const programs = join(directory, 'programs');
  await mkdir(programs, { recursive: true });
  const path = join(programs, 'apptainer');
  await writeFile(path, engine);
  await chmod(path, 0o755);
  return path;
}

/**
 * Through what services are started so that the local backend's jobs find the programs of a directory, and nobody else:
 * in mounts of their own, so that nothing on the machine changes.
 */
export function withProgramsOf(directory: string): readonly string[] {
  const own = process.getuid?.() === 0 ? '-m' : '-rm';
  return ['unshare', own, 'sh', '-c', 'mount --bind "$0" /usr/local/sbin && exec "$@"', directory];
}
