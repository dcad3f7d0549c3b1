import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import type { DriverOptions } from '../../src/drivers/index.js';
import { directoryLab, type DriverLab, labs, standInLab, standInMode } from './driver-labs.js';
import { seed, unpackTree, type DriverTask } from './crash-scenario.js';
import { goOn, held, startDriver } from './run-driver.js';

type Content = Record<string, string>;

/** No link leads nowhere, and every tree has its last file. */
function expectNothingHalf(content: Content): void {
  const trees = Object.keys(content).filter((path) => /^\.flat\/[^/]+\/[^/]+$/.test(path));
  for (const tree of trees) expect(Object.keys(content)).toContain(`${tree}/last`);
  for (const [path, value] of Object.entries(content)) {
    if (value.startsWith('-> ../'))
      expect([path, trees]).toEqual([path, expect.arrayContaining([value.slice(6)])]);
  }
}

/** The driver goes on, and nothing of what was left behind is left. */
async function expectUsable(lab: DriverLab, driver: CvmfsDriver): Promise<void> {
  const before = lab.content();
  const transaction = await driver.begin();
  unpackTree(transaction, '.flat/zz/after', 'after');
  await transaction.publish();
  const after = lab.content();
  expect(after).toMatchObject({ ...before, '.flat/zz/after/last': 'after' });
  const own = join(driver.root, '.slipway');
  if (!existsSync(own)) return;
  expect(readdirSync(own).filter((name) => name.startsWith('journal'))).toEqual([]);
  expect(readdirSync(join(own, 'transactions'))).toEqual([]);
  expect(readdirSync(join(own, 'trash'))).toEqual([]);
}

function task(lab: DriverLab, more: Partial<DriverTask>, options: Partial<DriverOptions> = {}): DriverTask {
  return { kind: lab.kind, options: { ...lab.options, ...options }, work: 'change', ...more };
}

function standInEnvironment(lab: DriverLab, more: Record<string, string>): Partial<DriverOptions> {
  return { environment: { ...lab.options.environment, ...more } };
}

describe.each(labs)('after a kill -9 of the process, the driver %s', (_, start) => {
  let lab: DriverLab;
  let states: { before: Content; after: Content };
  let steps: string[];

  async function freshLab(): Promise<CvmfsDriver> {
    lab = start();
    const driver = lab.driver();
    await seed(driver);
    return driver;
  }

  beforeAll(async () => {
    await freshLab();
    const before = lab.content();
    const run = await startDriver(task(lab, {})).ended;
    expect(run).toMatchObject({ code: 0, errors: '' });
    steps = run.steps;
    states = { before, after: lab.content() };
    expect(states.after).not.toEqual(before);
    lab.stop();
  });

  it('shows all or nothing, whichever step it was, and goes on', async () => {
    expect(steps.length).toBeGreaterThanOrEqual(4);
    for (let killAt = 0; killAt < steps.length; killAt += 1) {
      const driver = await freshLab();
      try {
        const run = await startDriver(task(lab, { killAt })).ended;
        expect(run.signal).toBe('SIGKILL');
        expectNothingHalf(lab.content());
        const recovery = await driver.recover();
        const expected = recovery === 'committed' ? states.after : states.before;
        // A publish of which only the recording was missing is over: there is nothing to recover, and all to see.
        const content = lab.content();
        if (recovery === 'none') expect([states.before, states.after]).toContainEqual(content);
        else expect(content).toEqual(expected);
        expect(await driver.recover()).toBe('none');
        await expectUsable(lab, driver);
      } finally {
        lab.stop();
      }
    }
  });

  it('is recovered by the next transaction when nobody calls for it', async () => {
    const driver = await freshLab();
    const run = await startDriver(task(lab, { killAt: steps.length - 2 })).ended;
    expect(run.signal).toBe('SIGKILL');
    const transaction = await driver.begin();
    const recovered = lab.content();
    expect([states.before, states.after]).toContainEqual(recovered);
    await transaction.abort();
    expect(lab.content()).toEqual(recovered);
    lab.stop();
  });

  it('lets several processes publish in turn, each of which may die', async () => {
    const driver = await freshLab();
    const names = ['pp', 'qq', 'rr'];
    const runs = names.map((name) => startDriver(task(lab, { work: 'many', name, count: 3 })));
    const victim = startDriver(task(lab, { killAt: 2 }));
    const ends = await Promise.all([...runs.map(async (run) => await run.ended), victim.ended]);
    expect(ends.map(({ signal }) => signal)).toEqual([null, null, null, 'SIGKILL']);
    expect(ends.slice(0, 3).map(({ code, errors }) => ({ code, errors }))).toEqual(
      names.map(() => ({ code: 0, errors: '' })),
    );
    await driver.recover();
    const content = lab.content();
    expectNothingHalf(content);
    for (const name of names) {
      for (const i of [0, 1, 2]) expect(content[`.flat/${name}/${i}/last`]).toBe(`${name}${i}`);
    }
    lab.stop();
  });
});

describe('a directory transaction of which a step fails', () => {
  it('is undone, whichever step it was, even when the process is killed while it undoes', async () => {
    const trial = directoryLab();
    await seed(trial.driver());
    const { steps } = await startDriver(task(trial, {})).ended;
    trial.stop();
    const failing = steps.filter((step) => /^(move|replace) /.test(step));
    expect(failing.length).toBeGreaterThan(5);
    for (const failAtStep of failing.filter((step) => !step.includes('.slipway'))) {
      for (const killAtStep of [undefined, ...failing.map((step) => `undo ${step}`)]) {
        const lab = directoryLab();
        const driver = lab.driver();
        await seed(driver);
        const before = lab.content();
        const how = killAtStep === undefined ? {} : { killAtStep };
        const run = await startDriver(task(lab, { failAtStep, ...how })).ended;
        if (killAtStep === undefined) expect(run.errors).toContain(`told to fail at ${failAtStep}`);
        await driver.recover();
        expect(lab.content()).toEqual(before);
        lab.stop();
        // Steps that were not reached are not undone: one kill per failing step is enough to see it through.
        if (run.signal === 'SIGKILL') break;
      }
    }
  });
});

const points = [
  'transaction:start',
  'transaction:flagged',
  'transaction:done',
  'publish:start',
  'publish:syncing',
  'publish:synced',
  'publish:signed',
  'publish:done',
];

describe('when cvmfs_server itself is hit', () => {
  let lab: DriverLab;
  let driver: CvmfsDriver;
  let before: Content;

  beforeEach(async () => {
    lab = standInLab(standInMode);
    driver = lab.driver();
    await seed(driver);
    before = lab.content();
  });
  afterEach(() => lab.stop());

  function expectClosed(): void {
    expect(lab.standIn?.run(['list']).stdout).toBe(`${driver.repository} (stratum0 / local)\n`);
  }

  it.each(points)('is waited for when only the driver dies, at %s', async (point) => {
    const { directory } = lab.standIn ?? { directory: '' };
    const run = startDriver(task(lab, {}, standInEnvironment(lab, { CVMFS_STANDIN_PAUSE: point })));
    await held(directory);
    run.child.kill('SIGKILL');
    await run.ended;
    const recovering = driver.recover();
    goOn(directory);
    const recovery = await recovering;
    expect(recovery).toBe(point.startsWith('publish') ? 'committed' : 'rolled_back');
    if (recovery === 'committed') expect(lab.content()['r/new:1']).toBe('-> ../.flat/dd/three');
    else expect(lab.content()).toEqual(before);
    expectClosed();
    await expectUsable(lab, driver);
  });

  const hits = points.flatMap((point) => [`${point}:all`, `${point}:shell`]);

  it.each(hits)('is undone or completed by the driver that lives on, killed at %s', async (hit) => {
    const run = await startDriver(
      task(lab, {}, standInEnvironment(lab, { CVMFS_STANDIN_DIE: hit, CVMFS_STANDIN_SLOW: '0.3' })),
    ).ended;
    const came = /signed|publish:done/.test(hit);
    expect({ hit, code: run.code, errors: run.errors }).toMatchObject({ hit, code: came ? 0 : 1 });
    if (came) expect(lab.content()['r/new:1']).toBe('-> ../.flat/dd/three');
    else expect(lab.content()).toEqual(before);
    expectClosed();
    await expectUsable(lab, driver);
  });

  it.each(hits)(
    'is undone or completed by the next one when the driver dies too, killed at %s',
    async (hit) => {
      const faults = standInEnvironment(lab, { CVMFS_STANDIN_DIE: hit, CVMFS_STANDIN_SLOW: '0.3' });
      const run = await startDriver(task(lab, { killAtStep: 'recover' }, faults)).ended;
      expect(run.signal).toBe('SIGKILL');
      const recovery = await driver.recover();
      if (/signed|publish:done/.test(hit)) {
        expect(recovery).toBe('committed');
        expect(lab.content()['r/new:1']).toBe('-> ../.flat/dd/three');
      } else {
        expect(lab.content()).toEqual(before);
      }
      expectClosed();
      await expectUsable(lab, driver);
    },
  );

  it.each(['abort:start', 'abort:unmounted'])('finishes an abort that was cut off at %s', async (point) => {
    const faults = standInEnvironment(lab, { CVMFS_STANDIN_DIE: `${point}:all` });
    await startDriver(task(lab, { work: 'abort' }, faults)).ended;
    await driver.recover();
    expect(lab.content()).toEqual(before);
    expectClosed();
    await expectUsable(lab, driver);
  });
});
