import { type Lab } from './lab.js';

// Jest loads global set-up and teardown as separate module graphs of one process: the global object is all they share.
const shared = globalThis as { [key: symbol]: Lab | undefined };
const runStateKey = Symbol.for('slipway.lab');

/** For the teardown, which has no other way to the lab that the set-up opened. */
export function keepLab(lab: Lab): void {
  shared[runStateKey] = lab;
}

/** The lab of this run; undefined where the set-up failed before there was one. */
export function keptLab(): Lab | undefined {
  return shared[runStateKey];
}
