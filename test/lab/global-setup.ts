import { announceLab, labConfig } from './config.js';
import { openLab } from './lab.js';
import { keepLab } from './run-state.js';

export default async function globalSetup(): Promise<void> {
  const lab = await openLab(labConfig());
  keepLab(lab);
  announceLab(lab.url);
}
