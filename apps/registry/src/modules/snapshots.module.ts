import { Module } from '@nestjs/common';

/** The copies that other services keep. */
@Module({})
export class SnapshotsModule {}
