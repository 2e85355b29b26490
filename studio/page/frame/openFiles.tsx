import { useRef } from "preact/hooks";
import { namedFiles, openFiles } from "./drop.ts";

/** Opens a log, or a folder of runs, by a dialog: what can be dropped can be chosen by keys too. */
export function OpenFiles() {
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }): void => {
    if (currentTarget.files !== null && currentTarget.files.length > 0) openFiles(namedFiles(currentTarget.files));
    currentTarget.value = "";
  };
  return (
    <div class="open-files">
      <button type="button" onClick={() => file.current?.click()}>
        Open a log…
      </button>
      <button type="button" onClick={() => folder.current?.click()}>
        Open a folder…
      </button>
      <input ref={file} type="file" hidden aria-label="log" data-open="file" onChange={take} />
      <input
        ref={(element) => {
          folder.current = element;
          if (element !== null) element.webkitdirectory = true;
        }}
        type="file"
        hidden
        aria-label="folder of runs"
        onChange={take}
      />
    </div>
  );
}
