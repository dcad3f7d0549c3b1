import Anser, { type AnserJsonEntry } from 'anser';

/** A stretch of text that looks the same all along. It is shown as text, never as HTML. */
export interface Piece {
  readonly text: string;
  readonly className?: string;
  /** As CSS writes it, where the job chose one that has no name. */
  readonly color?: string;
  readonly background?: string;
}

// oxlint-disable no-control-regex -- that is what they look for.
const colourCode = /\x1b\[[\d;]*m/g;
/** Whatever else a terminal would obey: moves of the cursor, titles of windows, links; and what nobody sees. */
const otherCodes =
  /\x1b\](?:[^\x07\x1b]*)(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-ln-~]|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b(?!\[[\d;]*m)[ -/]*[0-~]?/g;
const unseen = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** A line that changes its colour more often than anybody reads is shown without. */
const mostChanges = 200;

/** Changes nothing, but makes the library tell what the lines before left behind. */
const asBefore = '\x1b[10m';

/** What the library keeps from line to line. */
interface Kept {
  decorations: string[];
}

/** The text alone, without anything that a terminal would obey. */
export const plain = (text: string): string => shown(text).replace(colourCode, '').replaceAll('\x1b', '');

/** Gives the lines of a log their colours; a colour lasts until the log changes it. */
export class Painter {
  private readonly library = new Anser();

  paint(line: string): readonly Piece[] {
    const text = shown(line);
    if ((text.match(colourCode)?.length ?? 0) > mostChanges) return [{ text: plain(text) }];
    const entries = this.library.ansiToJson(asBefore + text, { use_classes: true, remove_empty: true });
    // It adds one for each code that asks for it, also where it is there.
    const kept = this.library as unknown as Kept;
    kept.decorations = [...new Set(kept.decorations)];
    return entries.map(pieceOf);
  }
}

/** What a carriage return leaves to see, without what is no text and no colour. */
function shown(line: string): string {
  const parts = line.replace(otherCodes, '').split('\r');
  const last = parts.findLast((part) => part.replace(colourCode, '') !== '') ?? '';
  return last.replace(unseen, '');
}

function pieceOf({ content, fg, bg, fg_truecolor, bg_truecolor, decorations }: AnserJsonEntry): Piece {
  const [front, back] = decorations.includes('reverse') ? [bg, fg] : [fg, bg];
  const color = front === null || front === undefined ? undefined : rgbOf(front, fg_truecolor);
  const background = back === null || back === undefined ? undefined : rgbOf(back, bg_truecolor);
  const isReversed = decorations.includes('reverse') && !back;
  const names = [
    front && color === undefined && !back && `${front}-fg`,
    back && background === undefined && `${back}-bg`,
    isReversed && 'ansi-reverse',
    ...decorations.filter((name) => marks.has(name)).map((name) => `ansi-${name}`),
  ];
  const className = names.filter(Boolean).join(' ');
  return {
    text: content.replaceAll('\x1b', ''),
    ...(className !== '' && { className }),
    ...(color !== undefined && !back && { color: legible(color) }),
    ...(background !== undefined && { background: `rgb(${background.join(' ')})`, color: onTop(background) }),
  };
}

const marks: ReadonlySet<string> = new Set(['bold', 'italic', 'underline', 'strikethrough']);

type Rgb = readonly [number, number, number];

/** Of a colour without a name: one of 256, or any. */
function rgbOf(name: string, truecolor: string | null): Rgb | undefined {
  if (name === 'ansi-truecolor') {
    const [red = 0, green = 0, blue = 0] = (truecolor ?? '').split(',').map(Number);
    return [red, green, blue];
  }
  const number = Number(/^ansi-palette-(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(number)) return undefined;
  if (number >= 232) return [8 + (number - 232) * 10, 8 + (number - 232) * 10, 8 + (number - 232) * 10];
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
  const cube = number - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

/** How bright it seems, 0 to 1 (WCAG 2.2). */
const luminance = (rgb: Rgb): number => {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
    const share = Math.min(Math.max(part, 0), 255) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** The colour, made lighter until it can be read on the dark ground of a log: 4.5:1 and more. */
function legible(rgb: Rgb): string {
  let lighter = rgb;
  while (luminance(lighter) < 0.25) lighter = [lift(lighter[0]), lift(lighter[1]), lift(lighter[2])];
  return `rgb(${lighter.join(' ')})`;
}

const lift = (part: number): number => Math.min(Math.round(part + (255 - part) * 0.2) + 1, 255);

const onTop = (ground: Rgb): string => (luminance(ground) > 0.18 ? '#000' : '#fff');
