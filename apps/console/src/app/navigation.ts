import {
  IconAlertTriangle,
  IconApi,
  IconBolt,
  IconBox,
  IconBrandGitlab,
  IconChecklist,
  IconCloudUpload,
  IconDatabase,
  IconHistory,
  IconKey,
  IconListDetails,
  IconRun,
  IconServerBolt,
  IconStack2,
  IconStethoscope,
  IconUserCog,
  IconWebhook,
  IconBell,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';

/** A line of the navigation, the current one while the address is its own or below it. */
export interface NavigationEntry {
  /** Its address; what is below it belongs to it too. */
  readonly to: string;
  readonly label: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number }>;
  /** For admins alone: others are not shown what they would be refused. */
  readonly adminsOnly?: boolean;
}

/** Lines that belong together, below a heading. */
export interface NavigationSection {
  readonly title: string;
  readonly entries: readonly NavigationEntry[];
}

/** The way through the page. Each kind of resource has a line; its lists and forms are made from its schema. */
export const navigation: readonly NavigationSection[] = [
  {
    title: 'Work',
    entries: [
      { to: '/projects', label: 'Projects', icon: IconBox },
      { to: '/publications', label: 'Publications', icon: IconCloudUpload },
      { to: '/jobs', label: 'Jobs', icon: IconStack2 },
      { to: '/events', label: 'Events', icon: IconBolt },
      { to: '/dead-letters', label: 'Dead letters', icon: IconAlertTriangle, adminsOnly: true },
    ],
  },
  {
    title: 'House',
    entries: [
      { to: '/image-rules', label: 'Image rules', icon: IconListDetails },
      { to: '/credentials', label: 'Credentials', icon: IconKey },
      { to: '/sources', label: 'Webhook sources', icon: IconWebhook },
      { to: '/cvmfs-repositories', label: 'CVMFS repositories', icon: IconDatabase },
      { to: '/container-registries', label: 'Container registries', icon: IconServerBolt },
      { to: '/backends', label: 'Grid backends', icon: IconChecklist },
      { to: '/identity-mappings', label: 'Identity mappings', icon: IconUserCog },
      { to: '/gitlab-servers', label: 'GitLab servers', icon: IconBrandGitlab },
      { to: '/runners', label: 'GitLab runners', icon: IconRun },
      { to: '/subscriptions', label: 'Subscriptions', icon: IconBell },
      { to: '/api-keys', label: 'API keys', icon: IconApi },
    ],
  },
  {
    title: 'Oversight',
    entries: [
      { to: '/audit', label: 'Audit trail', icon: IconHistory },
      { to: '/diagnosis', label: 'Diagnosis', icon: IconStethoscope, adminsOnly: true },
    ],
  },
];
