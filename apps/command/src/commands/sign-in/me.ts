/** What the registry says of who is signed in. */
export interface Me {
  readonly subject: string;
  readonly name: string;
  readonly via: string;
  readonly role: string;
  readonly groups?: readonly string[];
  readonly onlyProjects?: readonly string[];
}

/** `Jane, admin, by api-key`. */
export function meWords({ name, role, via, onlyProjects }: Me): string {
  const only = onlyProjects === undefined ? '' : `, only in ${onlyProjects.join(', ')}`;
  return `${name}, ${role}, by ${via}${only}`;
}
