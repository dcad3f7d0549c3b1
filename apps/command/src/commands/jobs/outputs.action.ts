import type { JobOutputs } from '#api';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Action } from '../../command-definition.js';
import { registryOf } from '../../clients/registry.client.js';
import { usage } from '../../errors/usage.js';
import { counted, size } from '../../output/words.js';
import { attemptOf, findJob } from './find-job.js';

/** `slipway outputs ID`. */
export const outputs: Action = async (context, input) => {
  const { out } = context;
  const registry = registryOf(context);
  const { id } = attemptOf(await findJob(registry, input.argument('id')), input.count('attempt'));
  const path = input.text('output');
  const found = await registry.get<JobOutputs>(`/attempts/${id}/outputs`);
  if (path === undefined) {
    await out.result(found, async () => {
      if (found.files.length === 0) return 'it brought nothing back';
      const { table } = await import('../../output/table.js');
      const columns = [
        { title: 'size', value: ({ bytes }: JobOutputs['files'][number]) => size(bytes) },
        { title: 'file', value: (file: JobOutputs['files'][number]) => file.path, shrinks: true },
      ];
      return table(found.files, columns, out);
    });
    return;
  }
  const response = await registry.stream(`/attempts/${id}/outputs.zip`, {}, { accept: '*/*' });
  try {
    await pipeline(Readable.fromWeb(response.body ?? new ReadableStream()), createWriteStream(path));
  } catch (error) {
    throw usage(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
  const { files } = found;
  await out.result(
    { written: path, files: files.length },
    () => `wrote ${counted(files.length, 'file')} to ${path}`,
  );
};
