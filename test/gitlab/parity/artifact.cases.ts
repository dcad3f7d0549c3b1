import { type ParityCase } from './parity-job.js';

const made = 'mkdir -p out/deep; echo a > out/a.txt; echo b > out/b.log; echo c > out/deep/c.txt';
const junit = '<testsuite><testcase/></testsuite>';

/** What jobs leave, and what others get of it. */
export const artifactCases: readonly ParityCase[] = [
  { name: 'a directory', yaml: `job: { script: ["${made}"], artifacts: { paths: [out/] } }` },
  {
    name: 'patterns',
    yaml: `job: { script: ["${made}"], artifacts: { paths: ["out/*.txt", "out/**/c.txt"] } }`,
  },
  {
    name: 'all but some',
    yaml: `job: { script: ["${made}"], artifacts: { paths: [out/], exclude: ["out/**/*.txt"] } }`,
  },
  {
    name: 'what git does not know',
    yaml: `job: { script: ["${made}", "touch x.ignored"], artifacts: { untracked: true } }`,
  },
  {
    name: 'what git does not know, but for some',
    yaml: `job: { script: ["${made}"], artifacts: { untracked: true, exclude: ["out/b.log"] } }`,
  },
  {
    name: 'a name from variables',
    yaml: `job: { script: ["${made}"], artifacts: { name: "result-$CI_JOB_NAME", paths: [out/a.txt] } }`,
  },
  {
    name: 'a path from variables',
    yaml: `job: { script: ["${made}"], artifacts: { paths: ["$WHERE/a.txt"] }, variables: { WHERE: out } }`,
  },
  {
    name: 'no file that matches',
    yaml: 'job: { script: ["echo nothing"], artifacts: { paths: [missing/] } }',
  },
  {
    name: 'none after a failure',
    yaml: `job: { script: ["${made}", "exit 1"], artifacts: { paths: [out/] } }`,
  },
  {
    name: 'those for failures',
    yaml: `job: { script: ["${made}", "exit 1"], artifacts: { paths: [out/], when: on_failure } }`,
  },
  {
    name: 'those for failures after a success',
    yaml: `job: { script: ["${made}"], artifacts: { paths: [out/], when: on_failure } }`,
  },
  {
    name: 'always',
    yaml: `job: { script: ["${made}", "exit 1"], artifacts: { paths: [out/], when: always } }`,
  },
  {
    name: 'programs and links',
    yaml: `job: { script: ["mkdir out", "cp run out/run", "ln -s run out/link"], artifacts: { paths: [out/] } }`,
  },
  {
    name: 'names with spaces and letters beyond ASCII',
    yaml: `job: { script: ["mkdir out", "echo 1 > 'out/a b.txt'", "echo 2 > out/größe.txt"], artifacts: { paths: [out/] } }`,
  },
  {
    name: 'a file of after_script',
    yaml: `job: { script: ["mkdir out"], after_script: ["echo late > out/late.txt"], artifacts: { paths: [out/] } }`,
  },
  {
    name: 'a test report',
    yaml: `job: { script: ["echo '${junit}' > r.xml"], artifacts: { reports: { junit: r.xml } } }`,
  },
  {
    name: 'a test report beside an archive, after a failure',
    yaml: `job: { script: ["${made}", "echo '${junit}' > r.xml", "exit 2"], artifacts: { paths: [out/], reports: { junit: r.xml } } }`,
  },
  {
    name: 'variables for the next job',
    yaml: `
stages: [one, two]
make: { stage: one, script: ['echo "VERSION=1.2.3" > build.env'], artifacts: { reports: { dotenv: build.env } } }
use: { stage: two, script: ['echo "version $VERSION"'] }
`,
  },
  {
    name: 'files for the next job',
    yaml: `
stages: [one, two]
make: { stage: one, script: ["${made}"], artifacts: { paths: [out/] } }
use: { stage: two, script: ['find out -type f | sort', 'cat out/deep/c.txt'] }
`,
  },
  {
    name: 'no files where a job wants none',
    yaml: `
stages: [one, two]
make: { stage: one, script: ["${made}"], artifacts: { paths: [out/] } }
use: { stage: two, dependencies: [], variables: { GIT_STRATEGY: clone }, script: ['ls out 2>/dev/null || echo none'] }
`,
  },
  {
    name: 'files of the jobs that are needed',
    yaml: `
stages: [one, two]
left: { stage: one, script: ["mkdir l; echo left > l/x"], artifacts: { paths: [l/] } }
right: { stage: one, script: ["mkdir r; echo right > r/x"], artifacts: { paths: [r/] } }
use: { stage: two, needs: [right], variables: { GIT_STRATEGY: clone }, script: ['cat r/x', 'ls l 2>/dev/null || echo no left'] }
`,
  },
  {
    name: 'patterns of single letters and of alternatives',
    yaml: `
job:
  script: [mkdir out, 'touch out/a1.txt out/b2.txt out/c33.txt out/d4.log out/e5.root out/f6.pdf']
  artifacts: { paths: ["out/?[0-9].txt", "out/*.{root,pdf}"], exclude: ["out/[b-c]*"] }
`,
  },
  {
    name: 'how long artifacts are kept',
    yaml: `job: { script: ["${made}"], artifacts: { paths: [out/a.txt], expire_in: 4 weeks } }`,
  },
  {
    name: 'links that lead out, and to nothing',
    yaml: `job: { script: [mkdir out, ln -s nowhere out/broken, ln -s a/b out/deep], artifacts: { paths: [out/] } }`,
  },
  {
    name: 'reports as they are, and of coverage',
    yaml: `
job:
  script: ['echo "[]" > quality.json', 'echo "<coverage/>" > coverage.xml', 'echo "metric 1" > metrics.txt']
  artifacts:
    expire_in: 1 day
    reports:
      codequality: quality.json
      metrics: metrics.txt
      coverage_report: { coverage_format: cobertura, path: coverage.xml }
`,
  },
  {
    name: 'several test reports in one',
    yaml: `job: { script: ["echo '${junit}' > a.xml", "echo '${junit}' > b.xml"], artifacts: { reports: { junit: ["*.xml"] } } }`,
  },
  {
    name: 'files of one of two jobs',
    yaml: `
stages: [one, two]
left: { stage: one, script: ["mkdir l; echo left > l/x"], artifacts: { paths: [l/] } }
right: { stage: one, script: ["mkdir r; echo right > r/x"], artifacts: { paths: [r/] } }
use: { stage: two, dependencies: [left], variables: { GIT_STRATEGY: clone, ARTIFACT_DOWNLOAD_ATTEMPTS: "2" }, script: ['cat l/x', 'ls r 2>/dev/null || echo no right'] }
`,
  },
  {
    name: 'the end of a job without its files',
    yaml: `
stages: [one, two]
make: { stage: one, script: ["${made}"], artifacts: { paths: [out/] } }
use: { stage: two, needs: [{ job: make, artifacts: false }], variables: { GIT_STRATEGY: clone }, script: ['ls out 2>/dev/null || echo none'] }
`,
  },
  {
    name: 'files of a job over what the repository has',
    yaml: `
stages: [one, two]
make: { stage: one, script: ["echo changed > data/in.txt; chmod +x data/in.txt"], artifacts: { paths: [data/in.txt] } }
use: { stage: two, script: ['cat data/in.txt', 'test -x data/in.txt && echo program'] }
`,
  },
];
