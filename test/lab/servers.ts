import { labConfig } from './config.js';
import { type ServerAddress } from './lab.js';

/** The run's RabbitMQ or PostgreSQL, started now if no test file needed it before. Throws what its start threw. */
export async function sharedServer(name: 'rabbitmq' | 'postgres'): Promise<ServerAddress> {
  const { labUrl } = labConfig();
  if (labUrl === undefined) throw new Error('no lab: run this through jest, whose global set-up opens one');
  const response = await fetch(new URL(name, labUrl), { signal: AbortSignal.timeout(120_000) });
  const body = (await response.json()) as ServerAddress & { readonly message?: string };
  if (response.status !== 200) throw new Error(`the run's ${name} did not start: ${body.message ?? ''}`);
  return body;
}
