import type { TestGitLab } from '../gitlab/index.js';

const decays = ['Bd2KstMuMu', 'Bs2PhiMuMu', 'Lb2LMuMu', 'Bu2KMuMu', 'Bd2KstEE', 'Bu2KEE'];

const definition = `\
analysis:
  tags: [grid]
  variables:
    SLIPWAY_FANOUT: 'file:decays.txt'
    SLIPWAY_FANOUT_MERGE: |
      cat slipway-items/*/counts.txt | sort >all-counts.txt
      awk '{ sum += $2 } END { print "candidates in all:", sum }' all-counts.txt | tee summary.txt
  script:
    - echo "looking for $ITEM on $(uname -n), job $CI_NODE_INDEX of $CI_NODE_TOTAL"
    - ./count.sh "$ITEM" >counts.txt
    - cat counts.txt
  artifacts:
    paths: [counts.txt, all-counts.txt, summary.txt]
`;

/** What a physicist's script is in the demo: any work whose result can be foretold. */
const script = `#!/bin/sh
sleep 1
echo "$1 $(printf '%s' "$1" | wc -c)"
`;

const counts = decays.map((decay) => `${decay} ${decay.length}\n`);

/** What the artifacts of its CI job have to hold, by path. */
export const expectedArtifacts: ReadonlyMap<string, string> = new Map([
  ...decays.map((decay, index) => [`${decay}/counts.txt`, counts[index] ?? ''] as const),
  ['all-counts.txt', counts.toSorted().join('')],
  ['summary.txt', `candidates in all: ${decays.join('').length}\n`],
]);

/** A project in a GitLab that stands for a real one, with a CI job that fans out over a list in the repository. */
export const createDemoProject = (gitlab: TestGitLab): ReturnType<TestGitLab['createProject']> =>
  gitlab.createProject({
    path: 'lhcb/rare-decays',
    files: {
      '.gitlab-ci.yml': definition,
      'decays.txt': `${decays.join('\n')}\n`,
      'count.sh': { content: script, mode: '100755' },
    },
  });
