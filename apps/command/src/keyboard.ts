import type { Keyboard } from './context.js';
import { usage } from './errors/usage.js';

/** Far more than any secret or file of settings; a pipe that never ends must not fill the memory. */
const mostBytes = 16 * 1024 * 1024;

/** What a person types, or a pipe brings, until `signal` is aborted. */
export function openKeyboard(signal: AbortSignal): Keyboard {
  const { stdin, stderr } = process;
  return {
    isTerminal: stdin.isTTY,
    read: async () => {
      const parts: Buffer[] = [];
      let bytes = 0;
      for await (const part of stdin as AsyncIterable<Buffer>) {
        bytes += part.length;
        if (bytes > mostBytes) throw usage('standard input holds more than 16 MiB');
        parts.push(part);
      }
      return Buffer.concat(parts).toString('utf8');
    },
    ask: async (question, { secret = false } = {}) => {
      if (!stdin.isTTY || !stderr.isTTY)
        throw usage(`nobody can answer "${question.trim()}" here: standard input is no terminal`);
      const { createInterface } = await import('node:readline/promises');
      const { Writable } = await import('node:stream');
      // Readline echoes into what it is given: into nothing, while a secret is typed.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input: stdin, output: secret ? nowhere : stderr, terminal: true });
      try {
        if (secret) stderr.write(question);
        return (await lines.question(secret ? '' : question, { signal })).trim();
      } finally {
        if (secret) stderr.write('\n');
        lines.close();
      }
    },
  };
}
