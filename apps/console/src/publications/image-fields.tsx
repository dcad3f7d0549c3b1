import type { PublishBody } from '#api';
import { TextInput } from '@mantine/core';
import { ReferenceControl } from '../forms/reference-control.js';
import { type Issue, issueAt } from '../forms/values.js';

/** Where the form begins. Empty texts are what was not told. */
export const noImage = { registry: '', repository: '', tag: '', digest: '', cvmfsRepository: '' };

/** An image as its fields are typed; `toldOf` makes of it what the API takes. */
export type TypedImage = typeof noImage;

const fields = [
  {
    name: 'registry',
    label: 'Registry',
    help: 'Its host, e.g. registry.example.org or docker.io',
    required: true,
  },
  { name: 'repository', label: 'Repository', help: 'E.g. atlas/analysis or library/debian', required: true },
  { name: 'tag', label: 'Tag', help: 'Either a tag …', required: false },
  { name: 'digest', label: 'Digest', help: '… or a digest, sha256:…', required: false },
] as const;

const where = {
  label: 'CVMFS repository',
  help: 'Empty: wherever the image rules say',
  isRequired: false,
  path: ['cvmfsRepository'],
  fallback: undefined,
};

/** Issues by the names that the API has for the fields, whether they went in a body or a query. */
export interface ImageFieldsProps {
  readonly image: TypedImage;
  readonly onChange: (image: TypedImage) => void;
  readonly issues: readonly Issue[];
}

/** Which image, and where. */
export function ImageFields({ image, onChange, issues }: ImageFieldsProps) {
  const set = (name: keyof TypedImage, text: string): void => onChange({ ...image, [name]: text.trim() });
  return (
    <>
      {fields.map(({ name, label, help, required }) => (
        <TextInput
          key={name}
          label={label}
          description={help}
          required={required}
          value={image[name]}
          onChange={(event) => set(name, event.currentTarget.value)}
          error={issueAt(issues, [name])}
        />
      ))}
      <ReferenceControl
        to="cvmfs_repository"
        field={where}
        value={image.cvmfsRepository}
        onChange={(text) => set('cvmfsRepository', typeof text === 'string' ? text : '')}
        error={issueAt(issues, ['cvmfsRepository'])}
      />
    </>
  );
}

/** What was typed; what was left empty is not told. */
export const toldOf = (image: TypedImage): PublishBody =>
  Object.fromEntries(Object.entries(image).filter(([, text]) => text !== '')) as unknown as PublishBody;
