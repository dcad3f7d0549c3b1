import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { reasonsOf } from '#contracts';
import { permanent } from '#errors';
import type { BackendKind } from '../backend.js';

const isFunction = (value: unknown): boolean => typeof value === 'function';

const backendKind = z.looseObject({
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and "-"'),
  title: z.string().min(1),
  open: z.custom<BackendKind['open']>(isFunction, 'expected a function'),
});

const plugin = z.looseObject({
  slipway: z.literal(1, 'expected 1, the version of the interface that this Slipway has'),
  backends: z.array(backendKind).default([]),
});

/** What packages from npm bring. */
export interface Plugins {
  readonly backends: readonly BackendKind[];
}

/**
 * Imports packages (names as npm knows them, or absolute paths). Each exports `slipway: 1` and `backends`, a list of
 * `BackendKind`.
 * @param names of packages that an administrator chose: their code runs in this process
 * @throws AppError permanent `plugin.unusable`, with the package's name and what is wrong with it
 */
export async function loadPlugins(names: readonly string[]): Promise<Plugins> {
  const backends: BackendKind[] = [];
  for (const name of names) {
    const brought = await imported(name);
    const { data } = plugin.safeParse(brought);
    if (!data) throw unusable(name, reasonsOf(plugin, brought, 3, 'it'));
    for (const kind of data.backends) {
      if (backends.some((other) => other.kind === kind.kind))
        throw unusable(name, `the kind ${kind.kind} was brought by another one already`);
      backends.push(kind);
    }
  }
  return { backends };
}

async function imported(name: string): Promise<unknown> {
  try {
    return await import(isAbsolute(name) ? pathToFileURL(name).href : name);
  } catch (cause) {
    throw unusable(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const unusable = (name: string, reason: string, cause?: unknown): Error =>
  permanent('plugin.unusable', `plugin ${name}: ${reason}`, { subject: name, cause });
