const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.5 GB`; `-` where nothing is known. */
export function size(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[step]}`;
}

const spans: readonly (readonly [string, number])[] = [
  ['y', 31_557_600],
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** `3 min`, `2 d`: the largest unit that fits. */
export function span(seconds: number): string {
  const [unit, length] = spans.find(([, length]) => Math.abs(seconds) >= length) ?? ['s', 1];
  return `${Math.floor(Math.abs(seconds) / length)} ${unit}`;
}

/** `3 min ago`, `in 2 d`, `now`; `-` for none. */
export function relative(time: string | undefined, now: Date): string {
  const at = time === undefined ? NaN : Date.parse(time);
  if (Number.isNaN(at)) return '-';
  const seconds = (now.getTime() - at) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `${span(seconds)} ago` : `in ${span(seconds)}`;
}

/** `1 project`, `2 projects`. */
export const counted = (count: number, singular: string, plural = `${singular}s`): string =>
  `${count} ${count === 1 ? singular : plural}`;

/** A digest short enough to read, long enough to tell apart. */
export const shortDigest = (text: string): string =>
  text.replaceAll(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');

/** A value in one cell: lists with commas, records as `key: value`. */
export function cell(value: unknown): string {
  if (value === undefined || value === null || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, part]) => `${key}: ${cell(part)}`)
      .join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
