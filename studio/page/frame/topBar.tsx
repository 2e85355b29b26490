import { useSignal } from "@preact/signals";
import type { ParameterDefinition } from "chainrule/record";
import { number, percent } from "../format.ts";
import { command, connection, digest, isLive, openRun, rows, runId, screen } from "../state.ts";
import { type ThemeChoice, themeChoice } from "../theme.ts";
import { Glyph } from "./icons.tsx";
import { helpOpen, pauseOrResume } from "./keyboard.ts";
import { More } from "./more.tsx";

/** The run, what it does, and what can be done with it. */
export function TopBar() {
  const known = digest.value;
  return (
    <header class="top-bar">
      <RunChoice />
      {known !== undefined && <PhaseMark />}
      {isLive.value && <Steering />}
      <span class="space" />
      {known?.recording !== undefined && (
        <span class="muted recording" title={`statistics each ${known.recording.stride} steps`}>
          recording {percent(known.recording.share, 1)}
        </span>
      )}
      {connection.value.state === "retrying" && <span class="retrying">reconnecting…</span>}
      {known !== undefined && <More />}
      <ThemeSwitch />
      <button
        type="button"
        class="quiet"
        title="Keys (?)"
        onClick={() => {
          helpOpen.value = true;
        }}
      >
        <Glyph name="help" />
        <span class="unseen">keys</span>
      </button>
    </header>
  );
}

function RunChoice() {
  const choose = (id: string): void => {
    openRun(id);
    if (screen.value === "runs") screen.value = "live";
  };
  if (rows.value.length === 0) return <strong class="brand">Chainrule studio</strong>;
  return (
    <select
      class="run-choice"
      aria-label="run"
      value={runId.value ?? ""}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      {rows.value.map(({ id, run }) => (
        <option key={id} value={id}>
          {run?.name ?? id}
        </option>
      ))}
    </select>
  );
}

export const phaseWords = (phase: string): string => (phase === "notFinite" ? "not finite" : phase);

function PhaseMark() {
  const { phase = "done", reason, notFinite = [] } = digest.value ?? {};
  const lost = rows.value.find(({ id }) => id === runId.value)?.state === "lost";
  const shown = lost ? "lost" : phase;
  const bad = shown === "failed" || shown === "lost" || notFinite.length > 0;
  return (
    <span class={`phase phase-${shown}`} title={reason ?? ""} data-phase={shown}>
      <span class={`dot ${isLive.value && shown !== "paused" ? "dot-live" : ""} ${bad ? "dot-bad" : ""}`} />
      {isLive.value && shown === "training" ? "live" : phaseWords(shown)}
    </span>
  );
}

function Steering() {
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
        <span>Stop</span>
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

const themes: { readonly [T in ThemeChoice]: { readonly next: ThemeChoice; readonly glyph: "auto" | "sun" | "moon" } } =
  {
    system: { next: "light", glyph: "auto" },
    light: { next: "dark", glyph: "sun" },
    dark: { next: "system", glyph: "moon" },
  };

function ThemeSwitch() {
  const { next, glyph } = themes[themeChoice.value];
  return (
    <button
      type="button"
      class="quiet"
      data-do="theme"
      title={`Theme: ${themeChoice.value}`}
      onClick={() => {
        themeChoice.value = next;
      }}
    >
      <Glyph name={glyph} />
      <span class="unseen">theme: {themeChoice.value}</span>
    </button>
  );
}
