import { gitlabServerResource, projectResource } from '#contracts';
import { type CommitState, isNews, mayTell, placeOf } from './commit-status.js';
import { wordOf } from './group-word.js';

const sha = 'a'.repeat(40);
const labels = { gitlab: 'main', 'gitlab.project': '17', 'gitlab.sha': sha };

describe('what is said of a commit', () => {
  const said = (state: CommitState, second: number) => ({ state, at: new Date(second * 1_000) });

  it('is news as long as it goes forward, in whatever order it comes', () => {
    expect(isNews(said('pending', 1), said('running', 2))).toBe(true);
    expect(isNews(said('pending', 5), said('running', 2))).toBe(true);
    expect(isNews(said('pending', 1), said('success', 2))).toBe(true);
    expect(isNews(said('running', 1), said('pending', 2))).toBe(false);
    expect(isNews(said('running', 1), said('running', 2))).toBe(false);
  });

  it('changes no end, unless the work was begun again later', () => {
    expect(isNews(said('success', 5), said('running', 4))).toBe(false);
    expect(isNews(said('success', 5), said('pending', 6))).toBe(false);
    expect(isNews(said('failed', 5), said('failed', 6))).toBe(false);
    expect(isNews(said('failed', 5), said('running', 6))).toBe(true);
  });
});

describe('the labels of a group', () => {
  it('name the place of its status, by the name of the group unless they say another', () => {
    expect(placeOf(labels, 'nightly')).toEqual({
      gitlab: 'main',
      gitlabProject: '17',
      sha,
      ref: undefined,
      name: 'nightly',
      pipelineId: undefined,
    });
    const more = { 'gitlab.ref': 'main', 'gitlab.status': 'grid', 'gitlab.pipeline': '8' };
    expect(placeOf({ ...labels, ...more }, 'nightly')).toMatchObject({
      ref: 'main',
      name: 'grid',
      pipelineId: 8,
    });
  });

  it('are no place without a GitLab, a project and a whole SHA, nor where a CI job is behind them', () => {
    expect(placeOf({}, 'x')).toBeUndefined();
    expect(placeOf({ ...labels, 'gitlab.sha': 'abc' }, 'x')).toBeUndefined();
    expect(placeOf({ ...labels, 'gitlab.job': '5' }, 'x')).toBeUndefined();
    expect(placeOf({ ...labels, 'gitlab.pipeline': '1; drop' }, 'x')).toMatchObject({
      pipelineId: undefined,
    });
  });
});

describe('a project', () => {
  const gitlab = gitlabServerResource.schema.parse({ name: 'main', url: 'https://gitlab.example.org/git' });
  const project = (more: object) =>
    projectResource.schema.parse({
      name: 'higgs',
      url: 'https://gitlab.example.org/git/atlas/higgs',
      path: 'atlas/higgs',
      ...more,
    });

  it('may tell of its own commits, by its number or its path', () => {
    expect(mayTell({ gitlabProject: 'Atlas/Higgs' }, project({}), gitlab)).toBe(true);
    expect(mayTell({ gitlabProject: '17' }, project({ gitlabId: 17 }), gitlab)).toBe(true);
  });

  it('may tell nothing of others, whatever the labels say', () => {
    expect(mayTell({ gitlabProject: 'atlas/other' }, project({}), gitlab)).toBe(false);
    expect(mayTell({ gitlabProject: '18' }, project({ gitlabId: 17 }), gitlab)).toBe(false);
    expect(mayTell({ gitlabProject: '17' }, project({}), gitlab)).toBe(false);
    expect(
      mayTell({ gitlabProject: 'atlas/higgs' }, project({ url: 'https://other.org/atlas/higgs' }), gitlab),
    ).toBe(false);
    expect(
      mayTell(
        { gitlabProject: 'atlas/higgs' },
        project({ url: 'https://gitlab.example.org/gitfoo/x' }),
        gitlab,
      ),
    ).toBe(false);
    expect(mayTell({ gitlabProject: 'atlas/higgs' }, undefined, gitlab)).toBe(false);
  });
});

describe('the events of a group', () => {
  const group = { groupId: 'b3a8d1f0-0000-4000-8000-000000000001', name: 'n', project: 'higgs', labels };
  const at = '2026-03-01T00:00:00Z';

  it('mean running once a job runs or has ended, and as long as one has not ended', () => {
    const progress = (states: object) => wordOf.progressed({ ...group, at, jobs: 3, states });
    expect(progress({ queued: 2, waiting: 1 })).toBeUndefined();
    expect(progress({ queued: 2, running: 1 })).toMatchObject({
      state: 'running',
      description: '3 jobs at work',
    });
    expect(progress({ queued: 2, failed: 1 })).toMatchObject({ state: 'running' });
    expect(progress({ succeeded: 2, failed: 1 })).toBeUndefined();
  });

  it.each([
    ['succeeded', 'success'],
    ['failed', 'failed'],
    ['cancelled', 'canceled'],
  ] as const)('say that it %s: %s', (outcome, state) => {
    const word = wordOf.finished({ ...group, at, jobs: 3, states: { succeeded: 2, failed: 1 }, outcome });
    expect(word).toMatchObject({ state, description: '2 of 3 jobs succeeded', workId: group.groupId });
  });

  it('say why it was refused', () => {
    const refused = { ...group, at, jobs: 1, code: 'a.b', reason: 'nobody knows ada', requestedBy: 'ada' };
    expect(wordOf.refused(refused)).toMatchObject({
      state: 'failed',
      description: 'refused: nobody knows ada',
    });
  });
});
