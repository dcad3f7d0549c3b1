import { z } from 'zod';

/** Without what is escaped, a set such as `[ab]`, and alternatives, from the inside out: what is left has none of them. */
function isClosed(text: string): boolean {
  let rest = text.replaceAll(/\\./g, '').replaceAll(/\[[^\]]+\]/g, '');
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replaceAll(/\{[^{}]*\}/g, '');
  }
  return !/[[\]{}]/.test(rest);
}

/**
 * A pattern of names. `*` stays within one segment of a path, `**` crosses segments, `?` is one character, `[ab]` one
 * of these, `{a,b}` either. `atlas/**` is everything below `atlas`, not `atlas` itself. Case counts. No pattern negates.
 */
export const glob = z
  .string()
  .min(1, 'expected a pattern')
  .max(255)
  .refine((text) => text === text.trim(), { error: 'expected a pattern without space around it' })
  .refine(isClosed, { error: 'expected a pattern in which each [ and { is closed' })
  .meta({ title: 'pattern', description: 'pattern' });

/** A pattern of registry hosts. */
export const hostGlob = glob
  .refine((text) => !text.includes('/'), {
    error: 'expected a host such as registry.example.org, without https:// and path',
  })
  .meta({ title: 'pattern', description: 'pattern' });
