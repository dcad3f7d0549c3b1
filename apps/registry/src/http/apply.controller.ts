import { applyBody, applyQuery, type ApplyResult, applyResult } from '#api';
import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { applyFile, type SettingsFile } from '../changes/apply-file.js';
import { ResourceChanges } from '../changes/resource-changes.js';
import type { Identity } from '#access';
import { Caller } from './caller.decorator.js';
import { Needs } from './needs.decorator.js';
import { Operation } from './operation.decorator.js';

/** slipway.yml as a whole. */
@Controller('api/v1/apply')
export class ApplyController {
  constructor(@Inject(ResourceChanges) private readonly changes: ResourceChanges) {}

  @Post()
  @HttpCode(200)
  @Needs('admin')
  @Operation({
    tag: 'Settings file',
    summary: 'Make the registry hold what slipway.yml says',
    description:
      'All of it, or nothing. Applied a second time it changes nothing. What the file does not name stays, unless it is pruned.',
    query: applyQuery,
    body: applyBody,
    keepsBodyAsWritten: true,
    answers: {
      200: {
        means: 'each resource that the file names or that is removed, and what changed',
        schema: applyResult,
      },
    },
    refuses: [409],
  })
  apply(
    @Caller() caller: Identity,
    @Body() file: SettingsFile,
    @Query('dryRun') dryRun: string,
    @Query('prune') prune: string,
    @Query('keep') keep: string | undefined,
  ): Promise<ApplyResult> {
    const options = { dryRun: dryRun === 'true', prune: prune === 'true', keep };
    return applyFile(this.changes, caller, file, options);
  }
}
