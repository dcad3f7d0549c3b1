import { AppError } from '#errors';

/** What is wrong with one field of what was asked for. */
export interface FieldIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A request whose fields are at fault, each with its place. */
export class FieldsRefused extends AppError {
  constructor(
    code: string,
    message: string,
    readonly issues: readonly FieldIssue[],
  ) {
    super(code, message, false, { level: 'info' });
  }
}
