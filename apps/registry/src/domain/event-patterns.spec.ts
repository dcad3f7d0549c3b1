import { eventMatcher } from './event-patterns.js';

describe('patterns of events', () => {
  it.each([
    ['#', 'image.published', true],
    ['image.*', 'image.published', true],
    ['image.*', 'image', false],
    ['*.changed', 'credential.changed', true],
    ['image.published', 'image.publishing', false],
    ['image.#', 'image.a.b', true],
    ['#.changed', 'changed', true],
    ['*', 'image.published', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(eventMatcher(['never.this', pattern])(name)).toBe(expected);
  });
});
