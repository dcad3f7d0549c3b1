/** Somebody whom the stand-in knows. */
export interface StandInPerson {
  readonly sub: string;
  readonly preferred_username: string;
  readonly groups: readonly string[];
}

/** Anybody may be anybody here: there are no passwords. */
export const standInPeople: readonly StandInPerson[] = [
  { sub: '1001', preferred_username: 'ada', groups: ['/slipway/admins'] },
  { sub: '1002', preferred_username: 'otto', groups: ['/atlas/owners'] },
  { sub: '1003', preferred_username: 'rita', groups: ['/cms'] },
];
