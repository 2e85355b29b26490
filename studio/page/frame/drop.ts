import { signal } from "@preact/signals";
import { openSource, say } from "../state.ts";
import type { NamedFile } from "../worker/fileSource.ts";

/** Whether something is being dragged over the page. */
export const dragging = signal(false);

/** Runs can be dropped anywhere on the page: a log, a run's folder, or a folder of runs. */
export function listenToDrops(): void {
  addEventListener("dragover", (event) => {
    event.preventDefault();
    dragging.value = true;
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) dragging.value = false;
  });
  addEventListener("drop", async (event) => {
    event.preventDefault();
    dragging.value = false;
    const items = [...(event.dataTransfer?.items ?? [])];
    // Entries must be taken before the first await: afterwards the list of items is empty.
    const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    try {
      openFiles((await Promise.all(entries.map((entry) => filesOf(entry)))).flat());
    } catch (error) {
      say(`this cannot be read: ${error instanceof Error ? error.message : String(error)}`, true);
    }
  });
}

/** Shows the runs of files from a drop or a dialog. */
export function openFiles(files: readonly NamedFile[]): void {
  if (files.length === 0) {
    say("nothing there that could be a run", true);
    return;
  }
  openSource({ kind: "files", files });
  say(`${files.length} ${files.length === 1 ? "file" : "files"} opened`);
}

export const namedFiles = (list: FileList): NamedFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file, modified: file.lastModified }));

async function filesOf(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)); // isFile
    return [{ path: entry.fullPath, file, modified: file.lastModified }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader(); // no file: a folder
  const found: NamedFile[] = [];
  // A folder is told in pieces; an empty one ends it.
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (piece.length === 0) return found;
    for (const each of piece) found.push(...(await filesOf(each)));
  }
}
