import { useMemo } from "react";
import { useStore } from "zustand";

import { EXPORT_FORMATS, exportAddress } from "@/api/endpoints";
import type { ExportFormat } from "@/api/endpoints";
import { CanvasEditor } from "@/canvas/editor/CanvasEditor";
import type { EditorEvents } from "@/canvas/editor/port";
import { PreviewLayer } from "@/canvas/PreviewLayer";
import type { CanvasSession } from "@/canvas/session";
import { useTheme } from "@/ui/theme";

const FORMAT_LABELS: Readonly<Record<ExportFormat, string>> = {
  png: "Picture (PNG)",
  svg: "Vector picture (SVG)",
  mermaid: "Flowchart as Mermaid",
  markdown: "Text (Markdown)",
  excalidraw: "Excalidraw file",
};

interface CanvasViewProps {
  canvasId: string;
  session: CanvasSession;
  title: string;
  onOutline: () => void;
}

/** The drawing surface of a session. */
export function CanvasView({ canvasId, session, title, onOutline }: CanvasViewProps) {
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
  const downloads = useMemo(
    () =>
      EXPORT_FORMATS.map((format) => ({
        label: FORMAT_LABELS[format],
        onSelect: () => download(exportAddress(canvasId, format)),
      })),
    [canvasId],
  );
  return (
    <>
      <CanvasEditor
        name={title}
        theme={theme}
        readOnly={!loaded || role === null || role === "viewer"}
        events={events}
        onOutline={onOutline}
        downloads={downloads}
      />
      <PreviewLayer session={session} />
    </>
  );
}

/** The server names the file and has it saved instead of shown. */
function download(address: string) {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.click();
}
