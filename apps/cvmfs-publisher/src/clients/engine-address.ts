import { permanent } from '#errors';
import type { EngineAddress } from '#oci';

const defaultPorts: Readonly<Record<string, number>> = { 'tcp:': 2375, 'http:': 2375, 'https:': 2376 };

/**
 * A Docker engine's address as `DOCKER_HOST` gives it: `unix:///path`, `tcp://host:port`, `http://…` or `https://…`.
 *
 * @throws permanent `docker.bad_host`
 */
export function engineAddress(dockerHost = 'unix:///var/run/docker.sock'): EngineAddress {
  const url = URL.canParse(dockerHost) ? new URL(dockerHost) : undefined;
  if (url?.protocol === 'unix:' && url.pathname !== '') return { socketPath: url.pathname };
  const port = url && defaultPorts[url.protocol];
  if (!url || port === undefined || url.hostname === '') {
    throw permanent('docker.bad_host', 'DOCKER_HOST is neither unix:///path nor tcp://host:port');
  }
  const protocol = url.protocol === 'https:' ? 'https' : 'http';
  return { protocol, host: url.hostname, port: url.port === '' ? port : Number(url.port) };
}
