/** The same without whatever is sealed: it opens nothing without the key ring, and is nobody's to see all the same. */
export function withoutSealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field]) => field !== 'sealed')
      .map(([field, inner]) => [field, withoutSealed(inner)]),
  );
}
