import { Module } from '@nestjs/common';

/** Messages that were given up. */
@Module({})
export class DeadLettersModule {}
