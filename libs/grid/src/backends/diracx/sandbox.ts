import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import { zstdFrame } from './zstd-frame.js';

/** A file of an input sandbox; it lies in the directory that the job starts in. */
export interface SandboxFile {
  readonly name: string;
  readonly content: string;
}

/** An archive as DiracX stores it: by its digest, so that equal ones are stored once. */
export interface Sandbox {
  readonly content: Buffer<ArrayBuffer>;
  readonly sha256: string;
}

/** Packs files that their owner alone may read where they are unpacked. Equal files make equal archives. */
export async function makeSandbox(files: readonly SandboxFile[]): Promise<Sandbox> {
  const tar = pack();
  for (const { name, content } of files) tar.entry({ name, mode: 0o600, mtime: new Date(0) }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  const content = zstdFrame(Buffer.concat(chunks));
  return { content, sha256: createHash('sha256').update(content).digest('hex') };
}
