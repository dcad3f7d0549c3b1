import { projectResource, runnerResource } from '#contracts';
import { ciJob } from '#gitlab';
import { projectOf } from './project-of.js';

const gitlab = 'https://gitlab.example.org';
const project = (name: string, url: string, more: object = {}) =>
  projectResource.schema.parse({ name, url, path: 'atlas/higgs', ...more });
const runner = (more: object = {}) =>
  runnerResource.schema.parse({ name: 'grid', gitlab: 'main', credential: 'token', ...more });
const job = ciJob.parse({
  id: 1,
  token: 't',
  job_info: { project_id: 42, project_full_path: 'Atlas/Higgs' },
});
const higgs = project('higgs', `${gitlab}/atlas/higgs`);

describe('the project of a CI job', () => {
  it('is the one with its path in its GitLab', () => {
    expect(projectOf(job, runner(), gitlab, [higgs])).toEqual({ name: 'higgs' });
  });

  it('is none of the same path in another GitLab', () => {
    const others = [
      project('a', 'https://other.org/atlas/higgs'),
      project('b', `${gitlab}.evil.org/atlas/higgs`),
    ];
    expect(projectOf(job, runner(), gitlab, others)).toHaveProperty('words');
  });

  it('is told by its number, where that is registered: a path may be somebody else’s tomorrow', () => {
    const numbered = project('higgs', `${gitlab}/atlas/higgs`, { gitlabId: 41 });
    expect(projectOf(job, runner(), gitlab, [numbered])).toHaveProperty('words');
    expect(projectOf(job, runner(), gitlab, [{ ...numbered, gitlabId: 42 }])).toEqual({ name: 'higgs' });
  });

  it('is that of its runner or none', () => {
    const other = project('top', `${gitlab}/atlas/top`, { path: 'atlas/top' });
    expect(projectOf(job, runner({ project: 'top' }), gitlab, [higgs, other])).toHaveProperty('words');
    expect(projectOf(job, runner({ project: 'higgs' }), gitlab, [higgs, other])).toEqual({ name: 'higgs' });
  });
});
