import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectChange } from '../test/changes.js';
import { CopyFile, type Saved } from './copy-file.js';

const saved = (complete: number): Saved => ({
  complete,
  kinds: ['project'],
  items: [{ latest: projectChange(complete, 'a') }],
});

describe('a copy on disk', () => {
  let directory: string;
  let file: CopyFile;
  const damages: string[] = [];
  const load = () => file.load((reason) => damages.push(reason));

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-copy-file-'));
    file = new CopyFile(join(directory, 'state'), 'webhook-relay');
    damages.length = 0;
    await file.prepare();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is read as it was saved, by its owner alone', async () => {
    expect(await load()).toBeUndefined();
    await file.save(saved(7), false);
    expect(await load()).toMatchObject({ complete: 7, kinds: ['project'] });
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'state'))).toEqual(['webhook-relay.registry-copy']);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -5)],
    ['changed in one character', (text: string) => text.replace('git.example', 'git.exAmple')],
    ['of another format', (text: string) => text.replace('copy 1', 'copy 2')],
    ['empty', () => ''],
    ['not text at all', () => '\u0000\u0001\u0002'],
  ])('that is %s is set aside and reported', async (_what, damage) => {
    await file.save(saved(7), false);
    writeFileSync(file.path, damage(readFileSync(file.path, 'utf8')));
    expect(await load()).toBeUndefined();
    expect(damages).toHaveLength(1);
    expect(readdirSync(join(directory, 'state'))).toEqual(['webhook-relay.registry-copy.damaged']);
    await file.save(saved(8), false);
    expect(await load()).toMatchObject({ complete: 8 });
  });

  it('is not replaced by what is older, unless the registry was set back', async () => {
    await file.save(saved(7), false);
    await file.save(saved(6), false);
    expect(await load()).toMatchObject({ complete: 7 });
    await file.save(saved(6), true);
    expect(await load()).toMatchObject({ complete: 6 });
  });

  it('is always whole while several processes save and read', async () => {
    const others = Array.from({ length: 4 }, () => new CopyFile(join(directory, 'state'), 'webhook-relay'));
    await file.save(saved(1), false);
    for (let round = 2; round < 10; round++) {
      await Promise.all([
        ...others.map((other, index) => other.save(saved(round * 10 + index), false)),
        load(),
      ]);
    }
    expect(damages).toEqual([]);
    expect((await load())?.complete).toBeGreaterThanOrEqual(90);
  });

  it('is cleared of what processes left that died while they saved', async () => {
    const left = `${file.path}.dead.new`;
    writeFileSync(left, 'half');
    await file.prepare();
    expect(readdirSync(join(directory, 'state'))).toHaveLength(1);
    utimesSync(left, new Date(0), new Date(0));
    await file.prepare();
    expect(readdirSync(join(directory, 'state'))).toEqual([]);
  });

  it('refuses a directory that cannot be one, and says what to do', async () => {
    writeFileSync(join(directory, 'a-file'), '');
    await expect(new CopyFile(join(directory, 'a-file'), 'x').prepare()).rejects.toMatchObject({
      code: 'registry_copy.directory',
      message: expect.stringContaining('SLIPWAY_STATE_DIRECTORY') as string,
    });
  });
});
