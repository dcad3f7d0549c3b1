import type { Query } from '../../clients/registry.client.js';
import type { Context } from '../../context.js';
import type { Input } from '../../input.js';
import { pastTime } from '../../times.js';

/** What groups or jobs are searched by, as the API takes it. @throws `command.usage` */
export function filtersOf({ now }: Context, input: Input): Query {
  const time = (option: 'since' | 'until'): string | undefined => {
    const text = input.text(option);
    return text === undefined ? undefined : pastTime(text, option, now());
  };
  return {
    project: input.text('project'),
    backend: input.text('backend'),
    user: input.text('user'),
    state: input.text('state'),
    q: input.text('query'),
    since: time('since'),
    until: time('until'),
  };
}
