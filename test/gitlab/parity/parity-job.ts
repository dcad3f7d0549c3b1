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
