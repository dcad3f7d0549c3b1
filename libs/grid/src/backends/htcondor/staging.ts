import { mkdirSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Submission } from '../../backend.js';

/** Small files are written three times as fast without asynchronous calls; some of them, then others may go on. */
const beforeOthers = 64;

/**
 * The files of submissions, until they are harvested:
 * `jobs/<submission>/{slipway-job.sh,slipway-group.sh,condor.log}`, there `<proc>/…` or, where it `isFlat`,
 * `<proc>.{sh,out,err}`, and `clusters/<cluster>` → its submission.
 * All of it is closed to other users: the attempts' files hold tokens.
 */
export class Staging {
  constructor(private readonly root: string) {}

  /** A submission's directory, made where it is not there. */
  async open(submissionId: string): Promise<string> {
    const directory = join(this.root, 'jobs', submissionId);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  async write(submission: Submission, flat: boolean): Promise<void> {
    const directory = await this.open(submission.id);
    await writeFile(join(directory, 'slipway-job.sh'), submission.wrapper, { mode: 0o600 });
    await writeFile(join(directory, 'slipway-group.sh'), submission.groupSettings, { mode: 0o600 });
    for (const [proc, { settings }] of submission.attempts.entries()) {
      if (proc % beforeOthers === beforeOthers - 1) await othersTurn();
      const own = `${directory}/${proc}`;
      if (!flat) mkdirSync(own, { recursive: true, mode: 0o700 });
      writeFileSync(flat ? `${own}.sh` : `${own}/slipway-attempt.sh`, settings, { mode: 0o600 });
    }
  }

  /** Remembers where a cluster's files are. */
  async link(cluster: number, submissionId: string): Promise<void> {
    const clusters = join(this.root, 'clusters');
    await mkdir(clusters, { recursive: true, mode: 0o700 });
    const path = join(clusters, `${cluster}`);
    // A schedd that was set up anew counts from 1 again.
    await rm(path, { force: true });
    await symlink(join('..', 'jobs', submissionId), path);
  }

  /** Where a cluster's files are, or were; undefined when another machine submitted it. */
  async ofCluster(cluster: number): Promise<string | undefined> {
    const clusters = join(this.root, 'clusters');
    return readlink(join(clusters, `${cluster}`)).then(
      (target) => join(clusters, target),
      () => undefined,
    );
  }

  /** Makes a job's directory again, for what a remote schedd brings back. */
  async reopen(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
  }

  /** Once a schedd has its own copy. */
  async removeSent(directory: string): Promise<void> {
    await rm(directory, { recursive: true, force: true });
  }

  /** Removes what is kept of jobs; with the last one of a cluster all of it. */
  async forget(cluster: number, procs: readonly number[]): Promise<void> {
    const directory = await this.ofCluster(cluster);
    if (directory === undefined) return;
    for (const proc of procs)
      for (const name of ['', '.sh', '.out', '.err'])
        await rm(join(directory, `${proc}${name}`), { recursive: true, force: true });
    const left = await readdir(directory).catch(() => []);
    if (left.some((name) => /^\d+(?:\.|$)/.test(name))) return;
    await rm(directory, { recursive: true, force: true });
    await rm(join(this.root, 'clusters', `${cluster}`), { force: true });
  }
}
