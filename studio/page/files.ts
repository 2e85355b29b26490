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

export const newWorker = (name: string): Worker => new Worker(fileUrl(name));

/** Loads one of the page's style sheets; an export has them all. */
function loadStyle(name: string): Promise<void> {
  if (embedded !== undefined) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = fileUrl(name);
  document.head.append(link);
  return new Promise((resolve) => {
    link.onload = () => resolve();
    link.onerror = () => resolve();
  });
}

let styled: Promise<void> | undefined;

/** Loads the style sheet of all that the first screen does not need, once. */
export function styleOfScreens(): Promise<void> {
  styled ??= loadStyle("screens.css");
  return styled;
}
