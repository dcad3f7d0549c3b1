import { type Lab } from './lab.js';

// Jest loads global set-up and teardown as separate module graphs of one process: the global object is all they share.
const shared = globalThis as { [key: symbol]: Lab | undefined };
const KEY = Symbol.for('slipway.lab');

export function keepLab(lab: Lab): void {
  shared[KEY] = lab;
}

export function keptLab(): Lab | undefined {
  return shared[KEY];
}
