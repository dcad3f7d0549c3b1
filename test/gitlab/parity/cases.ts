import { artifactCases } from './artifact.cases.js';
import { lifeCases } from './life.cases.js';
import { type ParityCase } from './parity-job.js';
import { scriptCases } from './script.cases.js';
import { sourcesCases } from './sources.cases.js';
import { variableCases } from './variable.cases.js';

/** Every case: each is run by the official runner and by Slipway, and has to come to the same. */
export const parityCases: readonly ParityCase[] = [
  ...scriptCases,
  ...variableCases,
  ...sourcesCases,
  ...artifactCases,
  ...lifeCases,
];
