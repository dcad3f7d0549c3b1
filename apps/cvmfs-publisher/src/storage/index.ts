import { OutboxMessage } from '#database';
import { ImageNameRow } from './image-name.entity.js';
import { Publications1700000000000 } from './migrations/1700000000000-publications.js';
import { Unpublish1764000000000 } from './migrations/1764000000000-unpublish.js';
import { PublicationOrigin1830000300000 } from './migrations/1830000300000-publication-origin.js';
import { Publication } from './publication.entity.js';

/** The service's schema, its tables and their history. */
export const storage = {
  schema: 'cvmfs_publisher',
  entities: [Publication, ImageNameRow, OutboxMessage],
  migrations: [Publications1700000000000, Unpublish1764000000000, PublicationOrigin1830000300000],
};
