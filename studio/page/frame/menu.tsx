import { download } from "../parts/small.tsx";
import { client, command, digest, isLive, runId, say } from "../state.ts";

/** Seldom needed: evaluate, checkpoints, notes, exports. */
export function Menu({ close }: { readonly close: () => void }) {
  const run = runId.value ?? "";
  const act = (work: () => unknown) => () => {
    close();
    void work();
  };
  const note = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement; // it listens on a form
    const text = String(new FormData(form).get("note") ?? "").trim();
    if (text !== "") void command({ type: "note", text });
    form.reset();
    close();
  };
  return (
    <div class="menu">
      {isLive.value && (
        <>
          <button type="button" onClick={act(() => command({ type: "evaluate" }))} data-do="evaluate">
            Evaluate now
          </button>
          <button type="button" onClick={act(() => command({ type: "checkpoint" }))} data-do="checkpoint">
            Make a checkpoint
          </button>
          <form onSubmit={note}>
            <input name="note" placeholder="Note…" aria-label="note" autocomplete="off" />
          </form>
          <Checkpoints close={close} />
          <hr />
        </>
      )}
      <button
        type="button"
        onClick={act(async () => download(`${run}.csv`, await client.ask("csv", { run }), "text/csv"))}
      >
        Curves as CSV
      </button>
      <button type="button" onClick={act(() => saveLog(run))}>
        The run's log
      </button>
      <button type="button" onClick={act(savePage)} data-do="export">
        This run as one HTML file
      </button>
    </div>
  );
}

const saveLog = async (run: string): Promise<void> =>
  download(`${run}.nlog`, (await client.ask("log", { run })) as Uint8Array<ArrayBuffer>, "application/octet-stream");

async function savePage(): Promise<void> {
  const run = runId.value;
  if (run === undefined) return;
  say("The file is being written…");
  const { exportPage } = await import("./exportPage.ts");
  download(`${run}.html`, await exportPage(run), "text/html");
}

const shownCheckpoints = 6;

function Checkpoints({ close }: { readonly close: () => void }) {
  const all = digest.value?.checkpoints ?? [];
  if (all.length === 0) return null;
  return (
    <ul class="checkpoints">
      {all.slice(-shownCheckpoints).map(({ step, value: { id, cause } }) => (
        <li key={id}>
          <span class="muted">
            step {step}, {cause}
          </span>
          <button
            type="button"
            data-do="rewind"
            onClick={() => {
              close();
              void command({ type: "rewind", checkpoint: id });
            }}
          >
            Rewind
          </button>
          <button
            type="button"
            data-do="branch"
            onClick={() => {
              close();
              void command({ type: "branch", checkpoint: id, changes: {} });
            }}
          >
            Branch
          </button>
        </li>
      ))}
    </ul>
  );
}
