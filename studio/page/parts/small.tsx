import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { capital, words } from "../format.ts";

/** What stands where there is nothing to show yet: what it would be, and what would fill it. */
export function Missing({ what, fill }: { readonly what: string; readonly fill: ComponentChildren }) {
  return (
    <div class="missing">
      <p>{what}</p>
      <p class="muted">{fill}</p>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly T[];
  readonly value: Signal<T>;
  readonly nameOf?: (option: T) => string;
}

/** One of a few: buttons in a row. */
export function Choice<T extends string>({ label, options, value, nameOf = (option) => option }: ChoiceProps<T>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          aria-pressed={value.value === option}
          onClick={() => {
            value.value = option;
          }}
        >
          {nameOf(option)}
        </button>
      ))}
    </div>
  );
}

/** Shows all of a long list, or its beginning again. */
export const MoreSwitch = ({ all, count }: { readonly all: Signal<boolean>; readonly count: number }) => (
  <button
    type="button"
    class="quiet link"
    onClick={() => {
      all.value = !all.value;
    }}
  >
    {all.value ? "Fewer" : `All ${count}`}
  </button>
);

interface TitleChoiceProps {
  readonly label: string;
  readonly names: readonly string[];
  readonly name: string | undefined;
  readonly chosen: Signal<string>;
}

/** A title that chooses what is shown below it. */
export const TitleChoice = ({ label, names, name, chosen }: TitleChoiceProps) => (
  <select
    class="title-choice"
    aria-label={label}
    value={name ?? ""}
    onChange={({ currentTarget }) => {
      chosen.value = currentTarget.value;
    }}
  >
    {names.map((each) => (
      <option key={each} value={each}>
        {capital(words(each))}
      </option>
    ))}
  </select>
);

/** A panel that holds words and numbers, and no picture. */
export function Panel({
  title,
  tools,
  children,
  class: style = "",
  asIs = false,
}: {
  readonly title: ComponentChildren;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
  /** Whether the title is somebody's name, and written as it is. */
  readonly asIs?: boolean;
}) {
  return (
    <section class={`panel ${style}`}>
      <header class="panel-head">
        <h2 class={asIs ? "as-is" : ""}>{title}</h2>
        <div class="tools">{tools}</div>
      </header>
      {children}
    </section>
  );
}

/** Hands the user a file. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
