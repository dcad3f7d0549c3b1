import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../src/main.js', import.meta.url));

// Real: the shells, with nobody's settings, and the command as they call it by its name.
describe('the command, completed by', () => {
  let directory: string;
  let env: Record<string, string>;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-completion-'));
    const programs = join(directory, 'bin');
    mkdirSync(programs);
    const words = [process.execPath, main].map((word) => `'${word}'`).join(' ');
    writeFileSync(join(programs, 'slipway'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
    writeFileSync(join(directory, 'my settings.yml'), '');
    env = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, HOME: directory, TERM: 'dumb' };
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const scriptOf = async (shell: string): Promise<string> =>
    (await run('slipway', ['completion', shell], { env })).stdout;

  async function shell(name: 'zsh' | 'fish', args: readonly string[]): Promise<string> {
    try {
      return (await run(name, [...args], { env, cwd: directory, timeout: 60_000 })).stdout;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error(`this test needs ${name}: apt-get install --no-install-recommends ${name}`, {
        cause: error,
      });
    }
  }

  describe('zsh', () => {
    // A terminal with a zsh in it that somebody types into: what stands in its line after the tabulator.
    const typist = `
      zmodload zsh/zpty
      zpty inner zsh -f -i
      setUp='fpath=(./functions $fpath); autoload -Uz compinit; compinit -D -u
        dump() { print -r -- "$BUFFER" > line.new; mv line.new line }; zle -N dump; bindkey "^G" dump
        print ready-$((1 + 1))'
      zpty -w inner "\${setUp//$'\\n'/;}"
      zpty -r inner heard '*ready-2*'
      zpty -w -n inner "$1"$'\\t\\a'
      until [[ -e line ]]; do zpty -r -t inner heard; sleep 0.02; done
      cat line
      rm line
      zpty -d inner
    `;

    beforeAll(async () => {
      mkdirSync(join(directory, 'functions'));
      writeFileSync(join(directory, 'functions/_slipway'), await scriptOf('zsh'));
    });

    it.each([
      ['a command of a command', 'slipway image-rules hi', 'slipway image-rules history '],
      ['an option', 'slipway apply --dr', 'slipway apply --dry-run '],
      ['a value', 'slipway subscriptions deliveries a --state fai', 'failed '],
      ['a file', 'slipway apply -f my', String.raw`slipway apply -f my\ settings.yml `],
    ])('has %s', async (_what, typed, line) => {
      const shown = await shell('zsh', ['-f', '-c', typist, 'typist', typed]);
      expect(shown.endsWith(`${line}\n`)).toBe(true);
    });
  });

  describe('fish', () => {
    beforeAll(async () => writeFileSync(join(directory, 'slipway.fish'), await scriptOf('fish')));

    it.each([
      ['a command of a command', 'slipway image-rules hi', 'history\tshow who changed what in it, and when'],
      ['an option', 'slipway apply --dr', '--dry-run\tshow what would change, and change nothing'],
      ['a value', 'slipway subscriptions deliveries a --state fai', 'failed'],
      ['a file', 'slipway apply -f my', 'my settings.yml'],
    ])('has %s', async (_what, typed, line) => {
      const script = 'source slipway.fish; complete -C "$argv[1]"';
      expect((await shell('fish', ['--no-config', '-c', script, typed])).trimEnd()).toBe(line);
    });
  });
});
