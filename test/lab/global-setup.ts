import { announceLab, labConfig } from './config.js';
import { openLab } from './lab.js';
import { keepLab } from './run-state.js';

/** Jest calls it once before all test files. No server is started yet: the first file that asks has it started. */
export default async function globalSetup(): Promise<void> {
  const lab = await openLab(labConfig());
  keepLab(lab);
  announceLab(lab.url);
}
