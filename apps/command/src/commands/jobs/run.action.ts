import type { JobGroupWithAll, SubmitAnswer } from '#api';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { permanent, toAppError } from '#errors';
import type { Action } from '../../command-definition.js';
import { isProblem } from '../../clients/problem-error.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { usage } from '../../errors/usage.js';
import { openBoard } from '../../output/board.js';
import { plain } from '../../output/paint.js';
import { counted } from '../../output/words.js';
import { findNamed } from './find-job.js';
import { countsText, shortId } from './words.js';

/** Between two looks at a group, in milliseconds. */
const lookMs = 1_000;
/** The monitor hears of a group a moment after it was handed in; while it does not know it, it is waited for. */
const appearsWithinMs = 60_000;

/** `slipway run`. */
export const run: Action = async (context, input) => {
  const { out } = context;
  const written = await requestIn(context, input.text('file') ?? '-');
  const body = {
    ...written,
    ...definedOnly({ project: input.text('project'), backend: input.text('backend') }),
  };
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const registry = registryOf(context);
  const { body: answer } = await registry.request<SubmitAnswer>('POST', '/jobs', { body, headers });
  const text = `handed in ${counted(answer.jobs, 'job')} to ${answer.backend}: ${answer.groupId}`;
  if (input.flag('wait')) {
    out.note(text);
    await waitFor(context, answer.groupId);
    return;
  }
  await out.result(
    answer,
    () => `${text}\n"slipway jobs wait ${shortId(answer.groupId)}" waits for the outcome`,
  );
};

/** `slipway jobs wait ID`. */
export const wait: Action = async (context, input) => {
  const named = await findNamed(registryOf(context), input.argument('id'));
  await waitFor(context, named.kind === 'group' ? named.group.id : named.job.groupId);
};

/** Until all jobs have ended. @throws `command.failed` where one did not succeed */
async function waitFor(context: Context, groupId: string): Promise<void> {
  const { out, signal } = context;
  const board = openBoard(out);
  let group: JobGroupWithAll | undefined;
  let last = '';
  try {
    const appearsUntil = Date.now() + appearsWithinMs;
    for (;;) {
      group = (await look(context, groupId, group !== undefined || Date.now() > appearsUntil)) ?? group;
      const line = group
        ? `${bar(group, board.width)} ${countsText(group)}`
        : 'waiting for the submitter to take it';
      board.draw([line]);
      if (board.width === 0 && group && line !== last) out.note(countsText(group));
      last = line;
      if (group && group.state !== 'active') break;
      await delay(lookMs, undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted)
      throw permanent('command.interrupted', `the jobs go on: slipway jobs show ${groupId}`);
    throw error;
  } finally {
    board.close();
  }
  const { state, jobs, refusal } = group;
  await out.result(group, () => `${state}: ${refusal ? plain(refusal.reason) : countsText(group)}`);
  if (state !== 'succeeded') {
    const failed = jobs - (group.states.succeeded ?? 0);
    const which = refusal ? 'the group was refused' : `${counted(failed, 'job')} did not succeed`;
    throw permanent('command.failed', `${which}; "slipway jobs of ${shortId(groupId)}" shows them`);
  }
}

/** Undefined while it is not known yet, or the registry or the monitor is away for a moment. */
async function look(
  context: Context,
  id: string,
  mustBeThere: boolean,
): Promise<JobGroupWithAll | undefined> {
  try {
    return await registryOf(context).get<JobGroupWithAll>(`/groups/${id}`);
  } catch (error) {
    if (context.signal.aborted) throw error;
    if (isProblem(error, 404) ? mustBeThere : !toAppError(error).temporary) throw error;
    return undefined;
  }
}

const barWidth = 30;

function bar({ states, jobs }: JobGroupWithAll, width: number): string {
  if (width < barWidth * 2) return '';
  const over = (['succeeded', 'failed', 'cancelled', 'lost'] as const).reduce(
    (sum, one) => sum + (states[one] ?? 0),
    0,
  );
  const full = Math.floor((over / Math.max(1, jobs)) * barWidth);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${over}/${jobs}`;
}

async function requestIn({ keyboard }: Context, file: string): Promise<Readonly<Record<string, unknown>>> {
  const { parse } = await import('yaml');
  let text: string;
  try {
    text = file === '-' ? await keyboard.read() : readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw usage(`${file === '-' ? 'standard input' : file} is no YAML: ${toAppError(error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usage(
      `${file === '-' ? 'standard input' : file} describes no job: expected project, script and so on`,
    );
  return value as Readonly<Record<string, unknown>>;
}

const definedOnly = (
  fields: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
