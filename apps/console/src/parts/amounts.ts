const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const figures = new Intl.NumberFormat(undefined);

/** `12.3 MB`: decimal, as disks and networks count. */
export function bytes(count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1);
  const value = count / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** A whole number with the separators that the browser's language wants. */
export const amount = (count: number): string => figures.format(count);

/** `3 min 20 s` */
export function seconds(count: number): string {
  if (count < 10) return `${count.toFixed(1)} s`;
  if (count < 60) return `${Math.round(count)} s`;
  const minutes = Math.floor(count / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(count % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
