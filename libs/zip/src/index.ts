export { gzipMembers } from './gzip-members.js';
export { mergedZip, selected, type Selected, type ZipPart } from './merged-zip.js';
export type { ZipEntry } from './zip-records.js';
export { type EntryToRead, openZip, zipAt, type ZipSource } from './zip-source.js';
export { type ZipMember, ZipWriter } from './zip-writer.js';
