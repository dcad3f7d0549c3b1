/** Undefined: it is empty, absolute, leaves the directory, or is no name at all. */
export function safeName(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || parts.length === 0 || parts.includes('..')) return undefined;
  const isOdd = parts.length > 256 || name.length > 4_096 || /[\p{Cc}\\]/u.test(name);
  return isOdd ? undefined : parts.join('/');
}

/** Whether a link of that name, with that target, leads to something beside it. */
export function staysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/')) return false;
  let depth = path.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return false;
  }
  return true;
}
