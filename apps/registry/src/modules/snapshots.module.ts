import { Module } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Companions } from '../changes/companion.js';
import { Snapshots } from '../changes/snapshots.js';
import { CatchUpController } from '../messages/catch-up.controller.js';
import { SnapshotStore } from '../storage/snapshot.store.js';
import { DATA_SOURCE } from '../tokens.js';

/** The copies that other services keep: what they missed. */
@Module({
  controllers: [CatchUpController],
  providers: [
    {
      provide: Snapshots,
      inject: [DATA_SOURCE, Companions],
      useFactory: (dataSource: DataSource, companions: Companions) =>
        new Snapshots(new SnapshotStore(dataSource), companions),
    },
  ],
})
export class SnapshotsModule {}
