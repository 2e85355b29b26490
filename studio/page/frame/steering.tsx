import { useSignal } from "@preact/signals";
import type { ParameterDefinition } from "chainrule/record";
import { number } from "../format.ts";
import { command, digest } from "../state.ts";
import { Glyph } from "./icons.tsx";
import { pauseOrResume } from "./keyboard.ts";

/** What can be done with a training: hold it, step it, stop it, turn its screws. */
export function Steering() {
  const paused = digest.value?.phase === "paused";
  const parameters = digest.value?.description?.parameters ?? [];
  return (
    <div class="steering" role="group" aria-label="steering">
      <button type="button" onClick={pauseOrResume} title="Space" data-do={paused ? "resume" : "pause"}>
        <Glyph name={paused ? "play" : "pause"} filled={paused} />
        {paused ? "Resume" : "Pause"}
      </button>
      <button type="button" onClick={() => command({ type: "step", count: 1 })} title="." data-do="step">
        <Glyph name="step" />
        Step
      </button>
      <button type="button" onClick={() => command({ type: "stop", save: true })} data-do="stop">
        <Glyph name="stop" />
        <span>Stop + save</span>
      </button>
      {parameters.map((parameter) => (
        <Parameter key={parameter.name} parameter={parameter} />
      ))}
    </div>
  );
}

const sliderSteps = 200;

/** A declared parameter as a slider. It is sent when the slider is let go, not on the way. */
function Parameter({ parameter: { name, min, max, scale } }: { readonly parameter: ParameterDefinition }) {
  const dragged = useSignal<number | undefined>(undefined);
  const value = dragged.value ?? digest.value?.parameters[name] ?? min;
  const log = scale === "log" && min > 0;
  const toPlace = (each: number): number =>
    sliderSteps * (log ? Math.log(each / min) / Math.log(max / min) : (each - min) / (max - min));
  const fromPlace = (place: number): number =>
    log ? min * (max / min) ** (place / sliderSteps) : min + ((max - min) * place) / sliderSteps;
  return (
    <label class="parameter">
      {name === "learningRate" ? "lr" : name}
      <input
        type="range"
        min={0}
        max={sliderSteps}
        value={toPlace(Math.min(max, Math.max(min, value)))}
        aria-label={name}
        aria-valuetext={number(value)}
        data-parameter={name}
        onInput={({ currentTarget }) => {
          dragged.value = fromPlace(currentTarget.valueAsNumber);
        }}
        onChange={async ({ currentTarget }) => {
          await command({ type: "set", name, value: Number(fromPlace(currentTarget.valueAsNumber).toPrecision(3)) });
          dragged.value = undefined;
        }}
      />
      <output>{number(value)}</output>
    </label>
  );
}
