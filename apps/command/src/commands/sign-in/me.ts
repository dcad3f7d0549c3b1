import type { Me } from '#api';

/** `Jane, admin, by api-key`. */
export function meWords({ name, role, via, onlyProjects }: Me): string {
  const only = onlyProjects === undefined ? '' : `, only in ${onlyProjects.join(', ')}`;
  return `${name}, ${role}, by ${via}${only}`;
}
