import { type Piece, plain, Painter } from './ansi.js';

/** A part of the log with a name, as GitLab's job logs have them. */
export interface Section {
  readonly id: number;
  readonly name: string;
  /** Unix time. */
  readonly startedAt: number;
  /** Once it has ended. */
  readonly seconds?: number;
  /** Whether the job wants it folded at first. */
  readonly isFolded: boolean;
}

/** A line that has ended, its colours as pieces; the id stays while it is kept. */
export interface Line {
  readonly id: number;
  readonly pieces: readonly Piece[];
  /** The sections that it stands in, the outermost first. */
  readonly within: readonly number[];
  /** The section that begins with it. */
  readonly section?: Section;
}

/** Lines that are shown together; another object whenever one of them changes. */
export interface Chunk {
  readonly id: number;
  readonly lines: readonly Line[];
}

/** A chunk as it grows; `shown` until it does again. */
interface Growing {
  readonly id: number;
  readonly lines: Line[];
  shown: Chunk | undefined;
}

/** More would fill the browser, and nobody reads them there. */
const mostLines = 5_000;

const linesOfChunk = 100;
const mostOfLine = 4_000;
const deepest = 20;

// oxlint-disable no-control-regex -- that is what it looks for.
const marker =
  /(?:\x1b\[0K)?section_(start|end):(\d{1,12}):([\w.-]{1,255})(\[[^\]\r\n]{0,255}\])?\r(?:\x1b\[0K)?/g;

/** The last lines of a log as it grows. */
export class LogWindow {
  /** Lines that came, and are not kept any more. */
  dropped = 0;
  private readonly painter = new Painter();
  private readonly kept: Growing[] = [];
  private open: Section[] = [];
  private rest = '';
  private cut = 0;
  private ids = 0;

  /** @param most lines that are kept, at least */
  constructor(private readonly most = mostLines) {}

  add(text: string): void {
    const lines = text.split('\n');
    const superfluous = Math.max(lines.length - 1 - this.most, 0);
    if (superfluous > 0) {
      // Nobody will see them: what they look like is not worth finding out.
      this.dropped += superfluous;
      this.rest = '';
      this.open = [];
    }
    for (let place = superfluous; place < lines.length; place++) {
      const all = this.rest + (lines[place] ?? '');
      this.cut += Math.max(all.length - mostOfLine, 0);
      this.rest = all.slice(0, mostOfLine);
      if (place === lines.length - 1) break;
      this.take(this.rest);
      this.rest = '';
      this.cut = 0;
    }
    this.trim();
  }

  get chunks(): readonly Chunk[] {
    return this.kept.map((chunk) => (chunk.shown ??= { id: chunk.id, lines: [...chunk.lines] }));
  }

  /** What stands after the last line's end: a line that is still being written. */
  get unfinished(): string {
    return plain(this.rest.replace(marker, ''));
  }

  private take(raw: string): void {
    let at = 0;
    let begun: Section | undefined;
    for (const match of raw.matchAll(marker)) {
      this.write(raw.slice(at, match.index), begun, false);
      begun = this.mark(match);
      at = match.index + match[0].length;
    }
    this.write(raw.slice(at) + (this.cut > 0 ? ` … ${this.cut} characters more` : ''), begun, at === 0);
  }

  private mark([, what, time, name = '', options = '']: RegExpExecArray): Section | undefined {
    if (what === 'end') {
      this.end(name, Number(time));
      return undefined;
    }
    const isFolded = options.includes('collapsed=true');
    return { id: ++this.ids, name: name.replaceAll('_', ' '), startedAt: Number(time), isFolded };
  }

  private end(name: string, time: number): void {
    const place = this.open.findLastIndex((section) => section.name === name.replaceAll('_', ' '));
    const section = this.open[place];
    if (!section) return;
    this.open = this.open.slice(0, place);
    const ended = { ...section, seconds: Math.max(time - section.startedAt, 0) };
    for (const chunk of this.kept) {
      const begun = chunk.lines.findIndex((line) => line.section?.id === section.id);
      const line = chunk.lines[begun];
      if (!line) continue;
      chunk.lines[begun] = { ...line, section: ended };
      chunk.shown = undefined;
    }
  }

  private write(raw: string, section: Section | undefined, isWholeLine: boolean): void {
    if (section === undefined && !isWholeLine && plain(raw) === '') return;
    const line: Line = {
      id: ++this.ids,
      pieces: this.painter.paint(raw),
      within: this.open.map(({ id }) => id),
      ...(section && { section }),
    };
    const last = this.kept.at(-1);
    if (last && last.lines.length < linesOfChunk) {
      last.lines.push(line);
      last.shown = undefined;
    } else this.kept.push({ id: line.id, lines: [line], shown: undefined });
    if (section && this.open.length < deepest) this.open = [...this.open, section];
  }

  private trim(): void {
    let lines = this.kept.reduce((sum, chunk) => sum + chunk.lines.length, 0);
    while (lines > this.most + linesOfChunk) {
      const gone = this.kept.shift()?.lines.length ?? 0;
      lines -= gone;
      this.dropped += gone;
    }
  }
}
