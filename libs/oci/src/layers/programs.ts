import { accessSync, constants } from 'node:fs';

/** Where distributions keep their programs: an image or a message never has a say in what is run. */
const programDirectories = ['/usr/bin', '/usr/local/bin', '/bin', '/usr/sbin', '/sbin'];

/** The absolute path of a standard program, undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  return programDirectories.map((directory) => `${directory}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
