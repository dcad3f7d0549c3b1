import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judge, machineLine, Misuse, table, type Bench, type Report } from './report.js';

/**
 * `npm run bench -- <name> [words for the bench]`: loads `bench/<name>.bench.ts`, prints its table and writes
 * `bench/results/<name>.json`. Exit code 0 when every bar is kept, 1 when one is missed or has no figure, 2 on misuse.
 */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  const known = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.bench.js'))
    .map((file) => file.slice(0, -'.bench.js'.length))
    .sort();
  if (name === undefined || !known.includes(name)) {
    const asked = name === '--help' || name === '-h';
    console.log(`usage: npm run bench -- <name> [arguments]\nbenches: ${known.join(', ')}`);
    return asked ? 0 : 2;
  }
  const { bench } = (await import(`./${name}.bench.js`)) as { bench: Bench };
  console.error(`${bench.title}\n${machineLine()}`);
  const rows = await bench.measure(args);
  const report: Report = { name, when: new Date().toISOString(), machine: machineLine(), rows };
  console.log(table(report, bench.bars));
  console.error(`written: ${write(report)}`);
  return bench.bars.every((bar) => judge(bar, rows) === 'kept') ? 0 : 1;
}

function write(report: Report): string {
  // The compiled file runs from dist/bench; results belong beside the sources.
  const here = join(import.meta.dirname, '..', '..', 'bench');
  const folder = join(existsSync(here) ? here : process.cwd(), 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${report.name}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}

process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof Misuse)) throw error;
    console.error(error.message);
    return 2;
  }),
);
