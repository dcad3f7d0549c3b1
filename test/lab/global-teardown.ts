import { keptLab } from './run-state.js';

export default async function globalTeardown(): Promise<void> {
  await keptLab()?.close();
}
