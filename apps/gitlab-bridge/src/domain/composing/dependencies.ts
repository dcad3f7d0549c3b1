import type { CiDependency, CiJob } from '#gitlab';
import { complaint, notice, withoutNul, word } from './shell-text.js';
import { ownFile } from './stages.js';

/** Those whose artifacts are to be there when the script begins. */
export const dependenciesOf = (job: CiJob): readonly CiDependency[] =>
  job.dependencies.filter(({ artifacts_file: { filename } }) => filename !== '');

/** The tokens, each good for the artifacts of one job; the step that reads them takes them away. */
export const dependencyTokens = (dependencies: readonly CiDependency[]): string =>
  dependencies
    .map(({ token }, index) => `slipway_ci_token_${index + 1}=${word(withoutNul(token))}\n`)
    .join('');

/** Shell text that fetches and unpacks them, in the directory of the sources. */
export function downloadArtifacts(
  dependencies: readonly CiDependency[],
  gitlabUrl: string,
  attempts: number,
  caFile: string | undefined,
): string {
  const base = gitlabUrl.replace(/\/+$/, '');
  const calls = dependencies.map(({ id, name }, index) => {
    const url = `${base}/api/v4/jobs/${Math.trunc(id)}/artifacts?direct_download=true`;
    return `${notice(`Downloading artifacts for ${withoutNul(name)} (${id})...`)}
slipway_ci_bring ${word(url)} "$slipway_ci_token_${index + 1}"
`;
  });
  const ca = caFile === undefined ? '' : ` --cacert ${word(caFile)}`;
  return `${programs(ca, attempts)}${calls.join('')}rm -f ${ownFile('artifacts.zip')}\n`;
}

/**
 * What curl gets that is secret comes by its standard input. A token goes to GitLab alone: where that sends us on, curl
 * would take a header of ours along, so the second address is asked by a second call.
 */
const programs = (ca: string, attempts: number): string => `rm -f ${ownFile('dependencies.sh')}
slipway_ci_zip=${ownFile('artifacts.zip')}
command -v curl >/dev/null || {
  ${complaint('this node has no curl to fetch artifacts with')}
  exit 1
}
slipway_ci_curl() { # settings, curl's own arguments
  printf '%s\\n' "$1" 'silent' 'show-error' 'connect-timeout = 20' 'speed-limit = 1' 'speed-time = 60' 'proto = "=http,https"' |
    curl -q --config - --output "$slipway_ci_zip"${ca} --write-out '%{http_code} %{redirect_url}'
}
slipway_ci_ask() { # address, token
  slipway_ci_said=$(slipway_ci_curl "header = \\"JOB-TOKEN: $2\\"
url = \\"$1\\"") || slipway_ci_said='000 '
  case $slipway_ci_said in
    30[12378]\\ http*)
      slipway_ci_next=\${slipway_ci_said#* }
      case $slipway_ci_next in *[\\"\\\\]*) return 1 ;; esac
      slipway_ci_said=$(slipway_ci_curl "location
url = \\"$slipway_ci_next\\"") || slipway_ci_said='000 '
      ;;
  esac
  slipway_ci_said=\${slipway_ci_said%% *}
  [ "$slipway_ci_said" = 200 ]
}
slipway_ci_bring() { # address, token
  slipway_ci_tried=0
  until slipway_ci_ask "$1" "$2"; do
    case $slipway_ci_said in
      40[0134]) slipway_ci_tried=${attempts} ;;
      *) slipway_ci_tried=$((slipway_ci_tried + 1)) ;;
    esac
    [ "$slipway_ci_tried" -lt ${attempts} ] || {
      printf '\\033[31;1m%s\\033[0;m\\n' "ERROR: Downloading artifacts from coordinator... failed: $slipway_ci_said"
      exit 1
    }
    sleep "$slipway_ci_tried"
  done
  printf '%s\\n' 'Downloading artifacts from coordinator... ok'
  slipway_ci_unpack || {
    ${complaint('the artifacts could not be unpacked')}
    exit 1
  }
  rm -f "$slipway_ci_zip"
}
# Info-ZIP ends with 1 where it has only a warning.
slipway_ci_unpack() {
  if command -v unzip >/dev/null && ! slipway_ci_is_busybox unzip; then
    slipway_ci_code=0
    unzip -qo "$slipway_ci_zip" || slipway_ci_code=$?
    [ "$slipway_ci_code" -le 1 ]
  elif command -v bsdtar >/dev/null; then
    bsdtar -xf "$slipway_ci_zip"
  elif command -v python3 >/dev/null; then
    slipway_ci_python
  elif command -v 7z >/dev/null; then
    7z x -y -bd "$slipway_ci_zip" >/dev/null
  elif command -v 7za >/dev/null; then
    7za x -y -bd "$slipway_ci_zip" >/dev/null
  elif command -v unzip >/dev/null; then
    unzip -qo "$slipway_ci_zip"
  elif command -v busybox >/dev/null && busybox unzip --help >/dev/null 2>&1; then
    busybox unzip -qo "$slipway_ci_zip"
  else
    ${complaint('this node has none of unzip, bsdtar, python3, 7z and busybox to unpack artifacts with')}
    return 1
  fi
}
slipway_ci_is_busybox() { case $("$1" --help 2>&1) in *BusyBox*) return 0 ;; esac; return 1; }
slipway_ci_python() {
  python3 -I - "$slipway_ci_zip" <<'END'
import os, stat, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for entry in archive.infolist():
        mode = entry.external_attr >> 16
        if not entry.flag_bits & 0x800:
            try:
                entry.filename = entry.filename.encode("cp437").decode("utf-8")
            except UnicodeError:
                pass
        path = os.path.normpath(entry.filename)
        if path.startswith(("/", "../")) or path == "..":
            continue
        if stat.S_ISLNK(mode):
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            if os.path.lexists(path):
                os.remove(path)
            os.symlink(archive.read(entry).decode(), path)
            continue
        archive.extract(entry)
        if stat.S_IMODE(mode):
            os.chmod(path, stat.S_IMODE(mode) & 0o777)
END
}
`;
