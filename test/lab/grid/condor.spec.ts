import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Condor, derivedName, gridDeadlineMs, sharedCondor, waitFor, whyNoGrid } from '#lab';

const reason = whyNoGrid();
const run = promisify(execFile);

// Real: the run's HTCondor.
(reason === undefined ? describe : describe.skip)(reason ?? 'the HTCondor of a test run', () => {
  let condor: Condor;
  let directory: string;
  beforeAll(async () => {
    condor = await sharedCondor();
    directory = condor.workDirectory(derivedName(import.meta.url));
  }, gridDeadlineMs);
  const tool = async (name: string, ...args: readonly string[]): Promise<string> =>
    (await run(join(condor.bin, name), args, { cwd: directory })).stdout;

  it('runs a job of an ordinary user, from a directory outside, and writes its output there', async () => {
    writeFileSync(join(directory, 'job.sh'), '#!/bin/sh\nid -un; echo "$1"\n', { mode: 0o700 });
    writeFileSync(
      join(directory, 'job.sub'),
      'executable=job.sh\narguments=hello\noutput=out\nerror=err\nlog=log\nrequest_memory=64M\nqueue\n',
    );
    const [id = ''] = (await tool('condor_submit', '-terse', 'job.sub')).split(' ');
    await tool('condor_wait', '-wait', '60', 'log');
    expect(readFileSync(join(directory, 'out'), 'utf8')).toBe('grid\nhello\n');
    const ended = (): boolean => readFileSync(condor.eventLog, 'utf8').includes('JobTerminatedEvent');
    await waitFor(ended, { what: `the end of ${id} in the event log` });
  });

  it('does not listen on the fixed port of an HTCondor that this machine may have', () => {
    expect(condor.pool).not.toMatch(/:9618$/);
  });

  it('is one for all test files', async () => {
    expect((await sharedCondor()).pool).toBe(condor.pool);
  });
});
