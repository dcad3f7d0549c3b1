import { createReadStream } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import { type JobOutputs } from '#api';
import { permanent } from '#errors';
import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Ledger } from '../ledger/ledger.js';
import type { OutputStore, StoredOutputs } from '../storage/outputs/output.store.js';
import { ACCESS, LEDGER, OUTPUTS } from '../tokens.js';
import { byteRange } from './byte-range.js';
import { checked, checkedId } from './checked.js';
import type { HouseAccess } from './house-access.js';

const fileQuery = z.strictObject({ path: z.string().min(1).max(4_096) });

/** To be saved, never shown: it is whatever a job has written. */
const asFile = (name: string): Readonly<Record<string, string>> => ({
  'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`,
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-cache',
});

/** What attempts brought back: a list, a zip of all, one file. */
@Controller('api/v1/attempts')
export class OutputsController {
  constructor(
    @Inject(ACCESS) private readonly access: HouseAccess,
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(OUTPUTS) private readonly outputs: OutputStore,
  ) {}

  @Get(':id/outputs')
  async list(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
  ): Promise<JobOutputs> {
    const { zipBytes, zipSha256, files } = await this.find(token, id);
    return {
      bytes: zipBytes,
      sha256: zipSha256,
      files: files.filter(({ path }) => !path.endsWith('/')).map(({ path, size }) => ({ path, bytes: size })),
    };
  }

  @Get(':id/outputs.zip')
  async zip(
    @Headers() headers: Readonly<Record<string, string | undefined>>,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { zipPath, zipBytes, zipSha256 } = await this.find(headers['authorization'], id);
    const range = byteRange(headers['range'], zipBytes);
    if (range === 'unsatisfiable')
      return void reply.code(416).header('content-range', `bytes */${zipBytes}`).send();
    const { from, until } = range ?? { from: 0, until: zipBytes };
    if (range) reply.code(206).header('content-range', `bytes ${from}-${until - 1}/${zipBytes}`);
    await reply
      .headers({
        ...asFile(`outputs-${id}.zip`),
        etag: `"${zipSha256}"`,
        'content-type': 'application/zip',
        'accept-ranges': 'bytes',
        'content-length': until - from,
      })
      .send(createReadStream(zipPath, { start: from, end: until - 1 }));
  }

  @Get(':id/outputs/file')
  async file(
    @Headers('authorization') token: string | undefined,
    @Param('id') id: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { path } = checked(fileQuery, query);
    const { zipPath, files } = await this.find(token, id);
    const file = files.find((one) => one.path === path);
    if (!file || path.endsWith('/')) throw absent(`there is no ${path} among the outputs`);
    reply.headers({ ...asFile(path.split('/').at(-1) ?? path), 'content-type': 'application/octet-stream' });
    reply.header('content-length', file.size);
    if (file.packedSize === 0) return void (await reply.send(Buffer.alloc(0)));
    const packed = createReadStream(zipPath, { start: file.dataAt, end: file.dataAt + file.packedSize - 1 });
    if (!file.isDeflated) return void (await reply.send(packed));
    const plain = createInflateRaw();
    packed.on('error', (error) => plain.destroy(error));
    await reply.send(packed.pipe(plain));
  }

  private async find(token: string | undefined, id: string): Promise<StoredOutputs> {
    const caller = this.access.caller(token);
    const attempt = await this.ledger.attempt(checkedId(id));
    if (!attempt) throw absent(`there is no attempt ${id}`);
    this.access.refuseUnlessSeen(caller, attempt.project);
    const stored = await this.outputs.find(attempt);
    if (!stored) throw absent('the attempt has brought nothing back');
    return stored;
  }
}

const absent = (text: string): Error => permanent('attempt.not_found', text, { level: 'info' });
