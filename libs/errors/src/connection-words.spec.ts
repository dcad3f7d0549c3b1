import { connectionWords } from '#errors';

const failed = (code: string, message = code): Error => Object.assign(new Error(message), { code });

describe('why there is no connection', () => {
  it.each([
    ['the error of a socket', failed('ECONNREFUSED'), 'nothing listens there (ECONNREFUSED)'],
    [
      'the first of several addresses',
      new AggregateError([failed('ECONNREFUSED'), failed('EHOSTUNREACH')]),
      'nothing listens there (ECONNREFUSED)',
    ],
    [
      'what fetch wraps',
      new TypeError('fetch failed', { cause: failed('ENOTFOUND') }),
      'there is no host of this name (ENOTFOUND)',
    ],
    [
      'what fetch failed by, where that has no code',
      new TypeError('fetch failed', { cause: new Error('unexpected redirect') }),
      'unexpected redirect',
    ],
    [
      'a deadline of our own',
      new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
      'it does not answer',
    ],
    ['a code that has no words here', failed('EPROTO', 'many words'), 'EPROTO'],
    ['an error without a code', new Error('in its own words'), 'in its own words'],
    ['what is no error', 'a text', 'a text'],
  ])('is told of %s', (_, cause, words) => {
    expect(connectionWords(cause)).toBe(words);
  });
});
