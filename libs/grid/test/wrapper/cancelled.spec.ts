import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beginJob, endOf, type JobToRun, shells, step } from './run-job.js';

const directories: string[] = [];

afterAll(() => Promise.all(directories.map((path) => rm(path, { recursive: true, force: true }))));

describe.each(shells)('a job under %s', (_name, shell) => {
  it('that is cancelled still runs what is to run even then, and no more once the batch system wants its end', async () => {
    const even = { when: 'always', evenCancelled: true } as const;
    const cancelled = async (more: JobToRun['template']['steps'], stop = false) => {
      const {
        directory,
        process: wrapper,
        ended,
        log,
        says,
      } = await beginJob({
        shell,
        graceSeconds: 1,
        template: { steps: [step('echo begun; sleep 300', { name: 'long' }), ...more], outputs: ['x'] },
      });
      directories.push(directory);
      await says('begun');
      // What the courier does once the monitor says so, again and again.
      wrapper.kill('SIGUSR1');
      await says('tidying');
      wrapper.kill('SIGUSR1');
      if (stop) wrapper.kill('SIGTERM');
      const { code } = await ended;
      return { code, log: await log(), end: await endOf(directory) };
    };
    const tidy = (seconds: number) =>
      step(`echo "tidying: $SLIPWAY_STATUS"; sleep ${seconds}; echo tidied | tee x`, {
        name: 'tidy',
        ...even,
      });
    const whole = await cancelled([
      step('echo never', { name: 'next', when: 'always' }),
      tidy(3),
      step('echo never', { name: 'for success', evenCancelled: true }),
      step('sleep 300', { name: 'too long', ...even, timeoutSeconds: 1 }),
      step('echo last', { name: 'last', when: 'failure', evenCancelled: true }),
    ]);
    expect(whole.log).not.toContain('never');
    expect(whole.log).toMatch(
      /tidying: cancelled\n[^]*tidied\n[^]*too long did not end within 1 s[^]*last\n/,
    );
    expect(whole).toMatchObject({ code: 143, end: { fault: 'cancelled', step: 'long' } });
    expect(whole.end['outputs']).toMatch(/^[1-9]\d*$/);
    expect(whole.log.match(/slipway: cancelled/g)).toHaveLength(1);
    // Longer than the five seconds after which it looks again, for a word may come between looking and waiting.
    const stopped = await cancelled([tidy(60), step('echo never', { name: 'last', ...even })], true);
    expect(stopped.log).not.toMatch(/tidied|never/);
    expect(stopped).toMatchObject({ code: 143, end: { fault: 'cancelled', outputs: '' } });
  });

  it('that is cancelled while a spared step runs lets that one end', async () => {
    const {
      directory,
      process: wrapper,
      ended,
      log,
      says,
    } = await beginJob({
      shell,
      template: {
        steps: [
          step('echo begun; while [ ! -e go ]; do sleep 0.1; done; echo done', { evenCancelled: true }),
        ],
      },
    });
    directories.push(directory);
    await says('begun');
    wrapper.kill('SIGUSR1');
    const [base = ''] = (await readdir(directory)).filter(
      (name) => name.startsWith('slipway.') && name !== 'slipway.log',
    );
    await writeFile(join(directory, base, 'work', 'go'), '');
    expect((await ended).code).toBe(143);
    expect(await log()).toMatch(/done\n[^]*cancelled/);
    expect(await endOf(directory)).toMatchObject({ fault: 'cancelled', exit: '' });
  });
});
