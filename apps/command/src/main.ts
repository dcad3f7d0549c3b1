import { runCommand } from './run-command.js';

// A reader that has seen enough, such as head, is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted.abort();
    // What does not listen to the signal is ended all the same, and the terminal is left as it was.
    setTimeout(() => process.exit(130), 1_000).unref();
  });
}
process.exitCode = await runCommand(process.argv.slice(2), interrupted.signal);
