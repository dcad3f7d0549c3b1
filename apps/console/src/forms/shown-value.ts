/** A value of a specification in words. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === null) return '—';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shownValue).join(', ');
  if (typeof value === 'object') return shownGroup(value as Record<string, unknown>);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shownGroup(group: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(group);
  const [first] = entries;
  if (!first) return 'none';
  if (entries.length === 1 && ['env', 'file', 'credential'].includes(first[0]))
    return `${first[0]} ${String(first[1])}`;
  return entries.map(([name, value]) => `${name}: ${shownValue(value)}`).join(', ');
}
