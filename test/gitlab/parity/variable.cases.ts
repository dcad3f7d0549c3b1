import { type ParityCase } from './parity-job.js';

/** Variables, and what of them may be read in the trace. */
export const variableCases: readonly ParityCase[] = [
  {
    name: 'variables of a job and references among them',
    yaml: `
variables: { BASE: root, OVER: global }
job:
  variables: { OVER: job, PATH_A: "$BASE/a", PATH_B: "\${PATH_A}/b", COST: "5$$", UNKNOWN: "[$NOT_SET]" }
  script: ['echo "$OVER $PATH_A $PATH_B"', 'printenv COST', 'printenv UNKNOWN']
`,
  },
  {
    name: 'a variable that is a file',
    yaml: `job: { script: ['cat "$CONFIG"', 'test -f "$CONFIG" && echo a file'] }`,
    variables: [{ key: 'CONFIG', value: 'line one\nline two\n', file: true }],
  },
  {
    name: 'a masked variable',
    yaml: `job: { script: ['echo "begin $SECRET end"', 'printf "%s" "$SECRET" | cut -c1-4', 'echo "\${SECRET}\${SECRET}"'] }`,
    variables: [{ key: 'SECRET', value: 'correct-horse-battery', masked: true }],
  },
  {
    name: 'a masked variable written in two pieces',
    yaml: `job: { script: ['printf "%s" "\${SECRET:0:6}"; sleep 2; printf "%s\\n" "\${SECRET:6}"'] }`,
    variables: [{ key: 'SECRET', value: 'correct-horse-battery', masked: true }],
  },
  {
    name: 'a raw variable with a dollar in it',
    yaml: `job: { script: ['printenv RAW'] }`,
    variables: [{ key: 'RAW', value: 'a$CI_JOB_NAME$$b', raw: true }],
  },
  {
    name: 'quotes, spaces and line ends in a variable',
    yaml: `job: { script: ['printenv ODD'] }`,
    variables: [{ key: 'ODD', value: `it's "odd"  \\n\nsecond line \`x\`` }],
  },
  {
    name: 'what GitLab tells about the job',
    yaml: `
job-name:
  script:
    - echo "$CI_JOB_NAME $CI_JOB_STAGE $CI_PROJECT_PATH $CI_COMMIT_REF_NAME $CI_COMMIT_BRANCH $CI_PIPELINE_SOURCE"
    - echo "$CI $GITLAB_CI $CI_SERVER $GITLAB_USER_LOGIN"
    - test "$(git rev-parse HEAD)" = "$CI_COMMIT_SHA" && echo the commit
    - test "$PWD" = "$CI_PROJECT_DIR" && echo the directory
`,
  },
  {
    name: 'a tag',
    yaml: `job: { script: ['echo "$CI_COMMIT_TAG [$CI_COMMIT_BRANCH]"', 'git describe --tags --exact-match'] }`,
    onTag: true,
  },
  {
    name: 'an ID token',
    yaml: `
job:
  id_tokens: { GRID_TOKEN: { aud: https://grid.example } }
  script:
    - 'echo "token $GRID_TOKEN"'
    - 'test "$(echo "$GRID_TOKEN" | tr -cd . | wc -c)" = 2 && echo three parts'
`,
  },
  {
    name: 'a file in another variable is its path',
    yaml: `
job:
  variables: { OPTION: "--config=$CONFIG" }
  script: ['test "$OPTION" = "--config=$CONFIG" && echo the path', 'cat "\${OPTION#--config=}"']
`,
    variables: [{ key: 'CONFIG', value: 'of the project\n', file: true }],
  },
  {
    name: 'a masked file',
    yaml: `job: { script: ['cat "$KEY"'] }`,
    variables: [{ key: 'KEY', value: 'wrong-donkey-capacitor', file: true, masked: true }],
  },
  {
    name: 'a masked variable in another one, raw and not',
    yaml: `
job:
  variables: { HEADER: "Bearer $SECRET" }
  script: ['echo "$HEADER"', 'echo "$RAW" | tr a-z A-Z | tr A-Z a-z']
`,
    variables: [
      { key: 'SECRET', value: 'correct-horse-battery', masked: true },
      { key: 'RAW', value: 'staple$SECRET-more', masked: true, raw: true },
    ],
  },
  {
    name: 'tokens that GitLab knows by how they begin',
    yaml: `job: { script: ['echo "token glpat-abcdefghij and more"'] }`,
  },
  {
    name: 'tokens of all kinds, and those of two kinds at once',
    yaml: `
job:
  script:
    - echo "gldt-one glcbt-two/three glrt-four glagent-five _gitlab_session=six;"
    - echo "glrt-test-seven glrt-test- glpat-eightglrt-test-nine, gltok- glrt-"
`,
  },
  {
    name: 'a secret inside a token, and in the middle of another secret',
    yaml: `
job:
  script:
    - echo "<glpat-1\${SECRET}2> <glpat-\${SECRET}> <?private_token=a\${SECRET}b&c=d>"
    - echo "<\${OTHER:0:7}\${SECRET}\${OTHER:7}>"
`,
    variables: [
      { key: 'SECRET', value: 'correct-horse-battery', masked: true },
      { key: 'OTHER', value: 'wrong-donkey-cap', masked: true },
    ],
  },
  {
    name: 'secrets beside each other, and one that holds another',
    yaml: `job: { script: ['echo "<$ONE$TWO$ONE> <$HOLDS> <\${HOLDS}\${ONE}>"'] }`,
    variables: [
      { key: 'ONE', value: 'abcabcabc', masked: true },
      { key: 'TWO', value: 'staple-gun', masked: true },
      { key: 'HOLDS', value: 'my-abcabcabc-too', masked: true },
    ],
  },
  {
    name: 'secrets that overlap themselves and each other',
    yaml: `job: { script: ['echo "<\${SELF}abcabc> <a$AFTER> <staple-gun-powder>"', 'echo "<lag$SELF>"'] }`,
    variables: [
      { key: 'SELF', value: 'abcabcabc', masked: true },
      { key: 'AFTER', value: 'aab-aab-aab', masked: true },
      { key: 'GUN', value: 'staple-gun', masked: true },
      { key: 'POWDER', value: 'gun-powder', masked: true },
    ],
    unlike: {
      why: 'masked from their first byte to their last, wherever they begin, and nothing else is moved',
      outcomes: {
        job: {
          output: [
            '\u001B[32;1m$ echo "<${SELF}abcabc> <a$AFTER> <[MASKED]>"\u001B[0;m',
            '<[MASKED]> <a[MASKED]> <[MASKED]>',
            '\u001B[32;1m$ echo "<lag$SELF>"\u001B[0;m',
            '<lag[MASKED]>',
          ],
        },
      },
    },
  },
  {
    name: 'variables in the shell, in a program, and in after_script',
    yaml: `
variables: { DEEP: "1 2  3" }
job:
  script: ['sh -c "printf %s\\\\n \\"\\$DEEP\\""', export LATER=set]
  after_script: ['echo "[$DEEP] [$LATER]"']
`,
  },
  {
    name: 'variables that a script leaves for later ones',
    yaml: `
job:
  script: ['echo "LATER=from the script" >> "$GITLAB_ENV"', 'echo "now [$LATER]"']
  after_script: ['echo "later [$LATER]"']
`,
  },
];
