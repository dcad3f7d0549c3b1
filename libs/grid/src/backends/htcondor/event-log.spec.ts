import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvents } from './event-log.js';
import { reportsOfEvents } from './job-events.js';

const header = (sequence: number): string =>
  written({
    Info: `Global JobLog: ctime=1795343908 id=0.82.17 sequence=${sequence} size=0`,
    MyType: 'GenericEvent',
  });
const event = (type: string, cluster: number, more: object = {}): object => ({
  MyType: type,
  Cluster: cluster,
  Proc: 0,
  EventTime: '2026-11-22T10:38:30.613Z',
  ...more,
});
const written = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

describe('an event log of HTCondor', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-event-log-'));
    path = join(directory, 'EventLog');
    writeFileSync(path, header(1));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const begin = async (): Promise<string> => (await readEvents(path, undefined)).next;
  const say = (...clusters: readonly number[]): void =>
    clusters.forEach((cluster) => appendFileSync(path, written(event('SubmitEvent', cluster))));
  const heard = async (since: string): Promise<{ clusters: readonly unknown[]; next: string }> => {
    const { events, next } = await readEvents(path, since);
    return { clusters: events.map((one) => (one as { Cluster?: number }).Cluster ?? 'header'), next };
  };
  const rotate = (to: string, sequence: number): void => {
    renameSync(path, `${path}${to}`);
    writeFileSync(path, header(sequence));
  };

  it('is read from its end on, and each event once', async () => {
    say(1);
    const first = await begin();
    expect(await heard(first)).toEqual({ clusters: [], next: first });
    say(2, 3);
    const { clusters, next } = await heard(first);
    expect(clusters).toEqual([2, 3]);
    expect((await heard(next)).clusters).toEqual([]);
  });

  it('may be in the middle of an event', async () => {
    const first = await begin();
    const text = written(event('SubmitEvent', 4));
    appendFileSync(path, text.slice(0, 30));
    const { clusters, next } = await heard(first);
    expect(clusters).toEqual([]);
    appendFileSync(path, text.slice(30));
    expect((await heard(next)).clusters).toEqual([4]);
  });

  it('goes on across rotations, however many there were', async () => {
    const first = await begin();
    say(1);
    rotate('.old', 2);
    say(2);
    expect((await heard(first)).clusters).toEqual([1, 'header', 2]);
    rmSync(`${path}.old`);
    const second = await begin();
    say(3);
    renameSync(path, `${path}.2`);
    writeFileSync(`${path}.1`, header(3) + written(event('SubmitEvent', 4)));
    writeFileSync(path, header(4) + written(event('SubmitEvent', 5)));
    const { clusters, next } = await heard(second);
    expect(clusters).toEqual([3, 'header', 4, 'header', 5]);
    expect((await heard(next)).clusters).toEqual([]);
  });

  it('begins with the newest file where the one that was read is gone, or was made shorter', async () => {
    say(1, 2, 3);
    const first = await begin();
    writeFileSync(path, header(7) + written(event('SubmitEvent', 8)));
    expect((await heard(first)).clusters).toEqual(['header', 8]);
    const second = await begin();
    writeFileSync(path, header(7));
    expect((await heard(second)).clusters).toEqual(['header']);
    expect((await heard('no position at all')).clusters).toEqual([]);
  });

  it('is refused where there is no such directory, or it is not JSON', async () => {
    const first = await begin();
    appendFileSync(
      path,
      '000 (031.000.000) 2026-11-22 10:38:28 Job submitted from host: <127.0.0.1:1>\n...\n',
    );
    await expect(heard(first)).rejects.toMatchObject({ code: 'grid.unavailable', temporary: true });
    await expect(heard(first)).rejects.toThrow('EVENT_LOG_FORMAT_OPTIONS');
    await expect(readEvents('/not/there/EventLog', undefined)).rejects.toThrow('ENOENT');
  });

  it('is read from its beginning where HTCondor has still to make it', async () => {
    rmSync(path);
    const first = await begin();
    expect(await heard(first)).toEqual({ clusters: [], next: first });
    writeFileSync(path, header(1));
    say(1);
    expect((await heard(first)).clusters).toEqual(['header', 1]);
  });
});

describe('what HTCondor’s events say of jobs', () => {
  it('is one report for each job, as it is after the last of them', () => {
    const events = [
      { MyType: 'GenericEvent', EventTypeNumber: 8 },
      event('SubmitEvent', 1),
      event('SubmitEvent', 2),
      event('ExecuteEvent', 1, { SlotName: 'slot1_1@wn7' }),
      event('JobImageSizeEvent', 1, { ResidentSetSize: 4_396 }),
      event('JobTerminatedEvent', 1, {
        EventTime: '2026-11-22T10:39:30.000Z',
        ReturnValue: 3,
        MemoryUsage: 5,
        DiskUsage: 150,
        TotalRemoteUsage: 'Usr 0 00:01:02, Sys 1 00:00:01',
      }),
      event('JobAbortedEvent', 1, { Reason: 'via condor_rm (by user grid)' }),
      'nonsense',
    ];
    expect(reportsOfEvents(events)).toEqual([
      {
        batchId: '1.0',
        state: 'ended',
        exitCode: 3,
        node: 'wn7',
        startedAt: new Date('2026-11-22T10:38:30.613Z'),
        endedAt: new Date('2026-11-22T10:39:30.000Z'),
        usage: { cpuSeconds: 86_463, memoryBytes: 5 * 2 ** 20, diskBytes: 150 * 2 ** 10 },
      },
      { batchId: '2.0', state: 'waiting' },
    ]);
  });

  it.each([
    ['JobTerminatedEvent', { TerminatedBySignal: 9 }, { state: 'ended', signal: 9 }],
    [
      'JobHeldEvent',
      { HoldReasonCode: 34, HoldReasonSubCode: 102, HoldReason: 'memory' },
      { state: 'held', reason: { fault: 'memory-exceeded', words: 'memory' } },
    ],
    ['JobHeldEvent', { HoldReasonCode: 16, HoldReason: 'Spooling input data files' }, { state: 'waiting' }],
    ['JobSuspendedEvent', {}, { state: 'suspended' }],
    ['JobUnsuspendedEvent', {}, { state: 'running' }],
    [
      'JobAbortedEvent',
      { Reason: 'via condor_rm (by user grid)' },
      { state: 'gone', reason: { fault: 'cancelled', words: 'via condor_rm (by user grid)' } },
    ],
    ['JobAbortedEvent', { ToE: { HowCode: 0, ExitCode: 4 } }, { state: 'ended', exitCode: 4 }],
  ])('%s %o', (type, more, expected) => {
    expect(reportsOfEvents([event(type, 1, more)])).toMatchObject([{ batchId: '1.0', ...expected }]);
  });

  it('leaves out what says nothing of a state', () => {
    expect(reportsOfEvents([event('JobReleaseEvent', 1), event('ShadowExceptionEvent', 1)])).toEqual([]);
  });
});
