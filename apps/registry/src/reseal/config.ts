import { defineConfig } from '#service';
import { config as registryConfig } from '../config.js';

const { postgresUrl, schema, keyRing } = registryConfig.settings;

/** What the command needs of the registry's settings. */
export const config = defineConfig({ postgresUrl, schema, keyRing });

/** Throws AppError `config.invalid` with everything that is wrong, as the registry does at its start. */
export const readEnvironment = (): ReturnType<typeof config.read> => config.read(process.env);
