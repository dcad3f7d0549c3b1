import { Module } from '@nestjs/common';

/** What is published where, and its wishes. */
@Module({})
export class PublicationsModule {}
