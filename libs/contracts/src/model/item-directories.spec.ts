import { itemDirectories } from './item-directories.js';

describe('directories of items', () => {
  it('are named by the key, without what a path could mean by it', () => {
    expect(
      itemDirectories([
        '/lhcb/MC/2018/a.dst',
        'year=2018 polarity=Up',
        '../../etc',
        '..',
        '-rf',
        'ünï',
        'b.',
      ]),
    ).toEqual(['lhcb_MC_2018_a.dst', 'year=2018_polarity=Up', 'etc', 'item', 'rf', 'n_', 'b']);
  });

  it('differ where keys come to the same name, also on file systems that know no case', () => {
    expect(itemDirectories(['a/b', 'a_b', 'A_B', 'c'])).toEqual(['a_b.0', 'a_b.1', 'A_B.2', 'c']);
    expect(itemDirectories(['a.1', 'a/', 'a '])).toEqual(['a.1', 'a_.1', 'a_.2']);
    expect(itemDirectories(['a', 'a', 'a.1'])).toEqual(['a.0', 'a.1_', 'a.1']);
  });

  it('keep the end of a long key, where keys differ', () => {
    const long = (end: string): string => `${'x/'.repeat(120)}${end}`;
    const [one = '', two = ''] = itemDirectories([long('one'), long('two')]);
    expect(one.endsWith('x_one')).toBe(true);
    expect(two.endsWith('x_two')).toBe(true);
    expect(one.length).toBeLessThanOrEqual(120);
  });

  it('are 20,000 of their own for 20,000 keys that are all alike', () => {
    const names = itemDirectories(Array.from({ length: 20_000 }, () => 'same'));
    expect(new Set(names).size).toBe(20_000);
  });
});
