/** Longest name of a directory: with a number it still fits every file system (255 bytes) and is read at a glance. */
const mostCharacters = 120;

/**
 * For each key of a group, in its order, the name of a directory for what that job brought back: one level, of letters,
 * digits and `. _ = + , @ -` alone, so that it can be unpacked anywhere. Keys that come to the same name, also where
 * upper and lower case are one, get their place in the group after it; the same keys always get the same names.
 */
export function itemDirectories(keys: readonly string[]): readonly string[] {
  const wished = keys.map(directoryName);
  const wishes = new Map<string, number>();
  for (const name of wished) wishes.set(name.toLowerCase(), (wishes.get(name.toLowerCase()) ?? 0) + 1);
  // Who is alone with a name has it: a number must not lead into somebody else's directory.
  const taken = new Set([...wishes].filter(([, count]) => count === 1).map(([name]) => name));
  return wished.map((name, index) => {
    if (wishes.get(name.toLowerCase()) === 1) return name;
    let numbered = `${name}.${index}`;
    while (taken.has(numbered.toLowerCase())) numbered += '_';
    taken.add(numbered.toLowerCase());
    return numbered;
  });
}

/** `/lhcb/MC/2018/00012345.dst` → `lhcb_MC_2018_00012345.dst`. The end of a long key is kept: keys differ there. */
function directoryName(key: string): string {
  const safe = key
    .normalize('NFC')
    .replace(/[^A-Za-z0-9._=+,@-]+/g, '_')
    .slice(-mostCharacters)
    .replace(/^[._-]+/, '')
    .replace(/\.+$/, '');
  return safe === '' ? 'item' : safe;
}
