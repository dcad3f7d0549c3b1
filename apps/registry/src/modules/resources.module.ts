import { Module } from '@nestjs/common';

/** Every kind of thing that the registry keeps, by one set of routes. */
@Module({})
export class ResourcesModule {}
