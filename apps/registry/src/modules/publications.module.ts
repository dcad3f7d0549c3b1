import { Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ResourceChanges } from '../changes/resource-changes.js';
import { PublicationsController } from '../http/publications.controller.js';
import { PublicationsListener } from '../messages/publications.controller.js';
import { KnownRules } from '../publications/known-rules.js';
import { Publications } from '../publications/publications.js';
import { Wishes } from '../publications/wishes.js';
import { AuditStore } from '../storage/audit.store.js';
import { PublicationStore } from '../storage/publication.store.js';
import { ResourceStore } from '../storage/resource.store.js';
import { DATA_SOURCE } from '../tokens.js';

/** What is published where, as the bus tells it, and what people want of it. */
@Module({
  controllers: [PublicationsListener, PublicationsController],
  providers: [
    {
      provide: PublicationStore,
      inject: [DATA_SOURCE],
      useFactory: (source: DataSource) => new PublicationStore(source),
    },
    {
      provide: KnownRules,
      inject: [DATA_SOURCE],
      useFactory: (source: DataSource) => new KnownRules(source),
    },
    {
      provide: Publications,
      inject: [PublicationStore, KnownRules],
      useFactory: (store: PublicationStore, rules: KnownRules) => new Publications(store, rules),
    },
    {
      provide: Wishes,
      inject: [ResourceChanges, ResourceStore, AuditStore, KnownRules, PublicationStore, Publications],
      useFactory: (
        changes: ResourceChanges,
        resources: ResourceStore,
        audit: AuditStore,
        rules: KnownRules,
        store: PublicationStore,
        publications: Publications,
      ) => new Wishes({ changes, resources, audit, rules, store, publications }),
    },
  ],
  exports: [PublicationStore],
})
export class PublicationsModule {}
