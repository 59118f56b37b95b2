import "@/canvas/editor/assetPath";

import { Excalidraw, MainMenu } from "@excalidraw/excalidraw";
import type { ExcalidrawElement } from "@excalidraw/excalidraw/element/types";
import type { AppState, ExcalidrawImperativeAPI } from "@excalidraw/excalidraw/types";
import "@excalidraw/excalidraw/index.css";
import { useCallback, useMemo, useRef } from "react";
import type { DragEvent } from "react";

import styles from "@/canvas/editor/CanvasEditor.module.css";
import { createPort, fromEditor } from "@/canvas/editor/createPort";
import type { EditorEvents } from "@/canvas/editor/port";
import { useFittingLayout } from "@/canvas/editor/useFittingLayout";
import { useNamedParts } from "@/canvas/editor/useNamedParts";
import { useOwnKeys } from "@/canvas/editor/useOwnKeys";
import { Icon } from "@/ui/Icon";

interface CanvasEditorProps {
  name: string;
  theme: "light" | "dark";
  readOnly: boolean;
  events: EditorEvents;
  onOutline: () => void;
  /** Other ways to take the drawing along, each with what it is called. */
  downloads: readonly { label: string; onSelect: () => void }[];
}

// Images have no place on the server yet; files would replace the shared drawing; links of the library lead outside.
const UI_OPTIONS = {
  canvasActions: {
    changeViewBackgroundColor: false,
    clearCanvas: false,
    loadScene: false,
    saveToActiveFile: false,
    toggleTheme: false,
    saveAsImage: true,
    export: false,
  },
  tools: { image: false },
} as const;

/** The drawing surface. It starts empty; what is on the canvas comes in through the port. */
export function CanvasEditor({ name, theme, readOnly, events, onOutline, downloads }: CanvasEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const api = useRef<ExcalidrawImperativeAPI | null>(null);
  const isReady = useRef(false);
  const selection = useRef("");
  useNamedParts(frame);
  useFittingLayout(frame, api);
  useOwnKeys();

  const handleApi = useCallback((instance: ExcalidrawImperativeAPI) => {
    api.current = instance;
    isReady.current = false;
  }, []);

  const handleChange = useCallback(
    (elements: readonly ExcalidrawElement[], appState: AppState) => {
      // Until its own start is over the editor would wipe what it is given.
      if (appState.isLoading || !api.current) return;
      if (!isReady.current) {
        isReady.current = true;
        events.onReady(createPort(api.current));
      }
      events.onElements(fromEditor(elements));
      const ids = liveIds(appState.selectedElementIds, elements);
      if (ids.join() !== selection.current) {
        selection.current = ids.join();
        events.onSelection(ids);
      }
    },
    [events],
  );

  const handlePointer = useCallback(
    ({ pointer, button }: { pointer: { x: number; y: number }; button: "up" | "down" }) =>
      events.onPointer({ x: pointer.x, y: pointer.y, button }),
    [events],
  );

  const handleScroll = useCallback(
    (scrollX: number, scrollY: number, zoom: AppState["zoom"]) =>
      events.onView({ scrollX, scrollY, zoom: zoom.value }),
    [events],
  );

  const menu = useMemo(
    () => (
      <MainMenu>
        <MainMenu.Item
          icon={<Icon name="outline" size={16} />}
          onSelect={() => {
            // The entry goes with its menu; the focus comes back to what opened that.
            frame.current?.querySelector<HTMLElement>(".main-menu-trigger")?.focus();
            onOutline();
          }}
        >
          Outline
        </MainMenu.Item>
        <MainMenu.DefaultItems.SearchMenu />
        <MainMenu.Separator />
        <MainMenu.DefaultItems.SaveAsImage />
        <MainMenu.Separator />
        <MainMenu.Group title="Download the whole canvas">
          {downloads.map(({ label, onSelect }) => (
            <MainMenu.Item key={label} icon={<Icon name="download" size={16} />} onSelect={onSelect}>
              {label}
            </MainMenu.Item>
          ))}
        </MainMenu.Group>
      </MainMenu>
    ),
    [onOutline, downloads],
  );

  return (
    <div ref={frame} className={styles.frame} onDropCapture={refuseFiles}>
      <Excalidraw
        excalidrawAPI={handleApi}
        onChange={handleChange}
        onPointerUpdate={handlePointer}
        onScrollChange={handleScroll}
        name={name}
        theme={theme}
        viewModeEnabled={readOnly}
        isCollaborating
        aiEnabled={false}
        validateEmbeddable={false}
        handleKeyboardGlobally
        autoFocus={false}
        langCode="en"
        UIOptions={UI_OPTIONS}
      >
        {menu}
      </Excalidraw>
    </div>
  );
}

/** The editor goes on counting as selected what others have deleted. */
function liveIds(
  selected: AppState["selectedElementIds"],
  elements: readonly ExcalidrawElement[],
): readonly string[] {
  if (Object.keys(selected).length === 0) return [];
  return elements
    .filter(({ id, isDeleted }) => selected[id] && !isDeleted)
    .map(({ id }) => id)
    .sort();
}

function refuseFiles(event: DragEvent) {
  if (event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  event.stopPropagation();
}
