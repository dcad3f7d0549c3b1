import { makeParityProject } from '../../../../test/gitlab/parity/site.js';
import { type TestProject } from '../../../../test/gitlab/index.js';
import { BridgeWorld, registered } from '../bridge-world.js';

/** All of Slipway before a test GitLab with the project of the parity cases; its bridge is not started yet. */
export async function createParityWorld(
  testPath: string,
): Promise<{ readonly world: BridgeWorld; readonly project: TestProject }> {
  const world = await BridgeWorld.create({
    testPath,
    gitlab: { limits: { traceIntervalSeconds: 1 } },
    projects: (gitlab) => [
      registered(gitlab, { name: 'parity', url: `${gitlab.url}/parity/analysis`, path: 'parity/analysis' }),
    ],
  });
  return { world, project: await makeParityProject(world.gitlab) };
}
