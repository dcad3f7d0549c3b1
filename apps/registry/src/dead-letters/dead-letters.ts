import type { DeadLetter, DeadLettersQuery, DeadLetterWithPayload, Page } from '#api';
import { dropDead, listDead, replayDead, showDead, withBroker } from '#bus';
import { queues } from '#contracts';
import { permanent } from '#errors';
import { withoutSealed } from '../domain/unsealed.js';
import { numberOfCursor, pageFrom } from '../http/cursor.js';

/** The queue of events that reached no queue. */
const unrouted = 'slipway.unrouted';
const queueNames = [...Object.values(queues).map(({ name }) => name), unrouted];
/** Dead letters of one queue that are looked through for a list. */
const deepest = 5_000;

/** Messages that services gave up. One look at a time: while somebody looks, the broker shows them to nobody else. */
export class DeadLetters {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly urls: readonly string[]) {}

  /** By queue, the oldest first. */
  async list({ queue, limit, cursor }: DeadLettersQuery): Promise<Page<DeadLetter>> {
    const from = numberOfCursor(cursor) ?? 0;
    const names = queue === undefined ? queueNames : [known(queue)];
    const found = await this.alone(async (model) => {
      const letters: DeadLetter[] = [];
      for (const name of names) {
        if (letters.length > from + limit) break;
        const wanted = Math.min(deepest, from + limit + 1 - letters.length);
        for (const letter of await listDead(model, name, wanted))
          letters.push({ ...letter, queue: letter.queue ?? name });
      }
      return letters;
    });
    return pageFrom(
      found.slice(from),
      limit,
      (letters) => letters,
      () => from + limit,
    );
  }

  /** @throws permanent `dead_letters.not_found` */
  async show(queue: string, id: string): Promise<DeadLetterWithPayload> {
    const letter = await this.alone((model) => showDead(model, known(queue), id));
    return {
      ...letter,
      queue: letter.queue ?? queue,
      payload: withoutSealed(letter.payload),
      headers: { ...letter.headers },
    };
  }

  /** Back into the queue that gave it up. @throws permanent `dead_letters.not_found` */
  async replay(queue: string, id: string): Promise<void> {
    await this.alone((model) => replayDead(model, known(queue), { ids: [id] }));
  }

  /** For good. @throws permanent `dead_letters.not_found` */
  async drop(queue: string, id: string): Promise<void> {
    await this.alone((model) => dropDead(model, known(queue), { ids: [id] }));
  }

  private alone<T>(work: Parameters<typeof withBroker<T>>[1]): Promise<T> {
    const done = this.turn.then(() => withBroker(this.urls, work));
    this.turn = done.catch(() => undefined);
    return done;
  }
}

/** @throws permanent `dead_letters.not_found` */
function known(queue: string): string {
  if (queueNames.includes(queue)) return queue;
  throw permanent('dead_letters.not_found', `there is no queue "${queue.slice(0, 100)}"`, { level: 'info' });
}
