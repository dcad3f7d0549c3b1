import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `overlay`: real mounts, for who may mount. `copy`: plain directories, for any user. */
export type StandInMode = 'overlay' | 'copy';

/** Whether this process may mount: root may, but not in every container. */
export const canMount = spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status === 0;

/** How a run of the tool ended; the code is null where a signal ended it. */
export interface StandInAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A repository on the stand-in: what a driver is to be told, and what a test does behind the driver's back. */
export interface CvmfsStandIn {
  readonly directory: string;
  readonly repository: string;
  /** Settings of the `cvmfs_server` driver. */
  readonly settings: {
    readonly repository: string;
    readonly root: string;
    readonly stateDirectory: string;
    readonly tool: string;
    readonly spoolDirectory: string;
    readonly manifest: string;
    readonly mountinfo: string;
    readonly environment: Readonly<Record<string, string>>;
  };
  /** Runs `cvmfs_server` as a stranger would. */
  run(args: readonly string[], options?: { env?: Record<string, string>; cwd?: string }): StandInAnswer;
  /** What the published manifest says: `C` the root hash, `S` the revision. */
  published(letter: string): string;
  /** Where readers elsewhere see the repository: the published revision, whatever goes on here. */
  readers(): string;
  /** Unmounts and removes everything. */
  stop(): void;
}

const tool = join(process.cwd(), 'test/stand-ins/cvmfs-server/cvmfs_server');

/** Makes a repository below `parent`, in the mode that this user can have unless told. */
export function startCvmfsStandIn(mode?: StandInMode, parent = tmpdir()): CvmfsStandIn {
  const repository = 'test.example.org';
  const directory = mkdtempSync(join(parent, 'cvmfs-stand-in-'));
  const environment = { CVMFS_STANDIN: directory };
  const run: CvmfsStandIn['run'] = (args, options = {}) => {
    // Files, not pipes: what a killed shell leaves running would hold a pipe open, and this would wait for it.
    const outputs = ['stdout', 'stderr'].map((name) => join(directory, name));
    const files = outputs.map((path) => openSync(path, 'w'));
    const how: SpawnSyncOptions & { detached: boolean } = {
      cwd: options.cwd ?? '/',
      stdio: ['ignore', ...files],
      env: { PATH: process.env['PATH'] ?? '', ...environment, ...options.env },
      // Own process group, as kill -9 of "everything" means the group.
      detached: true,
    };
    const { status } = spawnSync(tool, args, how);
    files.forEach(closeSync);
    const [stdout, stderr] = outputs.map((path) => readFileSync(path, 'utf8'));
    return { code: status, stdout: stdout ?? '', stderr: stderr ?? '' };
  };
  const made = run(['mkfs', repository], mode === undefined ? {} : { env: { CVMFS_STANDIN_MODE: mode } });
  if (made.code !== 0) throw new Error(`The stand-in cannot be made: ${made.stderr}`);
  const used = readFileSync(join(directory, 'etc', repository, 'mode'), 'utf8').trim();
  const manifest = join(directory, 'srv', repository, '.cvmfspublished');
  const published = (letter: string) =>
    readFileSync(manifest, 'latin1')
      .split('\n')
      .find((line) => line.startsWith(letter))
      ?.slice(1) ?? '';
  return {
    directory,
    repository,
    settings: {
      repository,
      root: join(directory, 'cvmfs', repository),
      stateDirectory: join(directory, 'state'),
      tool: tool,
      spoolDirectory: join(directory, 'spool', repository),
      manifest,
      mountinfo: used === 'overlay' ? '/proc/self/mountinfo' : join(directory, 'mountinfo'),
      environment,
    },
    run,
    published,
    readers: () => join(directory, 'srv', repository, 'revisions', published('S')),
    stop() {
      run(['unmount', repository]);
      // An ordinary user's rm stops at directories without write permission.
      spawnSync('chmod', ['-R', 'u+rwX', directory]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
