import type { PastRepresentation, Representation } from '#api';
import type { DataSource, EntityManager } from 'typeorm';
import type { Companions } from '../changes/companion.js';
import type { StoredResource } from '../domain/stored-resource.js';

/** Resources as they are answered. */
export class ResourcePresenter {
  constructor(
    private readonly dataSource: DataSource,
    private readonly companions: Companions,
  ) {}

  /** As they are; `manager` sees a change that is not yet committed. */
  async present(
    stored: readonly StoredResource[],
    manager: EntityManager = this.dataSource.manager,
  ): Promise<readonly Representation[]> {
    const companion = stored[0] && this.companions.of(stored[0].kind);
    const besides = companion ? await companion.shown(manager, stored) : [];
    return stored.map((one, index) => ({ ...representation(one), ...besides[index] }));
  }

  async presentOne(stored: StoredResource, manager?: EntityManager): Promise<Representation> {
    const [shown] = await this.present([stored], manager);
    return shown ?? representation(stored);
  }
}

const representation = ({
  id,
  kind,
  name,
  version,
  revision,
  at,
  by,
  spec,
}: StoredResource): Representation => ({
  id,
  kind,
  name,
  version,
  revision,
  at,
  by,
  spec,
});

/** One state in a history, without what was kept beside it. */
export const pastRepresentation = (stored: StoredResource): PastRepresentation => {
  const { spec, ...known } = representation(stored);
  return { ...known, via: stored.via, gone: stored.gone, ...(!stored.gone && { spec }) };
};
