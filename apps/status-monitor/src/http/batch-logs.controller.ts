import { permanent } from '#errors';
import { Controller, Get, Header, Headers, Inject, Param } from '@nestjs/common';
import type { Ledger } from '../ledger/ledger.js';
import type { Monitor } from '../monitor.js';
import { ACCESS, LEDGER, MONITOR } from '../tokens.js';
import { checkedId } from './checked.js';
import type { HouseAccess } from './house-access.js';

const askMs = 30_000;

/** What the batch system itself keeps of an attempt. */
@Controller('api/v1/attempts')
export class BatchLogsController {
  constructor(
    @Inject(ACCESS) private readonly access: HouseAccess,
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(MONITOR) private readonly monitor: Monitor,
  ) {}

  @Get(':id/batch-log')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  async batchLog(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
  ): Promise<string> {
    const caller = this.access.caller(token);
    const attempt = await this.ledger.attempt(checkedId(id));
    if (!attempt) throw absent(`there is no attempt ${id}`);
    this.access.refuseUnlessSeen(caller, attempt.project);
    if (attempt.batchId === undefined) throw absent('the batch system has not had it yet');
    const grid = await this.monitor.grids.of(attempt.backend);
    const log = await grid.ownLog(attempt.batchId, { signal: AbortSignal.timeout(askMs) });
    if (log === undefined) throw absent('the batch system keeps no log of it');
    return log;
  }
}

const absent = (text: string): Error => permanent('attempt.not_found', text, { level: 'info' });
