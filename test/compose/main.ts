import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '#lab';
import { treeFaults } from '../demo/check-tree.js';
import { pushDemoImage } from '../demo/demo-image.js';

// Pushes an image to the compose project's registry and checks the tree in its volume:
// node dist/test/compose/main.js REGISTRY VOLUME TAG
const [registry = '', volume = '', tag = ''] = process.argv.slice(2);

// The name by which the project's services know the registry (deploy/compose/slipway.yml).
const repository = join(volume, 'unpacked.slipway.local', 'registry:5000');

const image = await pushDemoImage(registry, tag);
const link = join(repository, `${image.repository}:${tag}`);
await waitFor(() => existsSync(link), { what: link, deadlineMs: 90_000 });
const faults = treeFaults(realpathSync(link), image.expected);
for (const fault of faults) console.error(`WRONG: ${fault}`);
console.error(`${link}\n  -> ${realpathSync(link)}: ${faults.length === 0 ? 'right' : 'wrong'}`);
process.exitCode = faults.length === 0 ? 0 : 1;
