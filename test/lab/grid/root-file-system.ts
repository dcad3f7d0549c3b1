import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const gridRootScript = fileURLToPath(new URL('../../../../bin/grid-root', import.meta.url));

let reason: string | undefined;
let asked = false;

/**
 * Why no real batch system can run here, fit for the name of a skipped test: it takes root and the right to mount.
 * Undefined when it can.
 */
export function whyNoGrid(): string | undefined {
  if (!asked) {
    asked = true;
    reason = askWhy();
  }
  return reason;
}

function askWhy(): string | undefined {
  if (process.getuid?.() !== 0) return 'SKIPPED, run as root: a batch system needs namespaces of its own';
  const probe = spawnSync(
    'unshare',
    ['--mount', '--pid', '--uts', '--fork', 'mount', '-t', 'tmpfs', 'x', '/mnt'],
    {
      encoding: 'utf8',
    },
  );
  if (probe.status === 0) return undefined;
  const said = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1) ?? '';
  return `SKIPPED, this machine does not let root mount: ${said}`;
}

/** The root file system with HTCondor and Slurm in it, made now unless an earlier run did; some minutes then. */
export function gridRootFileSystem(): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(gridRootScript, { maxBuffer: 1e7 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`no root file system for the batch systems: ${stderr}`, { cause: error }));
    });
  });
}
