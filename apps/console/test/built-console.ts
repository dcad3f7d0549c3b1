import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(new URL('../../../../', import.meta.url)));
const target = join(root, 'dist/console');

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(join(root, folder, name)).mtimeMs,
    ),
  );

function newestSource(): number {
  const folders = ['apps/console/src', 'apps/console/public', 'libs/api/src', 'libs/contracts/src'];
  const files = ['vite.config.ts', 'unused-styles.ts'].map((name) => join(root, 'apps/console', name));
  return Math.max(...folders.map(newest), ...files.map((file) => statSync(file).mtimeMs));
}

/** The page's folder; built unless it is there and nothing of it is newer. The tests compile with `tsc`, which leaves it out. */
export function builtConsole(): string {
  const index = join(target, 'index.html');
  if (existsSync(index) && statSync(index).mtimeMs > newestSource()) return target;
  // Beside its place first: another test file may be reading, or building, the same.
  const fresh = mkdtempSync(join(root, 'dist/.console-'));
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const argv = [vite, 'build', 'apps/console', '--outDir', fresh, '--logLevel', 'warn', '--emptyOutDir'];
  // Jest's own NODE_ENV would bring React's development build into the page, half as large again and slower.
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production' };
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd: root, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the page could not be built:\n${stderr}`);
  const old = `${fresh}-old`;
  if (existsSync(target)) renameSync(target, old);
  try {
    renameSync(fresh, target);
  } catch {
    // Another one was faster, with the same sources.
    rmSync(fresh, { recursive: true, force: true });
  }
  rmSync(old, { recursive: true, force: true });
  return target;
}
