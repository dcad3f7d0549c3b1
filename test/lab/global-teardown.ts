import { keptLab } from './run-state.js';

/** Jest calls it once after all test files: what was started for the run ends. */
export default async function globalTeardown(): Promise<void> {
  await keptLab()?.close();
}
