import type { TreeAddition } from '../tree/additions.js';
import { startConfig, type StartConfig } from './image-config.js';
import { isShellName, shellQuote } from './shell-quote.js';

/** What Apptainer binds its own onto: on read-only CVMFS it cannot make them. */
const mountDirectories = [
  'dev',
  'proc',
  'sys',
  'tmp',
  'var/tmp',
  'home',
  'root',
  'etc',
  '.singularity.d/libs',
];
const mountFiles = ['etc/hosts', 'etc/resolv.conf', 'etc/passwd', 'etc/group', 'etc/localtime'];

/**
 * What makes a directory tree an Apptainer sandbox: how to start it, from the image's configuration, and what Apptainer
 * and the site mount into it. `bindPoints` are directories of the container (`/cvmfs`); one that the image has as a link
 * or a file stays so. Throws `image.config_invalid`.
 */
export function apptainerFiles(config: Buffer, bindPoints: readonly string[]): TreeAddition[] {
  const start = startConfig(config);
  const directories = [...mountDirectories, start.workingDirectory, ...bindPoints];
  return [
    ...scripts(start),
    document('.singularity.d/labels.json', `${JSON.stringify(start.labels, undefined, 2)}\n`),
    link('environment', '.singularity.d/env/90-environment.sh'),
    link('singularity', '.singularity.d/runscript'),
    ...['exec', 'run', 'shell', 'test'].map((action) =>
      link(`.${action}`, `.singularity.d/actions/${action}`),
    ),
    ...directories
      .filter((path) => path.replaceAll('/', '') !== '')
      .map((path): TreeAddition => ({ kind: 'directory', path, when: 'absent' })),
    ...mountFiles.map((path): TreeAddition => ({
      kind: 'file',
      path,
      when: 'absent',
      data: '',
      mode: 0o644,
    })),
  ];
}

function scripts(start: StartConfig): TreeAddition[] {
  const files: Readonly<Record<string, string>> = {
    'env/01-base.sh': baseEnvironment,
    'env/10-docker2singularity.sh': imageEnvironment(start),
    'env/90-environment.sh': '#!/bin/sh\n# For what a site adds.\n',
    'env/99-base.sh': libraries,
    'actions/exec': action('exec "$@"'),
    'actions/run': action(startOf('runscript', 'the image says not how to run it')),
    'actions/shell': action(shell),
    'actions/start': action(startOf('startscript', 'the image has nothing to start as a service')),
    // No image from a registry has one. HTCondor runs this before each job, and takes a failure for the node's.
    'actions/test': action('if [ -x /.singularity.d/test ]; then exec /.singularity.d/test "$@"; fi\nexit 0'),
    runscript: runScript(start),
  };
  return Object.entries(files).map(([path, data]) => ({
    kind: 'file',
    path: `.singularity.d/${path}`,
    when: 'always',
    data,
    mode: 0o755,
  }));
}

const baseEnvironment = `#!/bin/sh
: "\${PATH:=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
export PATH
`;

const libraries = `#!/bin/sh
# Where Apptainer mounts libraries of the host, those of a GPU for instance.
LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}/.singularity.d/libs"
PS1='Apptainer> '
export LD_LIBRARY_PATH PS1
`;

const shell = `if [ -n "\${SINGULARITY_SHELL:-}" ] && [ -x "$SINGULARITY_SHELL" ]; then
  exec "$SINGULARITY_SHELL" "$@"
fi
if [ -x /bin/bash ]; then
  exec /bin/bash --norc "$@"
fi
exec /bin/sh "$@"`;

function action(body: string): string {
  return `#!/bin/sh
for script in /.singularity.d/env/*.sh; do
  if [ -f "$script" ]; then
    . "$script"
  fi
done
${body}
`;
}

function startOf(script: string, otherwise: string): string {
  return `if [ -x /.singularity.d/${script} ]; then
  exec /.singularity.d/${script} "$@"
fi
echo ${shellQuote(otherwise)} >&2
exit 1`;
}

/** A variable that whoever starts the container has set stays so, but for PATH, which is the image's own affair. */
function imageEnvironment(start: StartConfig): string {
  const lines = start.environment.flatMap((assignment) => {
    const equals = assignment.indexOf('=');
    const name = equals < 0 ? assignment : assignment.slice(0, equals);
    const value = shellQuote(equals < 0 ? '' : assignment.slice(equals + 1));
    if (!isShellName(name)) return [];
    if (name === 'PATH') return [`PATH=${value}`, 'export PATH'];
    return [`if [ -z "\${${name}:-}" ]; then ${name}=${value}; fi`, `export ${name}`];
  });
  return `${['#!/bin/sh', ...lines].join('\n')}\n`;
}

/** As an engine starts it: arguments stand in the place of the image's own command, behind its entrypoint. */
function runScript({ entrypoint, command }: StartConfig): string {
  const words = (list: readonly string[]): string => list.map(shellQuote).join(' ');
  const fallback = entrypoint.length === 0 && command.length === 0 ? ['/bin/sh'] : command;
  const lines = ['#!/bin/sh'];
  if (fallback.length > 0) lines.push(`if [ $# -eq 0 ]; then set -- ${words(fallback)}; fi`);
  lines.push(`exec ${entrypoint.length > 0 ? `${words(entrypoint)} ` : ''}"$@"`);
  return `${lines.join('\n')}\n`;
}

function document(path: string, data: string): TreeAddition {
  return { kind: 'file', path, when: 'always', data, mode: 0o644 };
}

function link(path: string, target: string): TreeAddition {
  return { kind: 'link', path, target, when: 'absent' };
}
