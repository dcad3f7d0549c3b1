import type { LogPiece } from '#api';
import { setTimeout as delay } from 'node:timers/promises';
import { toAppError } from '#errors';
import type { Action } from '../../command-definition.js';
import { isProblem } from '../../clients/problem-error.js';
import { type RegistryClient, registryOf } from '../../clients/registry.client.js';
import { serverSentEvents } from '../../clients/server-sent-events.js';
import type { Context } from '../../context.js';
import { attemptOf, findJob } from './find-job.js';

const longestWaitMs = 15_000;

/** `slipway logs ID`. */
export const logs: Action = async (context, input) => {
  const registry = registryOf(context);
  const { id } = attemptOf(await findJob(registry, input.argument('id')), input.count('attempt'));
  if (input.flag('batch')) return pour(registry, `/attempts/${id}/batch-log`, context);
  if (input.flag('follow')) return follow(registry, `/attempts/${id}/log`, context);
  return pour(registry, `/attempts/${id}/log`, context);
};

async function pour(registry: RegistryClient, path: string, { out }: Context): Promise<void> {
  const response = await registry.stream(path, {}, { accept: 'text/plain, application/problem+json' });
  const decoder = new TextDecoder();
  for await (const bytes of response.body as AsyncIterable<Uint8Array>)
    out.raw(decoder.decode(bytes, { stream: true }));
  out.raw(decoder.decode());
}

/** From where it was when the connection broke: nothing is shown twice, nothing is left out. */
async function follow(registry: RegistryClient, path: string, { out, signal }: Context): Promise<void> {
  let from = 0;
  let wait = 250;
  let hasOpened = false;
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', 'last-event-id': String(from) };
      const response = await registry.stream(path, { follow: true }, headers);
      hasOpened = true;
      for await (const { event, data } of serverSentEvents(response)) {
        if (event === 'end') return;
        const piece = JSON.parse(data) as LogPiece;
        out.raw(piece.text);
        from = piece.next;
        wait = 250;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!hasOpened || (isProblem(error) && error.status < 500)) throw error;
      out.note(out.paint('yellow', `${toAppError(error).message}; trying again`));
    }
    await delay(wait, undefined, { signal }).catch(() => {});
    wait = Math.min(longestWaitMs, wait * 2);
  }
}
