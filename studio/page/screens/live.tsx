import { useSignal } from "@preact/signals";
import { Curves, curvesOf } from "../charts/curves.tsx";
import { capital, isShare, words } from "../format.ts";
import { Boundary } from "../panels/boundary.tsx";
import { ChartTools } from "../panels/chartTools.tsx";
import { Commands } from "../panels/commands.tsx";
import { Doctor } from "../panels/doctor.tsx";
import { DrawPad } from "../panels/drawPad.tsx";
import { Pace } from "../panels/pace.tsx";
import { ProbeSet } from "../panels/probeSet.tsx";
import { TitleChoice } from "../parts/small.tsx";
import { digest, runId, steerable } from "../state.ts";

/** How the run goes, now or at the cursor. */
export function LiveScreen() {
  const { data } = digest.value?.description ?? {};
  return (
    <>
      <ChartTools />
      <div class="grid live">
        <Curves
          title="Loss"
          class="wide"
          curves={() => curvesOf(runId.value, ["loss"])}
          missing={["The loss of each step", "It is drawn as soon as the first step is done."]}
        />
        <Metrics />
        <ProbeSet />
        <Pace />
        <Figures />
        <Doctor />
        {data?.kind === "points" && <Boundary />}
        {data?.kind === "image" && steerable.value && <DrawPad />}
        <Commands />
      </div>
    </>
  );
}

/** The metrics, one at a time. */
function Metrics() {
  const chosen = useSignal("");
  const names = [
    ...new Set((digest.value?.series ?? []).filter(({ group }) => group === "metric").map(({ name }) => name)),
  ];
  const name = names.includes(chosen.value) ? chosen.value : names[0];
  return (
    <Curves
      key={name ?? ""}
      title={name === undefined ? "Metrics" : capital(words(name))}
      class="wide"
      share={name !== undefined && isShare(name)}
      curves={() => (name === undefined ? [] : curvesOf(runId.value, [name]))}
      missing={["A metric, such as accuracy", 'Name one: compile({ metrics: ["accuracy"] }).']}
      choice={names.length > 1 && <TitleChoice label="metric" names={names} name={name} chosen={chosen} />}
    />
  );
}

/** Learning rate, gradient norm and what the user logs. */
function Figures() {
  const chosen = useSignal("");
  const groups = new Set(["parameter", "norm", "user"]);
  const names = [
    ...new Set((digest.value?.series ?? []).filter(({ group }) => groups.has(group)).map(({ name }) => name)),
  ];
  const name = names.includes(chosen.value)
    ? chosen.value
    : (names.find((each) => each === "gradientNorm") ?? names[0]);
  return (
    <Curves
      key={name ?? ""}
      title={name === undefined ? "Figures" : capital(words(name))}
      curves={() => (name === undefined ? [] : curvesOf(runId.value, [name]))}
      missing={["Learning rate and gradient norm", "The recorder writes them each step."]}
      choice={names.length > 1 && <TitleChoice label="figure" names={names} name={name} chosen={chosen} />}
    />
  );
}
