/** Where in the file, as zod tells it: fields by name, entries of lists by number. */
export type Path = readonly PropertyKey[];

/** Something wrong with the file, and where. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** Points at the field's name instead of its value. */
  readonly atKey?: boolean;
}

/** `sources[0].kind`. */
export function pathName(path: Path): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${String(part)}` : String(part),
    '',
  );
}
