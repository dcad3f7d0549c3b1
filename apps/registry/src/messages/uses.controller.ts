import { Consume, type HandlerContext, policy } from '#bus';
import { credentialUsed, type PayloadOf, queues } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { noteUse } from '../storage/secret.store.js';
import { DATA_SOURCE } from '../tokens.js';

const hearing = policy({ attempts: 4, delays: ['10s', '1m'], prefetch: 64, concurrency: 4 });

/** Hears which secrets are used. One that is not there any more does no harm. */
@Controller()
export class UsesListener {
  constructor(@Inject(DATA_SOURCE) private readonly dataSource: DataSource) {}

  @Consume(queues.registryUses, credentialUsed, hearing)
  async used({ secret, purpose }: PayloadOf<typeof credentialUsed>, context: HandlerContext): Promise<void> {
    const service = context.source.split('/').at(-1);
    const use = { secret, at: new Date(context.time), by: `${service}: ${purpose}` };
    await noteUse(this.dataSource.manager, use);
  }
}
