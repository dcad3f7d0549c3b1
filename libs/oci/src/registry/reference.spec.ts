import { apiHost, formatReference, isLoopback, normalName, parseReference } from './reference.js';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseReference', () => {
  it.each([
    ['alpine', { registry: 'docker.io', repository: 'library/alpine' }],
    ['alpine:3.20', { registry: 'docker.io', repository: 'library/alpine', tag: '3.20' }],
    ['team/tool', { registry: 'docker.io', repository: 'team/tool' }],
    ['index.docker.io/team/tool', { registry: 'docker.io', repository: 'team/tool' }],
    ['docker.io/alpine', { registry: 'docker.io', repository: 'library/alpine' }],
    ['localhost/x', { registry: 'localhost', repository: 'x' }],
    ['localhost:5000/x/y:v1', { registry: 'localhost:5000', repository: 'x/y', tag: 'v1' }],
    ['Registry.Example.ORG/x', { registry: 'registry.example.org', repository: 'x' }],
    ['[::1]:5000/x', { registry: '[::1]:5000', repository: 'x' }],
    [`ghcr.io/a/b@${digest}`, { registry: 'ghcr.io', repository: 'a/b', digest }],
    [`ghcr.io/a/b:v1@${digest}`, { registry: 'ghcr.io', repository: 'a/b', tag: 'v1', digest }],
    ['ghcr.io/a/b__c-d.e', { registry: 'ghcr.io', repository: 'a/b__c-d.e' }],
  ])('reads %s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    '',
    'Upper/Case',
    'ghcr.io/Upper',
    'ghcr.io/../etc',
    'ghcr.io/a//b',
    'ghcr.io/a/',
    'ghcr.io/a:',
    'ghcr.io/a:-x',
    `ghcr.io/a:${'x'.repeat(129)}`,
    'ghcr.io/a@sha256:../../x',
    `ghcr.io/a@sha256:${'A'.repeat(64)}`,
    'ghcr.io/a@md5:abc',
    'host:99999/a',
    'user@host.org/a',
    `ghcr.io/${'a'.repeat(256)}`,
    'ghcr.io/a b',
  ])('refuses %j', (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'image.invalid_reference' }));
  });

  it('writes what it has read', () => {
    for (const text of ['docker.io/library/alpine:3', `localhost:5000/x@${digest}`]) {
      expect(formatReference(parseReference(text))).toBe(text);
    }
  });
});

it('asks Docker Hub’s images at the host that serves them', () => {
  expect(apiHost(normalName({ registry: 'index.docker.io', repository: 'a' }).registry)).toBe(
    'registry-1.docker.io',
  );
  expect(apiHost('ghcr.io')).toBe('ghcr.io');
});

it('knows this machine’s names and no others', () => {
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1:80', '[::1]:5000'])
    expect(isLoopback(host)).toBe(true);
  for (const host of ['localhost.example.org', '127.0.0.1.example.org', '10.0.0.1', 'ghcr.io'])
    expect(isLoopback(host)).toBe(false);
});
