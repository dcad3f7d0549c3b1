import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitServer, makeRepository, password, startGitServer } from './repository.js';
import { aJob, removeRuns, runCiJob, type RunCiJob, variable } from './run-ci-job.js';

type Fields = Readonly<Record<string, unknown>>;

/** A git server with a project, and the jobs of it that a test runs. */
export interface World {
  readonly server: GitServer;
  readonly sha: string;
  /** The `git_info` of a job. */
  gitInfo(more?: Fields): object;
  run(fields: Fields, how?: Parameters<typeof runCiJob>[1]): Promise<RunCiJob>;
  close(): Promise<void>;
}

/** Git, its server and the job’s shell are real; GitLab is `git_info` alone. `before` adds to the first commit. */
export async function openWorld(
  files: Readonly<Record<string, string>>,
  before?: (directory: string, server: GitServer) => void,
  tls?: Parameters<typeof startGitServer>[0],
): Promise<World> {
  const server = await startGitServer(tls);
  const sha = await makeRepository(server, 'group/project', files, (directory) =>
    before?.(directory, server),
  );
  const gitInfo = (more: Fields = {}): object => ({
    repo_url: `${server.url.replace('//', `//gitlab-ci-token:${password}@`)}/group/project.git`,
    ref: 'main',
    sha,
    refspecs: ['+refs/heads/main:refs/remotes/origin/main'],
    depth: 20,
    ...more,
  });
  return {
    server,
    sha,
    gitInfo,
    run: ({ variables, ...fields }, how) =>
      runCiJob(
        aJob({
          git_info: gitInfo(),
          variables: [
            variable('CI_JOB_TOKEN', password, { masked: true }),
            ...(Array.isArray(variables) ? (variables as readonly object[]) : []),
          ],
          ...fields,
        }),
        how,
      ),
    close: async () => {
      await server.stop();
      await removeRuns();
    },
  };
}

/** A node that has these programs alone, and tells how each was called. */
export interface BareNode {
  readonly path: string;
  /** The argument lists of programs that were named to be watched. */
  calls(): Promise<string>;
  remove(): Promise<void>;
}

const basic =
  'sh awk basename cat chmod cp curl cut date dd dirname env find git grep gzip head id ln ls mkdir mktemp mv od printf pwd rm rmdir sed setsid sleep sort stat tail tar test touch tr true uname uniq wc xargs';

/** What of it busybox has as well. */
export const busyboxTools =
  'awk basename cat cp cut date dd env find grep head ln ls mkdir mv od pwd rm sed sleep sort tail touch tr uniq wc xargs';

/** A PATH of links to this machine's programs; names in `ofBusybox` lead to busybox instead. */
export async function bareNode(
  more: readonly string[],
  watched: readonly string[] = [],
  ofBusybox = '',
): Promise<BareNode> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-node-'));
  const bin = join(directory, 'bin');
  const log = join(directory, 'calls');
  await mkdir(bin);
  await writeFile(log, '');
  for (const name of [...basic.split(' '), ...more]) {
    // What is found may be a shim that needs a shell which this node has not.
    const program = ofBusybox.split(' ').includes(name) ? 'busybox' : name;
    const ask =
      program === 'python3'
        ? `python3 -c 'import sys; print(sys.executable)'`
        : `command -v ${program} || true`;
    const found = execFileSync('sh', ['-c', ask], { encoding: 'utf8' }).trim();
    if (!found.startsWith('/')) continue;
    if (watched.includes(name)) {
      await writeFile(
        join(bin, name),
        `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>'${log}'\nexec ${found} "$@"\n`,
      );
      await chmod(join(bin, name), 0o755);
    } else await symlink(found, join(bin, name));
  }
  return {
    path: bin,
    calls: () => readFile(log, 'utf8'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
