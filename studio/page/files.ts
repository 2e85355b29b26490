// Where the page's own files are: beside it on a server, or inside of it in an export that is one file.

/** Put there by the first script of an exported file. */
interface Embedded {
  readonly name: string;
  readonly log: string;
  url(name: string): string;
}

/** The export that this page is; undefined when it was loaded from a server. */
export const embedded = (globalThis as { readonly chainruleExport?: Embedded }).chainruleExport;

/** The address of one of the page's own files. */
export const fileUrl = (name: string): string => embedded?.url(name) ?? new URL(name, document.baseURI).href;

export const newWorker = (name: string): Worker => new Worker(fileUrl(name), { type: "module" });
