/** The environment variable that a secret reference names; undefined where it is not set. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
