import { z } from 'zod';
import { defineMessage } from '../define-message.js';
import { gitlabFields, gitlabSubject, gitlabText } from '../model/gitlab.js';

/** Said by the relay for GitLab's wiki page hook; for subscriptions. */
export const gitlabWikiPage = defineMessage({
  name: 'gitlab.wiki_page',
  version: 1,
  kind: 'event',
  saidBy: ['webhook-relay'],
  means: 'A wiki page was made, changed or deleted.',
  schema: z.object({
    ...gitlabFields,
    slug: gitlabText(1000),
    title: gitlabText(1000).optional(),
    action: gitlabText(50).optional().describe('create, update or delete'),
    url: gitlabText(1000).optional(),
  }),
  subject: (event) => gitlabSubject(event, `wikis/${event.slug}`),
});
