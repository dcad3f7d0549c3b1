import { Module } from '@nestjs/common';

/** The live view of events. */
@Module({})
export class EventsModule {}
