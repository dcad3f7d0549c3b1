import type { FastifyInstance } from 'fastify';
import { operationalAnswers, type OperationalParts } from './operational-answers.js';

/** The operational pages on Fastify itself: they must answer whatever the application's guards say. */
export function addOperationalRoutes(server: FastifyInstance, parts: OperationalParts): void {
  for (const [path, answer] of Object.entries(operationalAnswers(parts)))
    server.get(path, async (_request, reply) => {
      const { status, contentType, body } = await answer();
      return reply.status(status).header('content-type', contentType).send(body);
    });
}
