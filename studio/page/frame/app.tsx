import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { styleOfScreens } from "../files.ts";
import { later } from "../parts/later.tsx";
import { Missing } from "../parts/small.tsx";
import { announcement, connection, digest, notice, rows, runId, type Screen, screen, screens } from "../state.ts";
import { CursorBar } from "./cursorBar.tsx";
import { dragging } from "./drop.ts";
import { ScreenIcon } from "./icons.tsx";
import { helpOpen } from "./keyboard.ts";
import { OpenFiles } from "./openFiles.tsx";
import { TopBar } from "./topBar.tsx";

const titles: { readonly [S in Screen]: string } = {
  runs: "Runs",
  live: "Live",
  network: "Network",
  health: "Health",
  data: "Data",
  profile: "Profile",
};

/** Screens are loaded when they are opened. */
const screenModules: { readonly [S in Screen]: () => Promise<ComponentType> } = {
  runs: async () => (await import("../screens/runs.tsx")).RunsScreen,
  live: async () => (await import("../screens/live.tsx")).LiveScreen,
  network: async () => (await import("../screens/network.tsx")).NetworkScreen,
  health: async () => (await import("../screens/health.tsx")).HealthScreen,
  data: async () => (await import("../screens/data.tsx")).DataScreen,
  profile: async () => (await import("../screens/profile.tsx")).ProfileScreen,
};

const Help = later(async () => (await import("./help.tsx")).Help);

const loaded = signal<{ readonly [S in Screen]?: ComponentType }>({});

export function App() {
  const now = screen.value;
  useEffect(() => {
    if (loaded.value[now] !== undefined) return;
    const style = now === "runs" ? undefined : styleOfScreens();
    void Promise.all([screenModules[now](), style]).then(([component]) => {
      loaded.value = { ...loaded.value, [now]: component };
    });
  }, [now]);
  useEffect(() => {
    document.title = `${titles[now]} · ${runId.value === undefined ? "" : `${runId.value} · `}Chainrule studio`;
  });
  const Shown = loaded.value[now];
  return (
    <div class="app">
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the screen
      </button>
      <Rail />
      <TopBar />
      <main id="main" class={`screen screen-${now}`} tabIndex={-1} data-screen={now}>
        <h1 class="unseen">{titles[now]}</h1>
        {rows.value.length === 0 && digest.value === undefined ? <Welcome /> : Shown !== undefined && <Shown />}
      </main>
      <CursorBar />
      {helpOpen.value && <Help />}
      <output class={`notice ${notice.value?.bad ? "bad" : ""}`} hidden={notice.value === undefined}>
        {notice.value?.text}
      </output>
      <div class="unseen" role="status" aria-live="polite">
        {announcement}
      </div>
      <div class="drop-hint" hidden={!dragging.value}>
        Drop a run: its log, its folder, or a folder of runs
      </div>
    </div>
  );
}

function Rail() {
  return (
    <nav class="rail" aria-label="Screens">
      <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
        <path class="logo-a" d="M4 8c6 0 7 15 13 15 6 0 7-4 11-4" />
        <path class="logo-b" d="M4 24c7 0 10-13 24-15" />
      </svg>
      <ul>
        {screens.map((name, at) => (
          <li key={name}>
            <button
              type="button"
              aria-current={screen.value === name ? "page" : undefined}
              title={`${titles[name]} (${at + 1})`}
              onClick={() => {
                screen.value = name;
              }}
            >
              <ScreenIcon name={name} />
              <span>{titles[name]}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Welcome() {
  const { state, words } = connection.value;
  return (
    <div class="welcome">
      <Missing
        what="No runs yet"
        fill={
          <>
            Start a training with <code>fit(…, {"{ studio: true }"})</code>, or drop a run here: its log, its folder, or
            a folder of runs.
          </>
        }
      />
      <OpenFiles />
      {state === "retrying" && <p class="muted">The server does not answer: {words}</p>}
    </div>
  );
}
