const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const;

/** The styles that every terminal has (ECMA-48, SGR); which shades they are is the terminal’s choice. */
export type Colour = keyof typeof codes;

/** Colours a text; hands it back as it is where colours are off. */
export type Paint = (colour: Colour, text: string) => string;

/** A painter that gives every text back as it is where `isOn` is false, as for a pipe. */
export const painter =
  (isOn: boolean): Paint =>
  (colour, text) => {
    const [on, off] = codes[colour];
    return isOn && text !== '' ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  };

/**
 * What comes from outside, safe to show: a name or an error's words could hold sequences that move the cursor or
 * recolour what was shown before.
 */
export const plain = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '\uFFFD');
