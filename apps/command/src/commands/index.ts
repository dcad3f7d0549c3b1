import type { CommandDefinition } from '../command-definition.js';
import { apiKeysCommand } from './api-keys/api-keys.command.js';
import { auditCommand } from './audit/audit.command.js';
import { completeCommand, completionCommand } from './completion/completion.command.js';
import { deadLettersCommand } from './dead-letters/dead-letters.command.js';
import { doctorCommand } from './doctor/doctor.command.js';
import { eventsCommand } from './events/events.command.js';
import {
  cancelCommand,
  jobsCommand,
  logsCommand,
  outputsCommand,
  retryCommand,
  runCommand,
} from './jobs/jobs.command.js';
import { publicationsCommand } from './publications/publications.command.js';
import { resourceCommands } from './resources/resource-commands.js';
import { sessionsCommand } from './sessions/sessions.command.js';
import { applyCommand, exportCommand } from './settings-file/settings-file.command.js';
import { loginCommand, logoutCommand, whoamiCommand } from './sign-in/sign-in.command.js';

/** Every command, in the order of help. A new one is a file and a line here. */
export const commands: readonly CommandDefinition[] = [
  loginCommand,
  logoutCommand,
  whoamiCommand,
  ...resourceCommands,
  apiKeysCommand,
  sessionsCommand,
  applyCommand,
  exportCommand,
  publicationsCommand,
  runCommand,
  jobsCommand,
  logsCommand,
  outputsCommand,
  cancelCommand,
  retryCommand,
  eventsCommand,
  deadLettersCommand,
  auditCommand,
  doctorCommand,
  completionCommand,
  completeCommand,
];
