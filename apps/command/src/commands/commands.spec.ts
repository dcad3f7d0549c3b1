import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { resources } from '#contracts';
import type { CommandDefinition } from '../command-definition.js';
import { candidatesFor } from './completion/candidates.js';
import { commands } from './index.js';
import { kinds } from './resources/kinds.js';

interface Known {
  readonly line: string;
  readonly command: CommandDefinition;
}

const all = (of: readonly CommandDefinition[], parent = 'slipway'): readonly Known[] =>
  of.flatMap((command) => {
    const line = `${parent} ${command.name}`;
    return [{ line, command }, ...all(command.commands ?? [], line)];
  });
const known = all(commands);

describe('the kinds on the command line', () => {
  it('are those that the registry keeps, by their names', () => {
    const named = (of: readonly { kind: string; plural: string; title: string }[]) =>
      of.map(({ kind, plural, title }) => `${kind} ${plural} ${title}`).sort();
    expect(named(kinds)).toEqual(named(resources));
  });
});

describe('every command', () => {
  it.each(known)('$line tells what it does, and shows it by an example of its own', ({ line, command }) => {
    expect(command.means.length).toBeGreaterThan(10);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      expect(example.line).toContain(command.commands === undefined ? line : 'slipway ');
      expect(example.means).not.toBe('');
    }
    for (const each of [...(command.arguments ?? []), ...(command.options ?? [])])
      expect(each.means).not.toBe('');
  });

  it.each(known.filter(({ command }) => command.load !== undefined))(
    '$line loads what it does',
    async ({ command }) => {
      expect(typeof (await command.load?.())).toBe('function');
    },
  );

  it('takes no secret as an argument or option', () => {
    const words = known.flatMap(({ command }) => [
      ...(command.arguments ?? []).map(({ name }) => name),
      ...(command.options ?? []).map(({ flags }) => flags),
    ]);
    expect(
      words.filter(
        (word) => /(?:secret|token|password|key)\b/i.test(word) && !/-file|-stdin|^--field/.test(word),
      ),
    ).toEqual([]);
  });
});

describe('the program', () => {
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
    try {
      return { code: 0, ...(await promisify(execFile)(process.execPath, [main, ...args], { env })) };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  };

  it('shows help with the description, the examples and the exit codes', async () => {
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const { name, hidden } of commands) {
      if (hidden !== true) expect(help.stdout).toContain(`\n  ${name}`);
    }
    expect(help.stdout).not.toContain('__complete');
    expect(help.stdout).toContain('Exit codes:');
    const inner = await run('credentials', 'rotate', '--help');
    expect(inner.stdout).toContain('Examples:\n  # Change the secret of webhooks without losing a delivery');
  });

  it('suggests what was probably meant, with exit code 2', async () => {
    expect(await run('projcts')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean projects?'),
    });
    expect(await run('projects', 'lst')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean list?'),
    });
    expect(await run('apply')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("'-f, --file <file>' not specified"),
    });
  });

  it('says in JSON what is wrong with the usage, where JSON is asked for', async () => {
    for (const words of [['projcts'], ['projects', 'lst'], ['audit', '--limit', 'many']]) {
      const answer = await run(...words, '--json', '--url', 'http://127.0.0.1:1');
      expect(answer.code).toBe(2);
      expect(JSON.parse(answer.stderr)).toMatchObject({ code: 'command.usage' });
    }
  });

  it('is completed by bash', async () => {
    const script = [
      `slipway() { ${JSON.stringify(process.execPath)} ${JSON.stringify(main)} "$@"; }`,
      'eval "$(slipway completion bash)"',
      'COMP_WORDS=(slipway image-rules hi) COMP_CWORD=2',
      '_slipway && echo "${COMPREPLY[@]}"',
      'COMP_WORDS=(slipway apply -f "") COMP_CWORD=3',
      '_slipway && echo "${COMPREPLY[@]}"',
    ].join('\n');
    const cwd = mkdtempSync(join(tmpdir(), 'slipway-bash-'));
    writeFileSync(join(cwd, 'my settings.yml'), '');
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { env, cwd });
    expect(stdout).toBe('history\nmy settings.yml\n');
    rmSync(cwd, { recursive: true });
  });

  it('says that nobody is signed in, with exit code 4', async () => {
    expect(await run('projects', 'list')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('slipway login URL'),
    });
  });

  it('says that the registry cannot be reached, with exit code 6', async () => {
    const answer = await run('projects', 'list', '--url', 'http://127.0.0.1:1', '--json');
    expect(answer.code).toBe(6);
    expect(JSON.parse(answer.stderr)).toMatchObject({ code: 'command.unreachable' });
  });

  it('loads no schema to show help: that is most of what starting would cost', async () => {
    const seen = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      `
      import module from 'node:module';
      module.register('data:text/javascript,' + encodeURIComponent(
        'export async function load(url, context, next) { process._rawDebug(url); return next(url, context); }'));
      process.argv = [process.argv[0], 'slipway', '--help'];
      await import(${JSON.stringify(main)});
    `,
    ]);
    expect(seen.stderr).toContain('apps/command/src/program.js');
    expect(seen.stderr).not.toMatch(/node_modules\/(?:zod|yaml|cli-table3|amqplib|pg)\//);
  });
});

describe('completion', () => {
  const texts = (...words: string[]) => candidatesFor(commands, words).texts.map(({ text }) => text);

  it('knows commands, and commands of commands', () => {
    expect(texts('pro')).toEqual(['projects']);
    expect(texts('projects', 'e')).toEqual(['edit']);
    expect(texts('--json', 'projects', 'hi')).toEqual(['history']);
    expect(texts('__')).toEqual([]);
  });

  it('knows options, and the values that some have', () => {
    expect(texts('apply', '--dr')).toEqual(['--dry-run']);
    expect(texts('publications', 'list', '--state', 'fail')).toEqual(['failed']);
    expect(texts('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  it('asks for names and files where they belong', () => {
    expect(candidatesFor(commands, ['projects', 'get', 'a']).values).toEqual({
      from: 'names',
      of: 'projects',
    });
    expect(candidatesFor(commands, ['apply', '-f', '']).values).toEqual({ from: 'files' });
    expect(candidatesFor(commands, ['image-rules', 'list', '--project', '']).values).toEqual({
      from: 'names',
      of: 'projects',
    });
    expect(candidatesFor(commands, ['projects', 'get', 'a', '']).values).toBeUndefined();
  });
});
