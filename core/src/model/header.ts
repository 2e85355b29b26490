/** The version of the header. */
export const headerFormat = 1;

/** What a file says of a model besides its tensors. */
export interface Header {
  readonly format: number;
  readonly name: string;
  /** A ModelDescription when written; untrusted JSON when read, as all else here. */
  readonly model: unknown;
  readonly training?: unknown;
  readonly notes?: unknown;
}
