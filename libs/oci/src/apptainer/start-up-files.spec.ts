import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LayerLab, untouched, type LayerContent } from '../testing/layer-lab.js';
import { catalogMarker } from '../tree/additions.js';
import { apptainerFiles } from './start-up-files.js';

const hostile = `a'b"c\`touch pwned\`$(touch pwned)\${HOME}\\ \n;*é`;

function configOf(config: object): Buffer {
  return Buffer.from(JSON.stringify({ config }));
}

describe('Apptainer start-up files', () => {
  let lab: LayerLab;
  beforeEach(() => {
    lab = new LayerLab();
  });
  afterEach(async () => {
    expect(lab.strangers()).toEqual(untouched);
    await lab.remove();
  });

  async function sandbox(config: object, layers: readonly LayerContent[] = []): Promise<void> {
    const additions = [catalogMarker, ...apptainerFiles(configOf(config), ['/cvmfs', '/ceph/a'])];
    await lab.flatten(layers, { additions });
  }
  const sh = (script: string, ...args: string[]): string =>
    execFileSync('/bin/sh', [join(lab.target, script), ...args], {
      cwd: lab.outside,
      env: { PATH: '/usr/bin:/bin' },
    }).toString();
  const read = (path: string): string => readFileSync(join(lab.target, path), 'utf8');
  const isDirectory = (path: string): boolean => lstatSync(join(lab.target, path)).isDirectory();

  it('start the image as its engine does', async () => {
    await sandbox({ Entrypoint: ['printf', '<%s>'], Cmd: ['default', hostile] });
    expect(sh('.singularity.d/runscript')).toBe(`<default><${hostile}>`);
    expect(sh('.singularity.d/runscript', 'own', hostile)).toBe(`<own><${hostile}>`);
  });

  it('start a command without an entrypoint, and arguments instead of it', async () => {
    await sandbox({ Cmd: ['echo', hostile] });
    expect(sh('singularity')).toBe(`${hostile}\n`);
    expect(sh('singularity', 'echo', 'other')).toBe('other\n');
  });

  it('set the environment, whatever its values hold, and leave out what no shell can name', async () => {
    const evil = ['x;touch pwned=1', 'a b=1', '$(touch pwned)=1', '=x'];
    await sandbox({ Env: ['PATH=/image', `ODD=${hostile}`, 'SET=image', 'BARE', ...evil] });
    const script = `SET=host; . ${join(lab.target, '.singularity.d/env/10-docker2singularity.sh')}
      printf '%s|%s|%s|%s' "$PATH" "$ODD" "$SET" "\${BARE-unset}"`;
    const seen = execFileSync('/bin/sh', ['-c', script], { cwd: lab.outside, env: {} });
    expect(seen.toString()).toBe(`/image|${hostile}|host|`);
  });

  it('are all there, executable, with labels, links, mount points and the catalog marker', async () => {
    await sandbox({ Labels: { b: hostile, a: '1' }, WorkingDir: '/srv/dir' });
    for (const action of ['exec', 'run', 'shell', 'start', 'test']) {
      const path = join(lab.target, '.singularity.d/actions', action);
      expect(lstatSync(path).mode & 0o777).toBe(0o755);
      execFileSync('/bin/sh', ['-n', path]);
    }
    expect(JSON.parse(read('.singularity.d/labels.json'))).toEqual({ a: '1', b: hostile });
    expect(read('environment')).toContain('#!/bin/sh');
    for (const path of ['cvmfs', 'ceph/a', 'srv/dir', 'proc', 'var/tmp']) {
      expect(isDirectory(path)).toBe(true);
    }
    expect([read('etc/resolv.conf'), read('.cvmfscatalog')]).toEqual(['', '']);
  });

  it('replace what the image has in their place, and follow none of its links', async () => {
    await sandbox({}, [
      [
        { name: '.singularity.d', type: '2', linkName: lab.outside },
        { name: 'cvmfs', type: '2', linkName: lab.outside },
        { name: 'ceph', type: '2', linkName: lab.outside },
        { name: 'etc', type: '2', linkName: lab.outside },
        { name: 'environment', type: '2', linkName: join(lab.outside, 'secret') },
        { name: '.cvmfscatalog', type: '2', linkName: join(lab.outside, 'secret') },
      ],
    ]);
    expect(isDirectory('.singularity.d')).toBe(true);
    for (const path of ['cvmfs', 'ceph', 'etc', 'environment']) {
      expect(lstatSync(join(lab.target, path)).isSymbolicLink()).toBe(true);
    }
    expect(lstatSync(join(lab.target, '.cvmfscatalog')).isFile()).toBe(true);
  });

  it('leave what the image has where they only fill gaps', async () => {
    await sandbox({ WorkingDir: '/' }, [
      [
        { name: 'etc/passwd', data: 'root' },
        { name: 'tmp', type: '5', mode: 0o1777 },
        { name: '.singularity.d/env/50-own.sh', data: 'own' },
        { name: '.wh.cvmfs' },
      ],
    ]);
    expect([read('etc/passwd'), read('.singularity.d/env/50-own.sh')]).toEqual(['root', 'own']);
    expect(lstatSync(join(lab.target, 'tmp')).mode & 0o7777).toBe(0o1777);
    expect(isDirectory('cvmfs')).toBe(true);
  });

  it('come from a configuration of nulls too, and from none that is malformed', async () => {
    await sandbox({ Entrypoint: null, Cmd: null, Env: null, Labels: null, WorkingDir: '' });
    expect(sh('singularity', 'echo', '1')).toBe('1\n');
    const codes = [Buffer.from('{'), configOf({ Cmd: 'text' })].map((config) => {
      try {
        return apptainerFiles(config, []).length;
      } catch (error) {
        return error;
      }
    });
    expect(codes).toEqual(Array(2).fill(expect.objectContaining({ code: 'image.config_invalid' })));
  });

  it('cannot be made outside the tree by a working directory or a bind point', async () => {
    await expect(sandbox({ WorkingDir: '../../outside/x' })).rejects.toMatchObject({
      code: 'layer.path_escapes',
    });
  });
});
