/** Conditions of a query with their values: `add('a.state = ?', state)`. What is not asked for is left out. */
export class Conditions {
  private readonly texts: string[] = [];
  readonly values: unknown[] = [];

  /** Each `?` of the text stands for the next value; nothing where the first value is undefined. */
  add(text: string, ...values: readonly unknown[]): this {
    if (values.length > 0 && values[0] === undefined) return this;
    let next = 0;
    this.texts.push(text.replaceAll('?', () => this.value(values[next++])));
    return this;
  }

  /** The place of a value that stands elsewhere in the statement. */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get where(): string {
    return this.texts.length === 0 ? '' : `where ${this.texts.join(' and ')}`;
  }
}

/** A part of a text, for `ilike`. */
export const partOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
