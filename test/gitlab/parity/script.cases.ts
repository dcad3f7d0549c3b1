import { type ParityCase } from './parity-job.js';

/** How scripts run: shells, exit codes, output. */
export const scriptCases: readonly ParityCase[] = [
  { name: 'a script that succeeds', yaml: 'job: { script: ["echo one", "echo two"] }' },
  {
    name: 'a script that ends with an exit code',
    yaml: 'job: { script: ["echo before", "exit 7", "echo never"] }',
  },
  {
    name: 'a command that fails in the middle',
    yaml: 'job: { script: ["echo before", "ls /nonexistent-directory 2>/dev/null", "echo never"] }',
  },
  { name: 'a failure inside a pipe', yaml: 'job: { script: ["false | true", "echo never"] }' },
  { name: 'an early success', yaml: 'job: { script: ["echo enough", "exit 0", "echo never"] }' },
  { name: 'errors switched off', yaml: 'job: { script: ["set +e", "false", "echo still here"] }' },
  { name: 'death by a signal', yaml: `job: { script: ["bash -c 'kill -9 $$'", "echo never"] }` },
  {
    name: 'a command of several lines',
    yaml: `
job:
  script:
    - |
      for word in a b c; do
        echo "word $word"
      done
    - echo done
`,
  },
  {
    name: 'a command folded from several lines',
    yaml: `
job:
  script:
    - >
      echo one
      two
      three
`,
  },
  {
    name: 'before_script in the same shell as script',
    yaml: `
job:
  before_script:
    - NAME=world
    - greet() { echo "hello $1"; }
    - cd data
  script:
    - greet "$NAME"
    - cat in.txt
    - basename "$PWD"
`,
  },
  {
    name: 'after_script in a shell of its own, told of the success',
    yaml: `
job:
  script: [KEPT=yes, echo script]
  after_script: ['echo "status $CI_JOB_STATUS"', 'echo "kept [$KEPT]"']
`,
  },
  {
    name: 'after_script once the script has failed',
    yaml: `
job:
  script: [echo script, exit 3]
  after_script: ['echo "status $CI_JOB_STATUS"']
`,
  },
  {
    name: 'an after_script that fails changes nothing',
    yaml: `
job:
  script: [echo script]
  after_script: [echo after, exit 5, echo never]
`,
  },
  {
    name: 'output on both streams, with no line end at last',
    yaml: `job: { script: ["echo out", "sleep 2; echo err >&2; sleep 2", "printf 'no end'"] }`,
  },
  { name: 'output beyond ASCII', yaml: 'job: { script: ["echo grüße λ 粒子 🚢"] }' },
  {
    name: 'colours and carriage returns of the user',
    yaml: String.raw`job: { script: ["printf '\\033[31mred\\033[0m plain\\n'", "printf '10%%\\r20%%\\r30%%\\n'"] }`,
  },
  {
    name: 'a long line',
    yaml: `job: { script: ["head -c 20000 /dev/zero | tr '\\\\0' x", "echo"] }`,
  },
  {
    name: 'many lines',
    yaml: 'job: { script: ["seq 1 3000"] }',
  },
  {
    name: 'standard input that is empty',
    yaml: `job: { script: ["./run now", "if read -r line < /dev/null; then echo got; else echo nothing; fi"] }`,
  },
  {
    name: 'an exit code that is allowed',
    yaml: 'job: { script: ["exit 42"], allow_failure: { exit_codes: [42] } }',
  },
  {
    name: 'an exit code that is not allowed',
    yaml: 'job: { script: ["exit 41"], allow_failure: { exit_codes: [42] } }',
  },
  {
    name: 'a job that takes too long',
    yaml: 'job: { script: ["echo begin", "sleep 300", "echo never"], timeout: 15 seconds }',
  },
  {
    name: 'a script with a time-out of its own',
    yaml: `
job:
  variables: { RUNNER_SCRIPT_TIMEOUT: 5s }
  script: [echo begin, sleep 300]
  after_script: [echo after]
`,
  },
];
