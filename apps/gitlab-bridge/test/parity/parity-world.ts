import { makeParityProjects, type ParityProjects } from '../../../../test/gitlab/parity/site.js';
import { registered } from '../bridge-settings.js';
import { BridgeWorld } from '../bridge-world.js';

/** All of Slipway before a test GitLab with the projects of the parity cases; its bridge is not started yet. */
export async function createParityWorld(
  testPath: string,
): Promise<{ readonly world: BridgeWorld; readonly projects: ParityProjects }> {
  const world = await BridgeWorld.create({
    testPath,
    gitlab: { limits: { traceIntervalSeconds: 1 } },
    projects: (gitlab) =>
      ['analysis', 'sha256', 'large'].map((name) =>
        registered(gitlab, { name, url: `${gitlab.url}/parity/${name}`, path: `parity/${name}` }),
      ),
  });
  return { world, projects: await makeParityProjects(world.gitlab) };
}
