import { z } from 'zod';

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const quantity = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

/** `1 MiB`, `1.5 GB` or a plain number as bytes; undefined where it is none. */
export function parseBytes(text: string): number | undefined {
  return parse(text, byteUnits);
}

/** `90s`, `12h`, `7d` as milliseconds; undefined where it is none. A number without unit is none: of what? */
export function parseDuration(text: string): number | undefined {
  return parse(text, durationUnits);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit = ''] = quantity.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (digits === undefined || factor === undefined) return undefined;
  const value = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A size in the file; bytes once loaded. */
export const byteSize = quantityOf(parseBytes, 'size', 'expected a size such as 512 KiB, 1 MiB or 20 GB');

/** A duration in the file; milliseconds once loaded. */
export const duration = quantityOf(
  parseDuration,
  'duration',
  'expected a duration such as 90s, 15m, 12h or 7d',
);

function quantityOf(
  parser: (text: string) => number | undefined,
  title: string,
  message: string,
): z.ZodType<number, string | number> {
  return z
    .union([z.string(), z.number()], { error: message })
    .transform((value, context) => {
      const parsed = parser(String(value));
      if (parsed !== undefined) return parsed;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .meta({ title });
}
