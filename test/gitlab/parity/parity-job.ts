import { type JobOutcome } from './outcome.js';
import { type TestPipeline, type TestProject } from '../index.js';
import { type ProjectVariable } from '../model.js';

/** A pipeline that the official runner and Slipway have to run with the same outcome. */
export interface ParityCase {
  /** What is compared, in words. */
  readonly name: string;
  /** The `.gitlab-ci.yml`. */
  readonly yaml: string;
  /** Beside those that the definition has: what only a project's settings can say. */
  readonly variables?: readonly ProjectVariable[];
  /** Run for the tag `v1` in place of the default branch. */
  readonly onTag?: true;
  /** Run in this project in place of `analysis`. */
  readonly project?: 'sha256' | 'large';
  /** What a person does in GitLab meanwhile. */
  readonly meanwhile?: (project: TestProject, pipeline: TestPipeline) => Promise<void>;
  /** Where Slipway is meant to be unlike the official runner. */
  readonly unlike?: KnownDifference;
}

/** A difference that is meant; once it is none any more the comparison fails, so that its words go. */
export interface KnownDifference {
  readonly why: string;
  /** What is otherwise, by the job's name; all else is the same. */
  readonly outcomes: Readonly<Record<string, Partial<JobOutcome>>>;
}

/** The repository in which the cases run; its submodule `library` is another project. */
export const repositoryFiles = {
  'data/in.txt': 'hello\n',
  'data/more/deep.txt': 'deep\n',
  'data/with space.txt': 'space\n',
  'README.md': '# Analysis\n',
  '.gitignore': '*.ignored\n',
  run: { content: '#!/bin/sh\necho "ran with $1"\n', mode: '100755' as const },
};
