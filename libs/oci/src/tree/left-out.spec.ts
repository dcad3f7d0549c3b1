import { LayerLab, untouched } from '../testing/layer-lab.js';
import type { EntryOptions } from '../testing/tar-archive.js';

const file = (name: string, data = 'x'): EntryOptions => ({ name, data });
const link = (name: string, linkName: string): EntryOptions => ({ name, type: '2', linkName });
const hardLink = (name: string, linkName: string): EntryOptions => ({ name, type: '1', linkName });

describe('what has a meaning to CVMFS or to a storage driver', () => {
  let lab: LayerLab;
  beforeEach(() => {
    lab = new LayerLab();
  });
  afterEach(async () => {
    expect(lab.strangers()).toEqual(untouched);
    await lab.remove();
  });

  it('never gets into the tree by a name that CVMFS acts on', async () => {
    const result = await lab.flatten([
      [
        file('.cvmfscatalog'),
        file('a/.cvmfscatalog'),
        link('b/.cvmfscatalog', 'x'),
        { name: '.cvmfs', type: '5' },
        file('.cvmfs/x'),
        file('a/.cvmfs'),
        file('a/.cvmfsbundles'),
        file('a/.cvmfsgraft-f'),
        { name: '.cvmfsdirtab', data: 'kept' },
        hardLink('stolen', 'a/.cvmfscatalog'),
        file('a/f'),
      ],
    ]);
    expect(result.leftOut).toEqual({
      cvmfs_bundles: 1,
      cvmfs_catalog: 4,
      cvmfs_directory: 2,
      cvmfs_graft: 1,
    });
  });

  it('is left out where lazy-pulling formats and AUFS keep it for themselves', async () => {
    const names = [
      '.no.prefetch.landmark',
      '.prefetch.landmark',
      'stargz.index.json',
      '.wh..wh.plnk/1',
      '.wh..wh.aufs',
    ];
    const { leftOut } = await lab.flatten([[...names.map((name) => file(name)), file('a')]]);
    expect(leftOut).toEqual({ aufs_metadata: 2, stargz_metadata: 3 });
  });
});
