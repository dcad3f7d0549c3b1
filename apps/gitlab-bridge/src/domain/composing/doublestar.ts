/**
 * The patterns of artifact paths: `**` is any number of directories, `*` and `?` stay within a name, `[a-z]`, `[^a-z]`,
 * `{one,other}`, and a backslash before what is to stand for itself. Files whose name begins with a dot are no exception.
 */
export interface PathPattern {
  /** What no file is looked for outside of: the part before the first special character, `.` for all. */
  readonly below: string;
  /** A POSIX extended regular expression over the whole path, as awk takes it from a variable. */
  readonly expression: string;
  /** It has no special character: `below` is all of it. */
  readonly isExact: boolean;
}

const isSpecial = /[*?[{\\]/;

/** Undefined where the pattern cannot be read. */
export function pathPattern(path: string): PathPattern | undefined {
  if (path === '.') return { below: '.', expression: '^', isExact: true };
  const parts = path.split('/');
  const firstSpecial = parts.findIndex((part) => isSpecial.test(part));
  const below = (firstSpecial === -1 ? parts : parts.slice(0, firstSpecial)).join('/') || '.';
  const expression = expressionOf(path);
  return expression === undefined
    ? undefined
    : { below, expression: `^${expression}$`, isExact: firstSpecial === -1 };
}

/** Parts of an alternative may hold slashes and further alternatives, so this goes by character. */
function expressionOf(path: string): string | undefined {
  let result = '';
  let depth = 0;
  for (let at = 0; at < path.length; at++) {
    const character = path.charAt(at);
    if (character === '*' && startsDirectories(path, at)) {
      const closes = path.charAt(at + 2) === '/';
      // `a/**` is also a itself, `**/a` also a: what joins it to its neighbours is part of it.
      if (closes) {
        result += '(.*/)?';
        at += 2;
      } else {
        result = result.endsWith('/') ? `${result.slice(0, -1)}(/.*)?` : `${result}.*`;
        at += 1;
      }
    } else if (character === '*') {
      result += '[^/]*';
      while (path.charAt(at + 1) === '*') at++;
    } else if (character === '?') result += '[^/]';
    else if (character === '[') {
      const found = classAt(path, at);
      if (found === undefined) return undefined;
      result += found.expression;
      at = found.end;
    } else if (character === '{') {
      depth++;
      result += '(';
    } else if (character === '}' && depth > 0) {
      depth--;
      result += ')';
    } else if (character === ',' && depth > 0) result += '|';
    else if (character === '\\') {
      at++;
      if (at >= path.length) return undefined;
      result += literal(path.charAt(at));
    } else result += literal(character);
  }
  return depth === 0 ? result : undefined;
}

/** Two stars are directories only where they are all that is between two slashes. */
function startsDirectories(path: string, at: number): boolean {
  const before = at === 0 ? '/' : path.charAt(at - 1);
  const after = path.charAt(at + 2) || '/';
  return path.charAt(at + 1) === '*' && /[/{,]/.test(before) && /[/},]/.test(after);
}

/** What stands for itself outside of brackets; awk reads a backslash in brackets as its own. */
function literal(character: string): string {
  if (character === '^' || character === '\\') return `\\${character}`;
  return /[.+()|${}*?[]/.test(character) ? `[${character}]` : character;
}

function classAt(
  path: string,
  at: number,
): { readonly expression: string; readonly end: number } | undefined {
  let from = at + 1;
  const negated = path.charAt(from) === '^' || path.charAt(from) === '!';
  if (negated) from++;
  const members: string[] = [];
  let end = from;
  for (; end < path.length && (path.charAt(end) !== ']' || end === from); end++) {
    if (path.charAt(end) === '\\') end++;
    const low = path.charAt(end);
    if (path.charAt(end + 1) === '-' && path.charAt(end + 2) !== ']' && end + 2 < path.length) {
      end += path.charAt(end + 2) === '\\' ? 3 : 2;
      members.push(`${low}-${path.charAt(end)}`);
    } else members.push(low);
  }
  if (end >= path.length || members.length === 0) return undefined;
  return { expression: bracket(members, negated), end };
}

/** Where a character stands decides what it means: a closing bracket first, a minus last, no caret first. */
function bracket(members: readonly string[], negated: boolean): string {
  const has = (character: string): boolean => members.includes(character);
  const others = members
    .filter((member) => !(member === ']' || member === '-' || member === '^'))
    .map((member) => member.replaceAll('\\', '\\\\'));
  if (!negated && has('^') && others.length === 0 && !has(']') && !has('-')) return '\\^';
  const inner = `${has(']') ? ']' : ''}${others.join('')}${negated ? '/' : ''}`;
  // Alone with a minus, the caret is second.
  const end = has('^') && inner === '' ? '-^' : `${has('^') ? '^' : ''}${has('-') ? '-' : ''}`;
  return `[${negated ? '^' : ''}${inner}${end}]`;
}
