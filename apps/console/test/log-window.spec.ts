import { type Line, LogWindow } from '../src/jobs/log/log-window.js';

const esc = '\u001b';
const start = (name: string, at: number, options = ''): string =>
  `${esc}[0Ksection_start:${at}:${name}${options}\r${esc}[0K`;
const end = (name: string, at: number): string => `${esc}[0Ksection_end:${at}:${name}\r${esc}[0K`;

const linesOf = (window: LogWindow): readonly Line[] => window.chunks.flatMap(({ lines }) => lines);
const texts = (window: LogWindow): readonly string[] =>
  linesOf(window).map(({ pieces }) => pieces.map(({ text }) => text).join(''));

function windowOf(...parts: readonly string[]): LogWindow {
  const window = new LogWindow();
  for (const part of parts) window.add(part);
  return window;
}

describe('the lines of a log', () => {
  it('are the same however they were cut when they came', () => {
    const log = `one\n${esc}[31mred\nstill red${esc}[0m\nplain\n`;
    const whole = linesOf(windowOf(log));
    expect(linesOf(windowOf(...log.split('')))).toEqual(whole);
    expect(whole.map(({ pieces }) => pieces)).toEqual([
      [{ text: 'one' }],
      [{ text: 'red', className: 'ansi-red-fg' }],
      [{ text: 'still red', className: 'ansi-red-fg' }],
      [{ text: 'plain' }],
    ]);
  });

  it('are text, whatever they hold; what a terminal would obey is left out, and a line written over is the last one', () => {
    const window = windowOf(
      '<img src=x onerror=alert(1)>\n',
      `${esc}]0;title\u0007${esc}[2J${esc}[3;4Hhere${esc}[1A\u0008\u202e\n`,
      `10 %\r50 %\r100 %\r\n`,
      `${esc}]8;;http://evil.example/\u0007link${esc}]8;;\u0007\n`,
    );
    expect(texts(window)).toEqual(['<img src=x onerror=alert(1)>', 'here', '100 %', 'link']);
  });

  it('that are very long are cut, and say by how much, also while they are written', () => {
    const window = windowOf('x'.repeat(3_000), 'x'.repeat(3_000));
    expect(window.unfinished).toHaveLength(4_000);
    window.add('x\nnext\n');
    expect(texts(window)).toEqual([`${'x'.repeat(4_000)} … 2001 characters more`, 'next']);
  });

  it('that nobody would see are dropped, and counted', () => {
    const window = new LogWindow(1_000);
    for (let n = 0; n < 300; n++) window.add('a line\n'.repeat(100));
    expect(linesOf(window).length).toBeGreaterThanOrEqual(1_000);
    expect(linesOf(window).length).toBeLessThan(1_200);
    expect(window.dropped + linesOf(window).length).toBe(30_000);
    window.add(`${'once more\n'.repeat(50_000)}last\n`);
    expect(window.dropped + linesOf(window).length).toBe(80_001);
    expect(texts(window).at(-1)).toBe('last');
  });

  it('with more colours than anybody reads come without', () => {
    const [line] = linesOf(windowOf(`${`${esc}[1m${esc}[31mx`.repeat(300)}\n`));
    expect(line?.pieces).toEqual([{ text: 'x'.repeat(300) }]);
  });

  it('in colours without a name are made light enough to be read', () => {
    const [line] = linesOf(windowOf(`${esc}[38;2;0;0;90mdark${esc}[48;5;231mon white${esc}[0m\n`));
    const [dark, onWhite] = line?.pieces ?? [];
    expect(dark?.color).toMatch(/^rgb\(\d+ \d+ \d+\)$/);
    expect(dark?.color).not.toBe('rgb(0 0 90)');
    expect(onWhite).toEqual({ text: 'on white', background: 'rgb(255 255 255)', color: '#000' });
  });
});

describe('the sections of a log', () => {
  it('hold their lines, stand in one another, and tell how long they took', () => {
    const window = windowOf(
      `${start('build', 100)}Building\nmake\n`,
      `${start('tests', 105, '[collapsed=true]')}Testing\nok\n${end('tests', 107)}`,
      `back\n${end('build', 112)}\nafter\n`,
    );
    const lines = linesOf(window);
    expect(texts(window)).toEqual(['Building', 'make', 'Testing', 'ok', 'back', 'after']);
    const [build, , tests] = lines;
    expect(build?.section).toMatchObject({ name: 'build', seconds: 12, isFolded: false });
    expect(tests?.section).toMatchObject({ name: 'tests', seconds: 2, isFolded: true });
    const [outer, inner] = [build?.section?.id, tests?.section?.id];
    expect(lines.map(({ within }) => within)).toEqual([[], [outer], [outer], [outer, inner], [outer], []]);
  });

  it('that end without a beginning, or never, do no harm', () => {
    const many = Array.from({ length: 100 }, (_, n) => `${start(`s${n}`, n)}x\n`).join('');
    const window = windowOf(`${end('none', 1)}\n`, many, 'inside\n');
    expect(linesOf(window).at(-1)?.within).toHaveLength(20);
  });
});
