import { Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Companions } from '../changes/companion.js';
import { Snapshots } from '../changes/snapshots.js';
import { CatchUpController } from '../messages/catch-up.controller.js';
import { CopyStore } from '../storage/copy.store.js';
import { SnapshotStore } from '../storage/snapshot.store.js';
import { DATA_SOURCE } from '../tokens.js';

/** The copies that other services keep: what they missed. */
@Module({
  controllers: [CatchUpController],
  providers: [
    {
      provide: CopyStore,
      inject: [DATA_SOURCE],
      useFactory: (dataSource: DataSource) => new CopyStore(dataSource),
    },
    {
      provide: Snapshots,
      inject: [DATA_SOURCE, Companions],
      useFactory: (dataSource: DataSource, companions: Companions) =>
        new Snapshots(new SnapshotStore(dataSource), companions),
    },
  ],
})
export class SnapshotsModule {}
