import { type ChildProcess, execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { waitFor } from '#lab';
import { beginJob, endOf, shells, step } from './run-job.js';

const directories: string[] = [];
const wrappers: ChildProcess[] = [];

afterAll(async () => {
  // One that a failed test left standing still would keep its pipes open.
  for (const wrapper of wrappers) wrapper.kill('SIGKILL');
  await Promise.all(directories.map((path) => rm(path, { recursive: true, force: true })));
});

/** The states of a process's children, as ps shows them. */
const childrenOf = (pid: number): readonly string[] =>
  execFileSync('ps', ['-eo', 'ppid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([parent]) => parent === String(pid))
    .map(([, state = '']) => state);

/** The job's own shell stands still before its step goes on. */
const stopped =
  'echo begun; kill -STOP $PPID; until grep -q "^State:.T" /proc/$PPID/status; do sleep 0.1; done';

describe.each(shells)('a job under %s', (_name, shell) => {
  // 127 is also what a shell says of a process that it does not know.
  it.each([0, 3, 127, 140])(
    'has the exit status %i of its step, although the clock wakes it at the same moment',
    async (code) => {
      const {
        directory,
        process: wrapper,
        ended,
        says,
      } = await beginJob({
        shell,
        template: { steps: [step(`${stopped}; exit ${code}`)] },
      });
      directories.push(directory);
      wrappers.push(wrapper);
      const pid = wrapper.pid ?? 0;
      await says('begun');
      await waitFor(() => childrenOf(pid).some((state) => state.startsWith('Z')), {
        what: 'the step to have ended while nobody looks',
      });
      // Both are there when it looks again.
      wrapper.kill('SIGUSR2');
      wrapper.kill('SIGCONT');
      const { said } = await ended;
      expect({ end: await endOf(directory), said }).toMatchObject({
        end: { exit: code === 0 ? '' : String(code), fault: code === 0 ? '' : 'script-failed' },
      });
    },
  );
});
