import { readJson } from '../src/forms/json-text.js';

/** Whether what the engine itself reads is refused, or the other way round. */
function isJudgedOtherwise(text: string): boolean {
  try {
    JSON.parse(text);
    return 'fault' in readJson(text);
  } catch {
    return !('fault' in readJson(text));
  }
}

describe('JSON as it is typed', () => {
  it('is read', () => {
    const value = { queue: 'lo"ng', nodes: 4, isShared: true, none: null, list: [1, [], {}, -2.5e3] };
    expect(readJson(JSON.stringify(value, null, 2))).toEqual({ value });
  });

  it.each([
    ['a comma that is missing', '{\n  "a": 1\n  "b": 2\n}', 'line 3: expected a comma or }, got "b"'],
    ['a comma too many', '{\n  "a": 1,\n}', 'line 3: expected a name in double quotes, got }'],
    ['a name without quotes', '{\n  a: 1\n}', 'line 2: expected a name in double quotes, got a'],
    ['single quotes', "{\n\n'a': 1}", "line 3: expected a name in double quotes, got 'a'"],
    ['a colon that is missing', '{"a" 1}', 'line 1: expected a colon after "a", got 1'],
    ['no end', '{\n  "a": 1\n\n', 'line 2: expected a comma or }, got the end'],
    ['more than one value', '{}\n{}', 'line 2: expected the end, got {'],
    ['a name that is there twice', '{\n  "a": 1,\n  "\\u0061": 2\n}', 'line 3: "\\u0061" is there twice'],
    [
      'a word that is no value',
      '{\n  "a": long\n}',
      'line 2: expected a value: text in double quotes, a number, true or false, got long',
    ],
    [
      'text without an end',
      '{\n  "a": "long,\n  "b": 1\n}',
      'line 2: "long, does not end, or has a backslash that means nothing in JSON',
    ],
  ])('is told by line where it has %s', (_what, text, fault) => {
    expect(readJson(text)).toEqual({ fault });
  });

  it('is judged as JSON.parse judges it, whatever sign is missing or put in', () => {
    const text = '{ "a\\n": [1, -2.5e+3, "x\\u00e9"],\n "b": {"c": true, "d": null} }';
    const signs = ['"', '\\', ',', ':', '{', ']', '0', '-', 'e', '\n', '\u00a0', '\t'];
    const changed = text
      .split('')
      .flatMap((_, at) =>
        ['', ...signs].flatMap((sign) => [
          text.slice(0, at) + sign + text.slice(at),
          text.slice(0, at) + sign + text.slice(at + 1),
        ]),
      );
    expect(changed.filter(isJudgedOtherwise)).toEqual([]);
  });
});
