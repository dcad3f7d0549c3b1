import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { derivedName, gridDeadlineMs, sharedSlurm, type Slurm, waitFor, whyNoGrid } from '#lab';

const reason = whyNoGrid();
const run = promisify(execFile);

// Real: the run's Slurm.
(reason === undefined ? describe : describe.skip)(reason ?? 'the Slurm of a test run', () => {
  let slurm: Slurm;
  let directory: string;
  beforeAll(async () => {
    slurm = await sharedSlurm();
    directory = slurm.workDirectory(derivedName(import.meta.url));
  }, gridDeadlineMs);
  const tool = async (name: string, ...args: readonly string[]): Promise<string> =>
    (await run(join(slurm.bin, name), args, { cwd: directory })).stdout.trim();

  it('runs a job of an ordinary user, from a directory outside, and writes its output there', async () => {
    const id = await tool('sbatch', '--parsable', '--output=out', '--wrap=id -un; echo hello');
    const state = (): Promise<string> =>
      tool('squeue', '--noheader', '--states=all', `--jobs=${id}`, '--format=%T');
    await waitFor(async () => (await state()) === 'COMPLETED', { what: `the end of job ${id}` });
    expect(readFileSync(join(directory, 'out'), 'utf8')).toBe('grid\nhello\n');
  });

  it('answers over REST whoever has a token, and nobody else', async () => {
    const list = async (token: string): Promise<unknown> => {
      const headers = { 'x-slurm-user-name': slurm.user, 'x-slurm-user-token': token };
      return (await fetch(`${slurm.url}/slurm/v0.0.40/jobs/`, { headers })).json();
    };
    expect(await list(await slurm.token())).toMatchObject({ errors: [] });
    expect(await list('another')).toMatchObject({ errors: [{ error: 'Protocol authentication error' }] });
  });

  it('is one for all test files', async () => {
    expect((await sharedSlurm()).url).toBe(slurm.url);
  });
});
