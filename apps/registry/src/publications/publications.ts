import type { Page, Publication, PublicationQuery, PublicationWithHistory, WhyAnswer, WhyQuery } from '#api';
import { imageSubject } from '#contracts';
import { permanent } from '#errors';
import { mayRead, type Identity } from '#access';
import type { PublicationRecord } from '../domain/publication-record.js';
import { type LaneState, whyNotYet, whyUnknown } from '../domain/why-not-yet.js';
import { numberOfCursor, pageFrom } from '../http/cursor.js';
import type {
  HeardImage,
  Positioned,
  PublicationFilter,
  PublicationStore,
} from '../storage/publication.store.js';
import type { KnownRules } from './known-rules.js';

/** Publications that are read to find a project's: so many at once, and no more than that in all. */
const atOnce = 500;
const mostRead = 20_000;

const nothingAhead: LaneState = { ahead: 0, underWay: 0 };

/** What people see of publications. */
export class Publications {
  constructor(
    private readonly store: PublicationStore,
    private readonly rules: KnownRules,
  ) {}

  async list(caller: Identity, query: PublicationQuery): Promise<Page<Publication>> {
    const { limit, cursor, project, ...filter } = query;
    const wanted = { ...filter, limit: limit + 1, before: numberOfCursor(cursor) };
    const found = await (project === undefined ? this.store.list(wanted) : this.ofProject(project, wanted));
    const records = found.slice(0, limit).map(({ record }) => record);
    const shown = await this.present(await this.visible(caller, records));
    return pageFrom(
      found,
      limit,
      () => shown,
      ({ position }) => position,
    );
  }

  async read(caller: Identity, id: string): Promise<PublicationWithHistory> {
    const record = await this.record(caller, id);
    const [[publication], history] = await Promise.all([this.present([record]), this.store.history(id)]);
    if (!publication) throw notFound(id);
    return { ...publication, history: [...history] };
  }

  /** @throws permanent `publication.not_found` */
  async record(caller: Identity, id: string): Promise<PublicationRecord> {
    const record = await this.store.find(id);
    if (record && (await this.visible(caller, [record])).length > 0) return record;
    throw notFound(id);
  }

  /** Why an image is not there, also one that was never heard of. */
  async why(caller: Identity, wanted: WhyQuery): Promise<WhyAnswer> {
    const { registry, repository, tag, digest, cvmfsRepository } = wanted;
    const rules = (await this.rules.matching(wanted)).filter((rule) =>
      [undefined, rule.cvmfsRepository].includes(cvmfsRepository),
    );
    const found = await this.store.list({ registry, repository, tag, digest, cvmfsRepository, limit: 20 });
    const publications = await this.present(
      await this.visible(
        caller,
        found.map(({ record }) => record),
      ),
    );
    const name = tag === undefined ? `@${digest ?? ''}` : `:${tag}`;
    const pushed = await this.store.lastHeardOf(registry, repository, name);
    return {
      text: whyText(publications, { image: imageSubject(wanted), rules, pushed }),
      isPublished: publications.some(({ state }) => state === 'published'),
      rules: rules.map((rule) => rule.name),
      ...(pushed && !pushed.isDeletion && { pushedAt: pushed.at }),
      publications: [...publications],
    };
  }

  async present(records: readonly PublicationRecord[]): Promise<readonly Publication[]> {
    const lanes = await this.store.lanes(records);
    const now = new Date();
    return records.map((record) => {
      const why = whyNotYet(record, lanes.get(record.id) ?? nothingAhead, now);
      return {
        ...record,
        tags: [...record.tags],
        steps: [...record.steps],
        ...(why !== undefined && { whyNotYet: why }),
      };
    });
  }

  /** Those that the project's image rules publish. Patterns are matched here, so it reads on until there are enough. */
  private async ofProject(project: string, filter: PublicationFilter): Promise<readonly Positioned[]> {
    const projectsOf = await this.rules.projectsOf();
    const found: Positioned[] = [];
    let { before } = filter;
    for (let read = 0; read < mostRead && found.length < filter.limit; read += atOnce) {
      const some = await this.store.list({ ...filter, before, limit: atOnce });
      found.push(...some.filter(({ record }) => projectsOf(record).includes(project)));
      before = some.at(-1)?.position;
      if (some.length < atOnce) break;
    }
    return found.slice(0, filter.limit);
  }

  /** A narrow key sees what the rules of its projects, or of none, publish. */
  private async visible(
    caller: Identity,
    records: readonly PublicationRecord[],
  ): Promise<readonly PublicationRecord[]> {
    if (caller.onlyProjects === undefined) return records;
    const projectsOf = await this.rules.projectsOf();
    return records.filter((record) => {
      const projects = projectsOf(record);
      return projects.length === 0
        ? mayRead(caller, 'image_rule', undefined)
        : projects.some((project) => mayRead(caller, 'image_rule', project));
    });
  }
}

function whyText(
  publications: readonly Publication[],
  known: Parameters<typeof whyUnknown>[0] & { readonly pushed?: HeardImage | undefined },
): string {
  if (publications.length === 0) return whyUnknown(known);
  const several = publications.length > 1;
  return publications
    .map(({ cvmfsRepository, digest, whyNotYet: why, result }) => {
      const which = several ? `${cvmfsRepository}, ${digest?.slice(0, 19) ?? 'not resolved'}: ` : '';
      return `${which}${why ?? `It is published: ${result?.links[0] ?? result?.path ?? 'see its record'}.`}`;
    })
    .join('\n');
}

const notFound = (id: string): Error =>
  permanent('publication.not_found', `there is no publication ${id.slice(0, 100)}`, { level: 'info' });
