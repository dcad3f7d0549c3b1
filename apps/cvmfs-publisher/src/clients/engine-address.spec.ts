import { engineAddress } from './engine-address.js';

describe('engineAddress', () => {
  it.each([
    [undefined, { socketPath: '/var/run/docker.sock' }],
    ['unix:///run/user/1000/docker.sock', { socketPath: '/run/user/1000/docker.sock' }],
    ['tcp://engine.example.org:2375', { protocol: 'http', host: 'engine.example.org', port: 2375 }],
    ['https://engine.example.org', { protocol: 'https', host: 'engine.example.org', port: 2376 }],
  ])('reads %s', (given, address) => {
    expect(engineAddress(given)).toEqual(address);
  });

  it.each(['engine', 'ssh://engine.example.org', 'unix://'])('refuses %s', (given) => {
    expect(() => engineAddress(given)).toThrow('DOCKER_HOST');
  });
});
