import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import { type Content, expectNothingHalf, expectUsable, task } from './crash-expectations.js';
import { seed } from './crash-scenario.js';
import { directoryLab, type DriverLab, labs } from './driver-labs.js';
import { startDriver } from './run-driver.js';

// Many processes one after the other: minutes on a busy machine, seconds on a quiet one.
jest.setTimeout(240_000);

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
