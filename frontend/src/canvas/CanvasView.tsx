import { useMemo } from "react";
import { useStore } from "zustand";

import { CanvasEditor } from "@/canvas/editor/CanvasEditor";
import type { EditorEvents } from "@/canvas/editor/port";
import { PreviewLayer } from "@/canvas/PreviewLayer";
import type { CanvasSession } from "@/canvas/session";
import { useTheme } from "@/ui/theme";

interface CanvasViewProps {
  session: CanvasSession;
  title: string;
  onOutline: () => void;
}

/** The drawing surface of a session. */
export function CanvasView({ session, title, onOutline }: CanvasViewProps) {
  const theme = useTheme();
  const role = useStore(session.store, (state) => state.role);
  const loaded = useStore(session.store, (state) => state.loaded);
  const events = useMemo<EditorEvents>(
    () => ({
      onReady: (port) => session.attachEditor(port),
      onElements: (elements) => session.noteElements(elements),
      onSelection: (ids) => session.noteSelection(ids),
      onView: (view) => session.noteView(view),
      onPointer: (pointer) => session.notePointer(pointer),
    }),
    [session],
  );
  return (
    <>
      <CanvasEditor
        name={title}
        theme={theme}
        readOnly={!loaded || role === null || role === "viewer"}
        events={events}
        onOutline={onOutline}
      />
      <PreviewLayer session={session} />
    </>
  );
}
