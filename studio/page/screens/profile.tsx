import { Allocations } from "../panels/allocations.tsx";
import { Flame } from "../panels/flame.tsx";
import { Kernels } from "../panels/kernels.tsx";
import { MemoryOwners } from "../panels/memoryOwners.tsx";
import { download } from "../parts/small.tsx";
import { client, digest, isLive, runId, say, step } from "../state.ts";

const tracedSteps = 20;

/** Where time and memory went. */
export function ProfileScreen() {
  const run = runId.value;
  const timed = digest.value?.timed === true;
  const trace = async (): Promise<void> => {
    if (run === undefined) return;
    say(`The next ${tracedSteps} steps are timed, kernel by kernel…`);
    try {
      await client.ask("request", { run, role: "example", request: { type: "trace", steps: tracedSteps } });
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true);
    }
  };
  const save = async (): Promise<void> => {
    if (run === undefined) return;
    download(`${run}.trace.json`, await client.ask("trace", { run, step: step.value }), "application/json");
  };
  return (
    <>
      <div class="chart-tools">
        {isLive.value && (
          <button type="button" onClick={trace} data-do="trace">
            Record {tracedSteps} steps
          </button>
        )}
        {timed && (
          <>
            <button type="button" onClick={save} data-do="save-trace">
              Download Chrome trace
            </button>
            <span class="muted">It opens in Perfetto, chrome://tracing and speedscope.</span>
          </>
        )}
        <span class="space" />
        <span class="muted">{digest.value?.description?.device.description}</span>
      </div>
      <div class="grid profile">
        <Flame />
        {timed && <Kernels />}
        <MemoryOwners />
        <Allocations />
      </div>
    </>
  );
}
