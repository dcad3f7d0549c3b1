import { readFileSync } from 'node:fs';
import type { Action } from '../../command-definition.js';
import { isProblem, ProblemError } from '../../clients/problem-error.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { usage } from '../../errors/usage.js';
import type { Input } from '../../input.js';
import { withFields } from './fields.js';
import type { Kind } from './kinds.js';
import { kindOf, type ResourceState, type Spec } from './resource.js';
import { expiresInput, secretInput } from './secret-input.js';

/** `slipway <kind> create`. */
export const create =
  (plural: string): Action =>
  async (context, input) => {
    const kind = kindOf(plural);
    const name = input.optional('name');
    const written = await readSpec(context, input.text('file'));
    const named = name === undefined ? written : { [kind.nameField]: name, ...written };
    if (name !== undefined && named[kind.nameField] !== name)
      throw usage(`the file names it "${String(named[kind.nameField])}", not "${name}"`);
    const spec = await withFields(named, input.texts('field'));
    if (typeof spec[kind.nameField] !== 'string') throw unnamed(kind);
    const body = plural === 'credentials' ? { ...spec, ...(await secretPart(context, input)) } : spec;
    const state = await createdBy(context, kind, body);
    await context.out.result(state, () => `created ${kind.title} ${state.name}`);
  };

async function createdBy(context: Context, { plural }: Kind, body: Spec): Promise<ResourceState> {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  try {
    return (await registryOf(context).request<ResourceState>('POST', `/${plural}`, { body, headers })).body;
  } catch (error) {
    if (!isProblem(error) || error.code !== 'request.invalid') throw error;
    const advice = `Fields are given by --field KEY=VALUE or by a file: slipway ${plural} create --help shows how.`;
    throw new ProblemError(error.problem, { advice });
  }
}

const unnamed = ({ title, plural, nameField }: Kind): Error =>
  usage(
    `which ${title}? Say its ${nameField}: slipway ${plural} create ${nameField.toUpperCase()} …, or as "${nameField}" in the file`,
  );

async function secretPart(context: Context, input: Input): Promise<Spec> {
  const secret = await secretInput(context, input, input.text('file') === '-', true);
  const expiresAt = expiresInput(input, context.now());
  return { ...(secret === undefined ? {} : { secret }), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** A file's fields; none without a file. Throws `command.usage`. */
async function readSpec({ keyboard }: Context, file: string | undefined): Promise<Spec> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = file === '-' ? await keyboard.read() : readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  return parseSpec(text, file);
}

/** YAML or JSON with fields. Throws `command.usage` with the place. */
export async function parseSpec(text: string, file: string): Promise<Spec> {
  const { parse, YAMLParseError } = await import('yaml');
  try {
    const value: unknown = parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Spec;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const at = error.linePos?.[0];
    throw usage(`${file}:${at?.line ?? 1}:${at?.col ?? 1}: ${error.message.split('\n')[0] ?? ''}`);
  }
  throw usage(`${file} holds no fields`);
}
