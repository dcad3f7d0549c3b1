import { Module } from '@nestjs/common';

/** Who else is told of events. */
@Module({})
export class SubscriptionsModule {}
