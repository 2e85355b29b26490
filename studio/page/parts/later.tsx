import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { styleOfScreens } from "../files.ts";

/** A component that is loaded when it is shown for the first time, with the style of what is loaded later. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const loaded = signal<ComponentType<P> | undefined>(undefined);
  return function Later(props: P) {
    useEffect(() => {
      if (loaded.value !== undefined) return;
      void Promise.all([load(), styleOfScreens()]).then(([component]) => {
        loaded.value = component;
      });
    }, []);
    const Shown = loaded.value;
    return Shown === undefined ? null : <Shown {...props} />;
  };
}
