import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

/** The one route whose protocol (RFC 8693) sends forms. Any web page can make a browser send one: nowhere else are they taken. */
const takesForms = '/api/v1/token';
const largestForm = 64 * 1024;

/** Reads `application/x-www-form-urlencoded` where it is taken, 415 elsewhere. */
export function takeForms(server: Pick<FastifyInstance, 'addContentTypeParser'>): void {
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: largestForm },
    (request, body, done) => {
      if (request.url.split('?')[0] === takesForms)
        done(null, Object.fromEntries(new URLSearchParams(String(body))));
      else done(new UnsupportedMediaTypeException('forms are not taken here'));
    },
  );
}
