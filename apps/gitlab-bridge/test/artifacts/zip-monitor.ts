import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { listenOnFreePort } from '#embedded';
import { zipOf } from './zips.js';

/** A stand-in for the monitor that hands out what grid jobs brought back. */
export interface ZipMonitor {
  readonly url: string;
  /** By attempt. */
  readonly zips: Map<string, Buffer>;
  /** Attempts for which it answers 503 once. */
  readonly faulty: Set<string>;
  /** @returns the attempt that brought these files back */
  bringBack(files: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** A real HTTP server with real zips; it knows neither tokens nor groups. Its files lie in `directory`. */
export async function startZipMonitor(directory: string): Promise<ZipMonitor> {
  const zips = new Map<string, Buffer>();
  const faulty = new Set<string>();
  const server = createServer((asked, answer) => {
    const id = asked.url?.split('/')[2] ?? '';
    const zip = zips.get(id);
    const status = faulty.delete(id) ? 503 : zip ? 200 : 404;
    const etag = `"${createHash('sha256')
      .update(zip ?? '')
      .digest('hex')}"`;
    answer.writeHead(status, { etag }).end(status === 200 ? zip : '');
  });
  const port = await listenOnFreePort(server);
  return {
    url: `http://127.0.0.1:${port}`,
    zips,
    faulty,
    bringBack: async (files) => {
      const id = randomUUID();
      zips.set(id, await zipOf(directory, files));
      return id;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
