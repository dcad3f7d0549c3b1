import type { ShownSecret } from '#api';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { details } from '../../output/details.js';
import { plain } from '../../output/paint.js';
import { relative } from '../../output/words.js';
import { pastTime } from '../../times.js';
import { readResource, type ResourceState } from './resource.js';

/** `slipway <kind> get NAME`. */
export const get =
  (plural: string): Action =>
  async (context, input) => {
    const at = input.text('at');
    const time = at === undefined ? undefined : pastTime(at, 'at', context.now());
    const { state } = await readResource(registryOf(context), plural, input.argument('name'), time);
    await context.out.result(state, () => resourceText(state, context));
  };

async function resourceText(state: ResourceState, { out, now }: Context): Promise<string> {
  const { stringify } = await import('yaml');
  const head: [string, string][] = [
    ['version', `${state.version}, changed ${relative(state.at, now())} by ${state.by}`],
    ['id', state.id],
    ...(state.secrets ?? []).map((secret): [string, string] => ['secret', secretWords(secret, now())]),
  ];
  if (state.kind === 'credential' && (state.secrets ?? []).length === 0) head.push(['secret', 'none yet']);
  return `${details(head, out.paint)}\n\n${plain(stringify(state.spec).trimEnd())}`;
}

/** `…a1b2 (fingerprint 0123…), made 3 d ago by jane, ends in 27 d, last used 2 min ago by relay`. */
function secretWords(secret: ShownSecret, now: Date): string {
  const { lastFour, fingerprint, createdAt, createdBy, expiresAt, validUntil, lastUsedAt, lastUsedBy } =
    secret;
  return [
    `${lastFour ? `…${lastFour} ` : ''}(fingerprint ${fingerprint}), made ${relative(createdAt, now)}${createdBy ? ` by ${createdBy}` : ''}`,
    expiresAt === undefined ? '' : `ends ${relative(expiresAt, now)}`,
    validUntil === undefined ? '' : `counts until ${relative(validUntil, now)}`,
    lastUsedAt === undefined
      ? 'not used yet'
      : `last used ${relative(lastUsedAt, now)}${lastUsedBy ? ` by ${lastUsedBy}` : ''}`,
    `id ${secret.id}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
