import { toAppError } from '#errors';
import { setUpConfig, usage } from './config.js';
import { setUpBroker } from './set-up-broker.js';

const say = (fields: object, text: string): void =>
  void process.stderr.write(`${text} ${JSON.stringify(fields)}\n`);

if (process.argv.includes('--help')) {
  process.stdout.write(usage);
} else {
  try {
    const config = setUpConfig();
    await setUpBroker({ ...config, logger: { debug: () => {}, info: say, warn: say, error: say } });
  } catch (error) {
    process.stderr.write(`${toAppError(error).message}\n`);
    process.exitCode = 1;
  }
}
