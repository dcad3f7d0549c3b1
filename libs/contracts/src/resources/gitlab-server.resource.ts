import { z } from 'zod';
import { resourceName } from '../model/names.js';
import { webAddress } from '../model/web-address.js';
import { defineResource } from './define-resource.js';

const schema = z
  .strictObject({
    name: resourceName,
    url: webAddress
      .transform((url) => url.replace(/\/+$/, ''))
      .describe('its address as people type it, e.g. https://gitlab.example.org'),
    credential: resourceName
      .optional()
      .describe('a gitlab-api-token that may set commit statuses; absent: none are set'),
  })
  .describe('a GitLab');

/** A GitLab as the bridge uses it; `url` without a slash at its end, so that paths can be added. */
export type GitLabServerSettings = z.output<typeof schema>;

/** A GitLab whose CI jobs run on the grid, and that is told how work on its commits goes. */
export const gitlabServerResource = defineResource({
  kind: 'gitlab_server',
  plural: 'gitlab-servers',
  section: 'gitlabServers',
  title: 'GitLab server',
  means: 'A GitLab whose CI jobs run on the grid, and that is told how work on its commits goes.',
  schema,
  nameOf: ({ name }) => name,
  references: ({ credential }) =>
    credential ? [{ kind: 'credential', name: credential, path: ['credential'] }] : [],
});
