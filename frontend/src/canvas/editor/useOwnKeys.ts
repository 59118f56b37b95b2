import { useEffect } from "react";

/** The editor and its windows, which it hangs beside the page. */
const EDITOR = ".excalidraw";

/**
 * Keys reach the drawing only from the drawing, while the component is shown.
 *
 * The editor listens to the whole document: a Delete pressed on a button of the page, or on nothing because the button
 * went, would delete what is selected. Only undo and redo work from everywhere.
 */
export function useOwnKeys(): void {
  useEffect(() => {
    // Until somebody has gone elsewhere, keys are for the drawing.
    let isElsewhere = false;
    const note = ({ target }: Event) => {
      if (!isNowhere(target)) isElsewhere = !isInEditor(target);
    };
    const press = ({ target }: Event) => {
      isElsewhere = !isInEditor(target);
    };
    const guard = (event: KeyboardEvent) => {
      const isOurs = isNowhere(event.target) ? !isElsewhere : isInEditor(event.target);
      if (!isOurs && !isUndoOrRedo(event)) event.stopPropagation();
    };
    document.addEventListener("focusin", note);
    document.addEventListener("pointerdown", press, { capture: true });
    // Above the page's own listeners, below those of the editor.
    document.documentElement.addEventListener("keydown", guard);
    return () => {
      document.removeEventListener("focusin", note);
      document.removeEventListener("pointerdown", press, { capture: true });
      document.documentElement.removeEventListener("keydown", guard);
    };
  }, []);
}

function isInEditor(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(EDITOR) !== null;
}

/** Where the focus is when nobody put it anywhere: on the page, or on the heading to which a change of page leads. */
function isNowhere(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.matches("h1"));
}

function isUndoOrRedo(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && ["z", "y"].includes(event.key.toLowerCase());
}
