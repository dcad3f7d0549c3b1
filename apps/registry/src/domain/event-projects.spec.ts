import { belongingOf, isSameProject } from './event-projects.js';

describe('whose an event is', () => {
  it.each([
    ['a job', 'job.running', { project: 'higgs' }, { of: 'project', name: 'higgs' }],
    [
      'a credential that ends',
      'credential.expiring',
      { name: 'x', project: 'higgs' },
      { of: 'project', name: 'higgs' },
    ],
    ['a project itself', 'project.changed', { name: 'higgs', version: 1 }, { of: 'project', name: 'higgs' }],
    [
      'something registered, gone or not',
      'image_rule.changed',
      { name: 'all', version: 3, gone: true },
      { of: 'resource', kind: 'image_rule', name: 'all', version: 3 },
    ],
    [
      'an image that was pushed',
      'image.pushed',
      { registry: 'r', repository: 'a/b', tag: '1' },
      {
        of: 'image',
        image: { registry: 'r', repository: 'a/b', tags: ['1'], cvmfsRepository: undefined },
      },
    ],
    [
      'GitLab, by the address that the hook or the project has',
      'gitlab.push',
      { project: { id: 42, path: 'a/b', url: 'https://git.example.org/a/b' } },
      { of: 'gitlab', project: { id: 42, path: 'a/b', origin: 'https://git.example.org' } },
    ],
    ['GitLab, which does not say which', 'gitlab.push', { project: { id: 42 } }, { of: 'house' }],
    ['a GitLab without a project', 'gitlab.system', { event: 'user_create' }, { of: 'house' }],
    [
      'a stranger who names a project inside',
      'webhook.received',
      { data: { project: 'higgs' } },
      { of: 'house' },
    ],
    ['nothing that can be read', 'job.running', undefined, { of: 'house' }],
  ])('%s', (_what, name, data, expected) => {
    expect(belongingOf(name, data)).toEqual(expected);
  });

  const said = { id: 42, path: 'Atlas/Analysis', origin: 'https://git.example.org' };
  const url = 'https://git.example.org/atlas/analysis';
  it.each([
    ['by number', { url, gitlabId: 42 }, true],
    ['by path, whatever its case', { url, path: 'atlas/analysis' }, true],
    ['not by a number that another GitLab gave', { url: 'https://other.example.org', gitlabId: 42 }, false],
    ['not by a path that somebody else took since', { url, gitlabId: 41, path: 'atlas/analysis' }, false],
    ['not by a number whose path differs', { url, gitlabId: 42, path: 'cms/analysis' }, false],
    ['not by nothing', { url }, false],
  ])('is told %s', (_what, project, expected) => {
    expect(isSameProject(project, said)).toBe(expected);
  });
});
