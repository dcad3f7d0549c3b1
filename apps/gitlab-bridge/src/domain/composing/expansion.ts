const special = /^[*#$@!?\-0-9]$/;

/** What a `$` begins, as Go's os.Expand reads it: the name, and how many characters it takes. */
function nameAfterDollar(text: string): { readonly name: string; readonly length: number } {
  if (text.startsWith('{')) {
    const end = text.indexOf('}');
    if (end === 2 && special.test(text.charAt(1))) return { name: text.charAt(1), length: 3 };
    // What has no name, or no end, is eaten.
    if (end === -1) return { name: '', length: 1 };
    return { name: text.slice(1, end), length: end + 1 };
  }
  if (special.test(text.charAt(0))) return { name: text.charAt(0), length: 1 };
  const name = /^[A-Za-z0-9_]*/.exec(text)?.[0] ?? '';
  return { name, length: name.length };
}

/**
 * `$NAME` and `${NAME}` by their values, and `$$` by `$`, once over the text: what a value brings in is not looked at
 * again. A `$` before anything else stays.
 */
export function expand(text: string, valueOf: (name: string) => string): string {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('$'); at !== -1 && at + 1 < text.length; at = text.indexOf('$', from)) {
    const { name, length } = nameAfterDollar(text.slice(at + 1));
    result += text.slice(from, at);
    if (name !== '') result += special.test(name) ? (name === '$' ? '$' : '') : valueOf(name);
    else if (length === 0) result += '$';
    from = at + 1 + length;
  }
  return result + text.slice(from);
}
