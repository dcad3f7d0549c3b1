import { change, many, unpackTree, type DriverTask } from './crash-scenario.js';
import { createDriver } from './driver-labs.js';

async function main(task: DriverTask): Promise<void> {
  let told = 0;
  const onStep = (step: string) => {
    process.stdout.write(`${step}\n`);
    if (told === task.killAt || step === task.killAtStep) process.kill(process.pid, 'SIGKILL');
    told += 1;
    if (step === task.failAtStep) throw new Error(`told to fail at ${step}`);
  };
  const driver = createDriver(task.kind, { ...task.options, onStep });
  if (task.work === 'many') return await many(driver, task.name ?? '', task.count ?? 1);
  if (task.work === 'change') return await change(driver);
  const transaction = await driver.begin();
  unpackTree(transaction, '.flat/ee/four', 'four');
  await transaction.abort();
}

await main(JSON.parse(process.argv[2] ?? '{}') as DriverTask);
