import { resources } from '#contracts';
import { Module } from '@nestjs/common';
import { ApplyController } from '../http/apply.controller.js';
import { AuditController } from '../http/audit.controller.js';
import { resourceController } from '../http/resource.controller.js';
import { ResourceRoutes } from '../http/resource-routes.js';

/** Every kind of thing that the registry keeps, by one set of routes. */
@Module({
  controllers: [...resources.map(resourceController), AuditController, ApplyController],
  providers: [ResourceRoutes],
})
export class ResourcesModule {}
