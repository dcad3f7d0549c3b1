import { permanent } from '#errors';
import type { Action } from '../../command-definition.js';
import { listen, type RegistryEvent } from '../../clients/event-stream.js';
import { registryOf } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import { openBoard } from '../../output/board.js';
import { plain } from '../../output/paint.js';
import { imageName, imageText } from './image-name.js';
import { moveLine, moved, type Movement, movementOf } from './movement.js';
import { isOver, publicationsOf } from './publication.js';

/** Whose way to CVMFS is shown, and what sets it going, where something does. */
export interface Watch {
  /** Until each of them is there or has failed; all that move, for ever, where there are none. */
  readonly images: readonly string[];
  readonly cvmfsRepository: string | undefined;
  /** Done once the events are listened to, so that none is missed. */
  readonly begin?: () => Promise<unknown>;
}

/** `slipway publications watch`. */
export const watch: Action = (context, input) =>
  watchImages(context, { images: input.arguments('images'), cvmfsRepository: input.text('cvmfsRepository') });

/**
 * Shows how images get on until those that were named are there, or it is interrupted. Ends as failed where one
 * failed.
 */
export async function watchImages(
  context: Context,
  { images, cvmfsRepository, begin }: Watch,
): Promise<void> {
  const { out, signal } = context;
  const registry = registryOf(context);
  const board = openBoard(out);
  const moving = new Map<string, Movement>();
  const tell = (movement: Movement): void => {
    moving.set(movement.key, movement);
    if (out.json) out.raw(`${JSON.stringify(movement)}\n`);
    else if (!out.isLive && movement.isNews) out.raw(`${moveLine(movement, out.paint, 0)}\n`);
    board.draw([...moving.values()].map((each) => moveLine(each, out.paint, board.width)));
  };
  const wanted = images.map((image) => imageName(image));
  const isWanted = (event: RegistryEvent): boolean =>
    (cvmfsRepository === undefined || event.data['cvmfsRepository'] === cvmfsRepository) &&
    (wanted.length === 0 || wanted.some((name) => isAbout(event, name)));
  let hasBegun = false;
  const lookUp = async (): Promise<void> => {
    for (const image of images) {
      for (const publication of await publicationsOf(registry, image, cvmfsRepository))
        tell(movementOf(publication));
    }
  };
  const isDone = (): boolean =>
    wanted.length > 0 && moving.size >= wanted.length && [...moving.values()].every(isOver);
  try {
    await listen(registry, {
      types: ['image.*'],
      signal,
      onBreak: (reason) => out.note(out.paint('yellow', `${plain(reason)}; trying again`)),
      onOpen: async () => {
        if (begin && !hasBegun) await begin();
        // What was there before one asked to publish again says nothing; after a break it fills the gap.
        if (!begin || hasBegun) await lookUp();
        hasBegun = true;
      },
      until: isDone,
      hear: (event) => {
        if (isWanted(event)) {
          const movement = moved(moving, event);
          if (movement !== undefined) tell(movement);
        }
        return !isDone();
      },
    });
  } finally {
    board.close();
  }
  const failed = [...moving.values()].filter(({ state }) => state === 'failed');
  if (failed.length > 0 && wanted.length > 0) {
    const reasons = failed.map(({ name, reason }) => `${name}: ${reason ?? 'failed'}`);
    throw permanent('command.publication_failed', reasons.join('\n'));
  }
}

function isAbout({ data, subject }: RegistryEvent, name: ReturnType<typeof imageName>): boolean {
  if ('id' in name) return false;
  if (data['registry'] !== name.registry || data['repository'] !== name.repository) return false;
  if (name.digest !== undefined) return data['digest'] === name.digest || subject.includes(name.digest);
  const tags = data['tags'];
  return Array.isArray(tags)
    ? name.tag === undefined || tags.includes(name.tag)
    : subject.includes(imageText(name));
}
