import { useEffect, useRef } from "preact/hooks";
import { helpOpen, keys } from "./keyboard.ts";

/** The list of keys. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => {
    helpOpen.value = false;
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <header class="panel-head">
        <h2 id="help-title">Keys</h2>
        <button type="button" onClick={close}>
          Close
        </button>
      </header>
      <dl>
        {Object.values(keys).map(({ label, does }) => (
          <div key={label}>
            <dt>
              <kbd>{label}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>←</kbd> <kbd>→</kbd>
          </dt>
          <dd>in a figure: time back and forward</dd>
        </div>
      </dl>
      <p class="muted">In charts, a click moves the time cursor, a drag zooms, and two clicks show everything again.</p>
    </dialog>
  );
}
