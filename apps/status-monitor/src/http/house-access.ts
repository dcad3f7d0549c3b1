import { houseTokens, type HouseTokens, type Identity, maySubmitJobs } from '#access';
import { permanent } from '#errors';
import type { KeyRing } from '#secrets';
import type { Configured } from '../configured.js';

/** Who asks, as the registry says that passes requests on; and what they may. */
export class HouseAccess {
  private readonly tokens: HouseTokens;

  constructor(
    ring: KeyRing,
    private readonly configured: Configured,
  ) {
    this.tokens = houseTokens(ring);
  }

  /**
   * @param authorization the header
   * @throws permanent `access.unknown_token`
   */
  caller(authorization: string | undefined): Identity {
    return this.tokens.open(authorization);
  }

  /** @throws permanent `job.not_found`, as of what does not exist */
  refuseUnlessSeen({ onlyProjects }: Identity, project: string): void {
    if (onlyProjects && !onlyProjects.includes(project))
      throw permanent('job.not_found', 'there is no such thing', { level: 'info' });
  }

  /** Whether they may cancel jobs of the project, and have them tried again. */
  isOwner(identity: Identity, project: string): boolean {
    const owned = this.configured.projects.find(({ name }) => name === project);
    return maySubmitJobs(identity, owned);
  }

  /**
   * Jobs are cancelled and tried again by whoever may hand them in.
   * @throws permanent `access.forbidden`, `job.not_found`
   */
  refuseUnlessOwner(identity: Identity, project: string): void {
    this.refuseUnlessSeen(identity, project);
    if (this.isOwner(identity, project)) return;
    const text = `only admins and owners of the project ${project} may`;
    throw permanent('access.forbidden', text, { level: 'info' });
  }
}
