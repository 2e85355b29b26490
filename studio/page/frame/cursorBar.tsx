import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { count } from "../format.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { hurry, reducedMotion } from "../scheduler.ts";
import { cursor, digest, isLive, lastStep, moveCursor, step } from "../state.ts";
import { palette } from "../theme.ts";
import { Glyph } from "./icons.tsx";

/** How many times as fast as a run of 60 seconds the film goes; 0: it stands. */
const playing = signal(0);
const speeds = [1, 4, 16];
const filmSeconds = 60;
const tickMs = 100;

/** The time cursor: it moves every panel of every screen. */
export function CursorBar() {
  const timer = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  useEffect(() => {
    clearInterval(timer.current);
    if (playing.value === 0) return;
    // Who wants little motion sees a picture a second.
    const pause = reducedMotion.value ? 1000 : tickMs;
    timer.current = setInterval(() => {
      const stride = Math.max(1, (lastStep.value * playing.value * pause) / (1000 * filmSeconds));
      if (step.value + stride >= lastStep.value) playing.value = 0;
      moveCursor(step.value + stride);
    }, pause);
    return () => clearInterval(timer.current);
  }, [playing.value, reducedMotion.value]);

  const steps = digest.value?.description?.steps;
  const follows = cursor.value === "live";
  const draw: Draw = (context, { width, height }) => {
    const { accent, alarm, faint } = palette.value;
    const last = Math.max(1, lastStep.value);
    for (const { step: at, kind } of digest.value?.markers ?? []) {
      context.fillStyle = kind === "notFinite" || kind === "phase" ? alarm : kind === "command" ? accent : faint;
      context.fillRect(Math.round((at / last) * (width - 16)) + 7, 0, 2, height);
    }
  };
  const play = (speed: number): void => {
    if (follows && speed > 0) cursor.value = 0;
    playing.value = playing.value === speed ? 0 : speed;
  };
  return (
    <section class="cursor-bar" aria-label="Time">
      <button type="button" class="quiet" title="To the beginning" onClick={() => moveCursor(0)}>
        <Glyph name="start" />
        <span class="unseen">to the beginning</span>
      </button>
      <div class="cursor-track">
        <Canvas draw={draw} class="cursor-marks" />
        <input
          type="range"
          min={0}
          max={lastStep.value}
          value={step.value}
          step={1}
          aria-label="time cursor"
          aria-valuetext={`step ${step.value} of ${lastStep.value}`}
          onInput={({ currentTarget }) => {
            playing.value = 0;
            moveCursor(currentTarget.valueAsNumber);
            hurry();
          }}
        />
      </div>
      <button
        type="button"
        class="live-button"
        aria-pressed={follows}
        onClick={() => {
          cursor.value = "live";
        }}
      >
        <span class={`dot ${isLive.value ? "dot-live" : ""}`} /> {isLive.value ? "live" : "end"}
      </button>
      <p class="cursor-step">
        step <b data-step={step.value}>{count(step.value)}</b>
        <span class="muted"> / {count(isLive.value ? Math.max(steps ?? 0, lastStep.value) : lastStep.value)}</span>
      </p>
      <div class="choice" role="group" aria-label="play the run like a film">
        {speeds.map((speed) => (
          <button key={speed} type="button" aria-pressed={playing.value === speed} onClick={() => play(speed)}>
            {speed}×
          </button>
        ))}
      </div>
    </section>
  );
}
