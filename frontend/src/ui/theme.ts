import { createStore } from "zustand/vanilla";
import { useStore } from "zustand";

export type Theme = "light" | "dark";

const STORAGE_KEY = "collabcanvas.theme";
const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme | null {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored === "light" || stored === "dark" ? stored : null;
  } catch {
    // The browser forbids the page to keep anything; then the choice lasts as long as the page.
    return null;
  }
}

function current(): Theme {
  return chosen() ?? (systemIsDark.matches ? "dark" : "light");
}

const store = createStore<{ theme: Theme }>(() => ({ theme: current() }));

/** Puts the theme on the document and follows the system until the person has chosen one. */
export function followTheme(): void {
  const show = (theme: Theme) => {
    document.documentElement.dataset["theme"] = theme;
  };
  show(store.getState().theme);
  store.subscribe(({ theme }) => show(theme));
  systemIsDark.addEventListener("change", () => store.setState({ theme: current() }));
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // As above.
  }
  store.setState({ theme });
}

export function useTheme(): Theme {
  return useStore(store, (state) => state.theme);
}
