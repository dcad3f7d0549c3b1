import { deadLettersCommand } from './command.js';

process.exitCode = await deadLettersCommand(
  process.argv.slice(2),
  (text) => process.stdout.write(text),
  (text) => process.stderr.write(text),
);
