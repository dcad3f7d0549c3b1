import * as contracts from '#contracts';
import { type Message, messages, resources } from '#contracts';
import { sourceFiles } from './source-files.js';

const shipped = sourceFiles().filter(({ isTest }) => !isTest);
const nameOf = new Map(
  Object.entries(contracts).flatMap(([name, value]) =>
    messages.some((message) => message === value) ? [[value as unknown as Message, name] as const] : [],
  ),
);

/** Code alone, without what only names a message: imports, its payload's type, and the handlers that hear it. */
const inHand = (text: string): string =>
  text
    .replace(/^import\b[^;]*;/gm, '')
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    .replace(/\btypeof \w+|@Consume\([^)]*\)/g, '');

const handedOn = shipped.map(({ part, text }) => ({ part, words: new Set(inHand(text).match(/\w+/g)) }));
const isInHandOf = (part: RegExp, message: Message): boolean =>
  handedOn.some((file) => part.test(file.part) && file.words.has(nameOf.get(message) ?? ''));

/** What is said through shared code: by a library for whoever uses it, and `<kind>.changed` by a kind's name. */
const isSharedCode = (message: Message): boolean =>
  isInHandOf(/^libs\/(?!contracts$)/, message) ||
  resources.some(({ kind }) => message.name === `${kind}.changed`);

describe('who says a message', () => {
  it('is found: there are messages to judge, by the names of their constants', () => {
    expect(nameOf.size).toBe(messages.length);
    expect(messages.filter(isSharedCode).length).toBeLessThan(messages.length / 2);
  });

  it('has it in hand: to be named gives the right to write it on the broker', () => {
    const silent = messages
      .filter((message) => !isSharedCode(message))
      .flatMap((message) =>
        message.saidBy
          .filter((service) => !isInHandOf(new RegExp(`^apps/${service}$`), message))
          .map((service) => `${message.name}: ${service} never says it`),
      );
    expect(silent).toEqual([]);
  });
});
