/** One kind of resource, as far as the command line needs it before the model itself is loaded. */
export interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly title: string;
  readonly means: string;
  /** The field that holds its name. */
  readonly nameField: string;
  /** Fields that lists show. */
  readonly columns: readonly string[];
  /** A name to show in examples, and fields to create it with. */
  readonly example: { readonly name: string; readonly fields: readonly string[] };
}

/** The same as `resources` of #contracts, without what takes its time to load; a test compares them. */
export const kinds: readonly Kind[] = [
  {
    kind: 'project',
    plural: 'projects',
    title: 'project',
    means: 'GitLab projects, or any repositories, whose work goes through Slipway',
    nameField: 'name',
    columns: ['kind', 'path', 'backend', 'limits.jobs'],
    example: {
      name: 'analysis',
      fields: ['url=https://gitlab.example.org/atlas/analysis', 'path=atlas/analysis'],
    },
  },
  {
    kind: 'credential',
    plural: 'credentials',
    title: 'credential',
    means: 'secrets that open something: written, used by the services, never shown again',
    nameField: 'name',
    columns: ['type', 'username', 'project'],
    example: { name: 'hub-webhook', fields: ['type=webhook-secret'] },
  },
  {
    kind: 'source',
    plural: 'sources',
    title: 'webhook source',
    means: 'who may send webhooks to the relay, and how a delivery is verified',
    nameField: 'name',
    columns: ['kind', 'registry', 'repositories'],
    example: {
      name: 'hub',
      fields: ['kind=docker-hub', '\'repositories=["atlas/**"]\'', "'secrets=[{credential: hub-webhook}]'"],
    },
  },
  {
    kind: 'image_rule',
    plural: 'image-rules',
    title: 'image rule',
    means: 'which images are published in which CVMFS repository',
    nameField: 'name',
    columns: ['registry', 'repository', 'tags', 'cvmfsRepository', 'project'],
    example: {
      name: 'atlas',
      fields: ['registry=docker.io', "'repository=atlas/**'", 'cvmfsRepository=unpacked.example.org'],
    },
  },
  {
    kind: 'cvmfs_repository',
    plural: 'cvmfs-repositories',
    title: 'CVMFS repository',
    means: 'CVMFS repositories to publish to, and how',
    nameField: 'name',
    columns: ['driver', 'path', 'gracePeriod'],
    example: { name: 'unpacked.example.org', fields: ['gracePeriod=14d'] },
  },
  {
    kind: 'container_registry',
    plural: 'container-registries',
    title: 'container registry',
    means: 'how to pull from registries that need more than anonymous HTTPS',
    nameField: 'host',
    columns: ['insecure', 'username', 'parallel'],
    example: {
      name: 'registry.example.org',
      fields: ['username=robot', 'password.credential=registry-robot'],
    },
  },
  {
    kind: 'backend',
    plural: 'backends',
    title: 'grid backend',
    means: 'batch systems that jobs go to',
    nameField: 'name',
    columns: ['kind', 'url', 'schedd', 'credential'],
    example: { name: 'condor', fields: ['kind=htcondor', 'schedd=schedd.example.org'] },
  },
  {
    kind: 'identity_mapping',
    plural: 'identity-mappings',
    title: 'identity mapping',
    means: 'under which grid credentials people’s jobs run',
    nameField: 'name',
    columns: ['gitlabUser', 'gitlabGroup', 'backend', 'credential'],
    example: { name: 'jane', fields: ['gitlabUser=jane', 'credential=jane-proxy'] },
  },
  {
    kind: 'gitlab_server',
    plural: 'gitlab-servers',
    title: 'GitLab server',
    means: 'GitLabs whose CI jobs run on the grid',
    nameField: 'name',
    columns: ['url', 'credential'],
    example: { name: 'gitlab', fields: ['url=https://gitlab.example.org'] },
  },
  {
    kind: 'runner',
    plural: 'runners',
    title: 'GitLab runner',
    means: 'runners registered in GitLab, whose CI jobs become grid jobs',
    nameField: 'name',
    columns: ['gitlab', 'project', 'backend', 'jobs', 'isPaused'],
    example: { name: 'grid', fields: ['gitlab=gitlab', 'credential=grid-runner'] },
  },
  {
    kind: 'subscription',
    plural: 'subscriptions',
    title: 'subscription',
    means: 'who else is told of events, by webhook',
    nameField: 'name',
    columns: ['events', 'url', 'isPaused'],
    example: {
      name: 'mattermost',
      fields: [
        '\'events=["image.published"]\'',
        'url=https://chat.example.org/hook',
        'credential=chat-signing',
      ],
    },
  },
];
