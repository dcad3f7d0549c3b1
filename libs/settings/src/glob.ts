import picomatch from 'picomatch';

/** Whether a name fits one of the patterns. Compiled once: matching is on the path of every delivery. */
export function globMatcher(patterns: string | readonly string[]): (name: string) => boolean {
  const list = typeof patterns === 'string' ? [patterns] : [...patterns];
  if (list.length === 0) return () => false;
  if (list.includes('**')) return () => true;
  return picomatch(list, { dot: true, nonegate: true, noextglob: true, strictSlashes: true, posix: true });
}
