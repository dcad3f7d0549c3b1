import { execFileSync } from 'node:child_process';
import { jobTemplate } from '#contracts';
import { reproduceCommand } from './reproduce.js';

const template = (image?: string) =>
  jobTemplate.parse({
    image,
    environment: { A: `two words & a ' quote`, B: 'plain' },
    steps: [
      { name: 'say', script: 'printf "%s|%s\\n" "$A" "$N"' },
      { name: 'mourn', script: 'echo failed', when: 'failure' },
    ],
  });

describe('the command that reproduces a job', () => {
  it('runs its steps with its variables, whatever is in them, as a shell takes it', () => {
    const command = reproduceCommand(template(), { N: '$(id) "x"' });
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(
      `two words & a ' quote|$(id) "x"\n`,
    );
  });

  it('takes Docker for an image of a registry, and Apptainer for one on CVMFS', () => {
    expect(reproduceCommand(template('registry.example.org/a:1'), {})).toMatch(
      /^docker run --rm --interactive --tty --env '.*' --env B=plain registry\.example\.org\/a:1 sh -e -c '/s,
    );
    expect(reproduceCommand(template('/cvmfs/unpacked.example.org/a:1'), {})).toMatch(
      /^apptainer exec --cleanenv --env .* \/cvmfs\/unpacked\.example\.org\/a:1 sh -e -c '/s,
    );
  });
});
