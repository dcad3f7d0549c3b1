import type { CvmfsDriver } from '../../src/domain/cvmfs-driver.js';
import { type Content, expectUsable, standInEnvironment, task } from './crash-expectations.js';
import { seed } from './crash-scenario.js';
import { type DriverLab, standInLab, standInMode } from './driver-labs.js';
import { goOn, held, startDriver } from './run-driver.js';

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

  // Of all pairs of what is killed and who finds it, those that differ: a shell that a driver outlives, everything.
  const shells = points.map((point) => `${point}:shell`);
  const everything = [...points.map((point) => `${point}:all`), 'publish:syncing:shell'];

  it.each(shells)('is undone or completed by the driver that lives on, killed at %s', async (hit) => {
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

  it.each(everything)(
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
