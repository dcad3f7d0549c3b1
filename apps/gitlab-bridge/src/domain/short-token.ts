/** What every token of its kind begins with. */
const beginnings = [/^(?:glrt-)?t[123]_/, /^glrt-/, /^GR[0-9A-Fa-f]{7}/];

/** What tells a runner from others and opens nothing: nine characters of its token, as GitLab's own runner cuts them. */
export function shortToken(token: string): string {
  const short = beginnings.reduce((rest, beginning) => rest.replace(beginning, ''), token).slice(0, 9);
  // It has to begin and end as a label of Kubernetes does.
  const first = /^[A-Za-z0-9]|^$/.test(short) ? short : `r${short.slice(0, -1)}`;
  return first.replace(/[^A-Za-z0-9]$/, 'r');
}
