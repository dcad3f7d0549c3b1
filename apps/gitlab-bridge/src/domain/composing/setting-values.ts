import type { CiVariables } from './ci-variables.js';

/**
 * Reads the variables that set how a job is run. One that cannot be understood counts as not given, and is told: so it
 * is with GitLab's own runner, and a pipeline that ran there is not to fail here.
 */
export class SettingValues {
  readonly #notices: string[] = [];

  constructor(private readonly variables: CiVariables) {}

  /** What could not be understood, in words for the trace. */
  get notices(): readonly string[] {
    return this.#notices;
  }

  text(name: string): string {
    return this.variables.value(name);
  }

  oneOf<Word extends string>(name: string, among: readonly Word[], otherwise: Word): Word {
    const text = this.text(name);
    if (text === '') return otherwise;
    return among.find((known) => known === text) ?? this.#not(name, `one of ${among.join(', ')}`, otherwise);
  }

  flag(name: string, otherwise: boolean): boolean {
    const text = this.text(name);
    if (text === '') return otherwise;
    if (/^(?:1|t|true)$/i.test(text)) return true;
    if (/^(?:0|f|false)$/i.test(text)) return false;
    return this.#not(name, 'true or false', otherwise);
  }

  count(name: string, least: number, most: number, otherwise: number): number {
    const text = this.text(name);
    if (text === '') return otherwise;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most
      ? value
      : this.#not(name, `a number from ${least} to ${most}`, otherwise);
  }

  /** Seconds of a duration as Go writes it, e.g. 1h30m or 90s. */
  seconds(name: string, otherwise: number | undefined): number | undefined {
    const text = this.text(name);
    if (text === '') return otherwise;
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
    const factors: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1, ms: 0.001 };
    const value = parts.reduce(
      (sum, [, digits, unit]) => sum + Number(digits) * (factors[unit ?? ''] ?? 0),
      0,
    );
    const whole = parts.map(([part]) => part).join('') === text;
    return whole && value > 0
      ? Math.ceil(value)
      : this.#not(name, 'a duration such as 90s, 15m or 1h30m', otherwise);
  }

  /** Words between spaces; `none` is no word at all. */
  flags(name: string, otherwise: readonly string[]): readonly string[] {
    const text = this.text(name).trim();
    if (text === '') return otherwise;
    return text === 'none' ? [] : text.split(/\s+/);
  }

  #not<Value>(name: string, expected: string, otherwise: Value): Value {
    const used = otherwise === undefined ? 'none is set' : `it is taken for ${JSON.stringify(otherwise)}`;
    this.#notices.push(`${name} is ${JSON.stringify(this.text(name))}; expected ${expected}; ${used}.`);
    return otherwise;
  }
}
