import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { percent } from "../format.ts";
import { later } from "../parts/later.tsx";
import { connection, digest, isLive, nameOfRun, openRun, rows, runId, screen } from "../state.ts";
import { type ThemeChoice, themeChoice } from "../theme.ts";
import { Glyph } from "./icons.tsx";
import { helpOpen } from "./keyboard.ts";

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

const Menu = later(async () => (await import("./menu.tsx")).Menu);

function More() {
  const menu = useRef<HTMLDetailsElement>(null);
  const open = useSignal(false);
  const close = (): void => {
    if (menu.current !== null) menu.current.open = false;
  };
  return (
    <details
      class="more"
      ref={menu}
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open;
      }}
      onKeyDown={({ key }) => key === "Escape" && close()}
    >
      <summary title="More">
        <Glyph name="more" />
        <span class="unseen">more</span>
      </summary>
      {open.value && <Menu close={close} />}
    </details>
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
          {nameOfRun(id, run?.name)}
        </option>
      ))}
    </select>
  );
}

function PhaseMark() {
  const { phase = "done", reason, notFinite = [] } = digest.value ?? {};
  const lost = rows.value.find(({ id }) => id === runId.value)?.state === "lost";
  const shown = lost ? "lost" : phase;
  const bad = shown === "failed" || shown === "lost" || notFinite.length > 0;
  return (
    <span class={`phase phase-${shown}`} title={reason ?? ""} data-phase={shown}>
      <span class={`dot ${isLive.value && shown !== "paused" ? "dot-live" : ""} ${bad ? "dot-bad" : ""}`} />
      {isLive.value && shown === "training" ? "live" : shown}
    </span>
  );
}

const Steering = later(async () => (await import("./steering.tsx")).Steering);

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
