import { permanent } from '#errors';
import type { ImageName } from '../image-source.js';
import { isDigest } from './digest.js';

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/;
const repositoryPattern =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const dockerHubNames = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.docker.io',
]);

/**
 * An image reference as people write it: `alpine`, `ghcr.io/team/tool:v1`, `localhost:5000/x@sha256:…`. The first
 * part is a host when it has a dot or a colon or is `localhost`, as for Docker; else the host is Docker Hub. Anything
 * else is `image.invalid_reference`, permanent.
 */
export function parseReference(text: string): ImageName {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const path = tagged ? named.slice(0, colon) : named;
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  const hasHost = /[.:]/.test(first) || first.toLowerCase() === 'localhost';
  return normalName({
    registry: hasHost ? first : 'docker.io',
    repository: hasHost ? path.slice(slash + 1) : path,
    ...(tagged ? { tag: named.slice(colon + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  });
}

/** The name with Docker Hub's aliases resolved and every part checked; `image.invalid_reference` otherwise. */
export function normalName(name: ImageName): ImageName {
  const registry = normalHost(name.registry);
  const repository =
    registry === 'docker.io' && !name.repository.includes('/')
      ? `library/${name.repository}`
      : name.repository;
  if (!hostPattern.test(registry) || Number(/:(\d+)$/.exec(registry)?.[1] ?? 0) > 65_535) {
    throw invalid('registry host', name.registry);
  }
  if (repository.length > 255 || !repositoryPattern.test(repository))
    throw invalid('repository', name.repository);
  if (name.tag !== undefined && !tagPattern.test(name.tag)) throw invalid('tag', name.tag);
  if (name.digest !== undefined && !isDigest(name.digest)) throw invalid('digest', name.digest);
  return { ...name, registry, repository };
}

/** A registry's host as images are named by it: lower case, Docker Hub under its one name. */
export function normalHost(host: string): string {
  const lower = host.toLowerCase();
  return dockerHubNames.has(lower) ? 'docker.io' : lower;
}

/** `registry/repository[:tag][@digest]`. */
export function formatReference({ registry, repository, tag, digest }: ImageName): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The host that answers the distribution API: Docker Hub's is not the one in its images' names. */
export function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

/** Whether this host is the machine itself, where plain http is no risk. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    /^127\.\d+\.\d+\.\d+$/.test(name) ||
    name === '[::1]'
  );
}

const invalid = (what: string, value: string) =>
  permanent('image.invalid_reference', `not a ${what}: ${JSON.stringify(value.slice(0, 300))}`);
