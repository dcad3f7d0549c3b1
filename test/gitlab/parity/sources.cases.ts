import { type ParityCase } from './parity-job.js';

/** How the repository comes to the job. */
export const sourcesCases: readonly ParityCase[] = [
  {
    name: 'a clone',
    yaml: 'job: { variables: { GIT_STRATEGY: clone }, script: ["ls -A | grep -vx .git | sort"] }',
  },
  {
    name: 'a fetch',
    yaml: 'job: { variables: { GIT_STRATEGY: fetch }, script: ["git status --short", "ls | sort"] }',
  },
  {
    name: 'no sources',
    yaml: 'job: { variables: { GIT_STRATEGY: none }, script: ["echo made > made.txt"], artifacts: { paths: [made.txt] } }',
  },
  {
    name: 'no sources, in an empty directory',
    yaml: 'job: { variables: { GIT_STRATEGY: empty }, script: ["ls -A | wc -l", "echo made > made.txt"], artifacts: { paths: [made.txt] } }',
  },
  {
    name: 'a shallow clone',
    yaml: 'job: { variables: { GIT_STRATEGY: clone, GIT_DEPTH: "1" }, script: ["git rev-list --count HEAD"] }',
  },
  {
    name: 'the whole history',
    yaml: 'job: { variables: { GIT_STRATEGY: clone, GIT_DEPTH: "0" }, script: ["git rev-list --count HEAD", "git tag"] }',
  },
  {
    name: 'a detached head',
    yaml: 'job: { script: ["git symbolic-ref -q HEAD || echo detached"] }',
  },
  {
    name: 'submodules',
    yaml: 'job: { variables: { GIT_STRATEGY: clone, GIT_SUBMODULE_STRATEGY: recursive }, script: ["cat library/lib.txt"] }',
  },
  {
    name: 'no submodules unless asked for',
    yaml: 'job: { variables: { GIT_STRATEGY: clone }, script: ["ls -A library | wc -l"] }',
  },
  {
    name: 'hooks around the sources',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone }
  hooks:
    pre_get_sources_script: [echo before the sources]
    post_get_sources_script: ['echo "after the sources $(cat data/in.txt)" > from-hook.txt']
  script: [cat from-hook.txt]
`,
  },
  {
    name: 'submodules of the first level, as deep as asked',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone, GIT_SUBMODULE_STRATEGY: normal, GIT_SUBMODULE_DEPTH: "1", GIT_SUBMODULE_UPDATE_FLAGS: --jobs 2 }
  script: [cat library/lib.txt, cd library, git rev-list --count HEAD]
`,
  },
  {
    name: 'only submodules of some paths',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone, GIT_SUBMODULE_STRATEGY: recursive, GIT_SUBMODULE_PATHS: ":(exclude)library" }
  script: [ls -A library | wc -l]
`,
  },
  {
    name: 'a submodule at the same GitLab, by its address over HTTPS',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone, GIT_SUBMODULE_STRATEGY: normal, GIT_SUBMODULE_FORCE_HTTPS: "true" }
  script: [cat library/CHANGES.md]
`,
  },
  {
    name: 'a fetch with flags of its own',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone, GIT_DEPTH: "0", GIT_FETCH_EXTRA_FLAGS: --prune --no-tags }
  script: ['git tag | wc -l']
`,
  },
  {
    name: 'sources that are not checked out, and several attempts',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone, GIT_CHECKOUT: "false", GET_SOURCES_ATTEMPTS: "3" }
  script: [git rev-parse --is-inside-work-tree]
`,
  },
  {
    name: 'a strategy that nobody knows',
    yaml: 'job: { variables: { GIT_STRATEGY: guess }, script: [cat data/in.txt] }',
  },
  {
    name: 'git in a script, by the token of the job',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone, GIT_DEPTH: "1" }
  script: [git fetch -q --depth 2 origin "$CI_COMMIT_SHA", git rev-list --count FETCH_HEAD]
`,
  },
  {
    name: 'a repository of SHA-256',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone, GIT_DEPTH: "1" }
  script:
    - git rev-parse --show-object-format
    - test "$(git rev-parse HEAD)" = "$CI_COMMIT_SHA" && echo "the commit, of \${#CI_COMMIT_SHA}"
    - git fetch -q --depth 2 origin "$CI_COMMIT_SHA"
    - git rev-list --count FETCH_HEAD
    - cat data/in.txt > copy.txt
  artifacts: { untracked: true }
`,
    project: 'sha256',
  },
  {
    name: 'a hook before the sources that fails',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone }
  hooks: { pre_get_sources_script: [exit 4] }
  script: [echo never]
  after_script: [echo never]
`,
  },
  {
    name: 'a hook after the sources that fails',
    yaml: `
job:
  variables: { GIT_STRATEGY: clone }
  hooks: { post_get_sources_script: [exit 5] }
  script: [echo never]
`,
  },
  {
    name: 'large files',
    yaml: 'job: { variables: { GIT_STRATEGY: clone }, script: [cat large/events.dat, "git status --short"], artifacts: { paths: [large/] } }',
    project: 'large',
  },
  {
    name: 'large files that are left as pointers',
    yaml: 'job: { variables: { GIT_STRATEGY: clone, GIT_LFS_SKIP_SMUDGE: "true" }, script: [cat large/events.dat] }',
    project: 'large',
  },
  {
    name: 'large files of a submodule',
    yaml: 'job: { variables: { GIT_STRATEGY: clone, GIT_SUBMODULE_STRATEGY: recursive }, script: [cat sets/runs.dat] }',
    project: 'large',
  },
];
