import type { Action } from '../../command-definition.js';
import { listen } from '../../clients/event-stream.js';
import { registryOf } from '../../clients/registry.client.js';
import { plain } from '../../output/paint.js';
import { cell, shortDigest } from '../../output/words.js';

/** `slipway events tail`. */
export const tail: Action = async (context, input) => {
  const { out, signal } = context;
  const most = input.count('count') ?? Infinity;
  let heard = 0;
  await listen(registryOf(context), {
    types: input.texts('type'),
    signal,
    onOpen: () => out.note(out.paint('dim', 'listening; Ctrl-C ends it')),
    onBreak: (reason) => out.note(out.paint('yellow', `${plain(reason)}; trying again`)),
    hear: (event) => {
      heard += 1;
      if (out.json) out.raw(`${JSON.stringify(event)}\n`);
      else {
        const time = event.time === '' ? '' : new Date(event.time).toTimeString().slice(0, 8);
        const subject = shortDigest(plain(event.subject));
        const line = `${out.paint('dim', time)} ${out.paint('cyan', plain(event.name).padEnd(20))} ${subject}`;
        out.raw(
          `${line}  ${out.paint('dim', detailsOf(event.data, event.subject))}\n`.replace(/ +\n$/, '\n'),
        );
      }
      return heard < most;
    },
  });
};

/** What the subject does not tell already, short. */
function detailsOf(data: Readonly<Record<string, unknown>>, subject: string): string {
  const told = Object.entries(data).filter(
    ([name, value]) =>
      !['sealed', 'secrets', 'spec'].includes(name) &&
      (typeof value !== 'string' || !subject.includes(value)),
  );
  const text = told.map(([name, value]) => `${name}=${shortDigest(cell(value))}`).join(' ');
  return plain(text.length > 160 ? `${text.slice(0, 159)}…` : text);
}
