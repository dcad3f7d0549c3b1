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
];
