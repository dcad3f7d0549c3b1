import { permanent, type AppError } from '#errors';

/** What was typed cannot be meant so: exit code 2. */
export const usage = (message: string): AppError => permanent('command.usage', message);
