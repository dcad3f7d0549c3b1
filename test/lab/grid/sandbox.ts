import { execFile } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type EmbeddedServer, startServer } from '#embedded';

const support = fileURLToPath(new URL('../../../../bin/support/', import.meta.url));
const run = promisify(execFile);

/** The user inside the sandbox as whom tools and jobs run; the same number is nobody's outside. */
export const gridUser = { name: 'grid', uid: 4711, gid: 4711 } as const;

/** One batch system: its files, how it starts, and how one knows that it serves. */
export interface SandboxOptions {
  readonly name: string;
  /** As `gridRootFileSystem` gives it; never written to. */
  readonly rootFileSystem: string;
  /** The sandbox's own; on a file system that the batch system's jobs may fill. */
  readonly directory: string;
  /** Absolute path inside → content; all may read them. */
  readonly files: Readonly<Record<string, string>>;
  /** Path inside → directory outside, which can only be read in there. Neither has white space in it. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** A shell script run inside as root: sets up, starts the daemons, and waits as long as they run. */
  readonly start: string;
  /** Programs that get a wrapper in the bin directory. */
  readonly tools: readonly string[];
  /** Throws as long as the batch system does not serve. */
  readonly probe: (inside: Inside) => Promise<void>;
}

/** Runs a program inside as root, and gives what it printed. Throws when it fails, with what it said. */
export type Inside = (program: string, ...args: readonly string[]) => Promise<string>;

/** How a sandbox is reached, by other processes also. */
export interface Sandbox {
  /** Wrappers that run a tool inside as the ordinary user, from the same working directory. */
  readonly bin: string;
  readonly inside: Inside;
  /**
   * Makes a directory that is the same place inside and outside, and the ordinary user's. What tools and jobs read has
   * to lie below one, and what they are to change or make also: each tool that is run from there takes it over.
   */
  workDirectory(name: string): string;
}

/**
 * Starts a batch system in namespaces of its own and waits until it serves: when its process ends, its jobs and its
 * mounts end with it. Throws temporary `embedded.start_failed`.
 */
export async function startSandbox(options: SandboxOptions): Promise<EmbeddedServer> {
  const { name, rootFileSystem, directory, files, mounts = {}, tools } = options;
  const bin = join(directory, 'bin');
  for (const part of [bin, join(directory, 'jobs')]) mkdirSync(part, { recursive: true, mode: 0o755 });
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory, 'files', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  const mounted = Object.entries(mounts).map(([inside, outside]) => `${outside} ${inside}\n`);
  writeFileSync(join(directory, 'mounts'), mounted.join(''));
  copyFileSync(join(support, 'grid-tool'), join(bin, 'grid-tool'));
  for (const tool of tools) symlinkSync('grid-tool', join(bin, tool));

  const { inside } = reachSandbox(directory);
  const namespaces = ['--mount', '--pid', '--uts', '--fork', '--kill-child'];
  return startServer({
    name,
    command: {
      program: '/usr/bin/unshare',
      args: [...namespaces, join(support, 'grid-sandbox'), rootFileSystem, directory, options.start],
      directory,
      logFile: join(directory, `${name}.log`),
    },
    // Nothing in there is worth an orderly end, and process 1 of a namespace hears no other signal.
    stopSignal: 'SIGKILL',
    startDeadlineMs: 120_000,
    probe: () => options.probe(inside),
  });
}

/** Reaches the sandbox that some process started with this directory. */
export function reachSandbox(directory: string): Sandbox {
  return {
    bin: join(directory, 'bin'),
    inside: async (program, ...args) => {
      const init = readFileSync(join(directory, 'init'), 'utf8').trim();
      const enter = [
        '--target',
        init,
        '--mount',
        '--pid',
        '--uts',
        '--root',
        `--wd=/proc/${init}/root`,
        '--',
      ];
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };
      const { stdout } = await run('nsenter', [...enter, program, ...args], {
        env,
        cwd: '/',
        maxBuffer: 1e8,
      });
      return stdout;
    },
    workDirectory: (name) => {
      const path = join(directory, 'jobs', name);
      mkdirSync(path, { recursive: true });
      chownSync(path, gridUser.uid, gridUser.gid);
      return path;
    },
  };
}
