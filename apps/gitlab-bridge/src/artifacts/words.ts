import { basename } from 'node:path/posix';
import type { ArtifactPlan } from '../domain/composing/index.js';

/** As GitLab's own runner calls the file of an upload. */
export function fileNameOf({ name, format }: Pick<ArtifactPlan, 'name' | 'format'>): string {
  const own = basename(name) || 'artifacts';
  return format === 'zip' ? `${own}.zip` : format === 'gzip' ? `${own}.gz` : own;
}

/** Bytes as people read them. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1_000 && unit < units.length - 1) [size, unit] = [size / 1_000, unit + 1];
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

/** A count of files as the trace tells it. */
export const filesText = (files: number): string => (files === 1 ? '1 file' : `${files} files`);
